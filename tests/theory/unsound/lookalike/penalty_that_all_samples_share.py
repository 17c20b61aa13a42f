"""Residuals weighted by λ have mean zero.

Refused: only looks like
E[λ r] = 0, with a λ of its own that is the same for all samples.
False for x = 2, −2 with λ = 1, 0 and D = 1: b = −1, z = 2, 0 and r = 1, −1, so that E[λ r] = 1/2.
Boundary: true if λ is the same for all samples.

Reference: made up to be refused.
"""

from sympy import Symbol

from theory.derive import bias
from theory.expectation import E
from theory.problem import L1, a, b, r
from theory.statement import Eq, Statement, Status

penalty = Symbol("lambda", nonnegative=True)
statement = Statement(
    status=Status.PROVED,
    about=L1,
    claim=Eq(E(penalty * r[a]), 0),
    proof=-penalty * bias[a],
    controls={"the bias": Eq(E(penalty * r[a]), b[a]), "its opposite": Eq(E(penalty * r[a]), -b[a])},
)
