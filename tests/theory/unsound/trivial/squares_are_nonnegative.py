"""The square of a residual is nonnegative.

Refused: true of any numbers
‖r‖² ≥ 0, of any numbers.
Boundary: equality at r = 0.

Reference: made up to be refused.
"""

from theory.problem import r, square
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Ge(square(r), 0),
    proof=square(r),
    controls={"above one": Ge(square(r), 1), "negative": Le(square(r), -1)},
)
