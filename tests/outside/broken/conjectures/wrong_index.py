"""Residuals have mean zero.

E[r] = 0.
Boundary: none.

Reference: a broken twin, which must fail.
"""

from theory.expectation import E
from theory.problem import a, j, r, xhat
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.OPEN,
    claim=Eq(E(r[j]), 0),
    controls={"it is the reconstruction": Eq(E(r[a]), E(xhat[a]))},
)
