"""The mean residual is no part of the mean of the data.

Refused: may be zero
E[r]/E[x] = 0 for each coordinate: 0/0 for data that are centred.
Boundary: true of data whose mean is nowhere 0.

Reference: made up to be refused.
"""

from sympy import S

from theory.derive import bias
from theory.expectation import E
from theory.problem import a, r, x
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(E(r[a]) / E(x[a]), 0),
    proof=-bias[a] / E(x[a]),
    controls={"half of it": Eq(E(r[a]) / E(x[a]), S.Half), "all of it": Eq(E(r[a]) / E(x[a]), 1)},
)
