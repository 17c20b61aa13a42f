"""Residuals have mean zero.

E[r] = 0.
Boundary: none.

Reference: a broken twin, which must fail.
"""

from theory.expectation import E
from theory.problem import a, b, r, x, xhat
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.OPEN,
    claim=Eq(E(r[a]), 0),
    controls={"the data is bias and reconstruction": Eq(E(x[a]), b[a] + E(xhat[a]))},
)
