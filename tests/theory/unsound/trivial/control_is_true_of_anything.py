"""Residuals have mean zero, and squares are squares.

Refused: true of any numbers
E[r] = 0, with the control ‖r‖² ≥ 0, which can never fail.
Boundary: the claim is true, its control is not one.

Reference: made up to be refused.
"""

from theory.derive import bias
from theory.expectation import E
from theory.problem import a, r, square
from theory.statement import Eq, Ge, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(E(r[a]), 0),
    proof=-bias[a],
    controls={"squares": Ge(square(r), 0)},
)
