"""Residuals have mean zero.

E[r] = 0.
Boundary: none.

Reference: a broken twin, which must fail.
"""

from theory.expectation import E
from theory.problem import a, r, square, x
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.OPEN,
    claim=Eq(E(r[a]), 0),
    controls={"times the energy of the data": Eq(E(r[a]) * E(square(x)), 0)},
)
