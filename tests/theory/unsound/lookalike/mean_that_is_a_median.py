"""Residuals have median zero.

Refused: not part of the language
The median of r is 0 for each coordinate, where `Median` counts as the mean E.
False for r = 2, −1, −1, whose mean is 0.
Boundary: true of symmetric residuals.

Reference: made up to be refused.
"""

from theory.derive import bias
from theory.expectation import E
from theory.problem import a, b, r
from theory.statement import Eq, Statement, Status


class Median(E):
    """The value in the middle, over samples."""


statement = Statement(
    status=Status.PROVED,
    claim=Eq(Median(r[a]), 0),
    proof=-bias[a],
    controls={"the bias": Eq(Median(r[a]), b[a]), "its opposite": Eq(Median(r[a]), -b[a])},
)
