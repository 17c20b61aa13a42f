"""Residuals have mean zero where the data has and has not.

E[r] = 0.
Boundary: none.

Reference: a broken twin, which must fail.
"""

from theory.expectation import E
from theory.problem import a, r, x, xhat
from theory.statement import Eq, Gt, Statement, Status

statement = Statement(
    status=Status.OPEN,
    claim=Eq(E(r[a]), 0),
    given=[Gt(E(x[a]), 0), Eq(E(x[a]), 0)],
    controls={"it is the reconstruction": Eq(E(r[a]), E(xhat[a]))},
)
