"""No coordinate of a residual is negative, in a relation with two faces.

Refused: of its own
r_a ≥ 0 in print, and ‖r‖² ≥ 0 to whoever asks for its sides.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import GreaterThan, S

from theory.problem import a, r, square
from theory.statement import Ge, Le, Statement, Status


class AtLeast(GreaterThan):
    """A relation that shows the kernel other sides than the reader."""

    @property
    def lhs(self) -> object:
        return square(r)

    @property
    def rhs(self) -> object:
        return S.Zero


statement = Statement(
    status=Status.PROVED,
    claim=AtLeast(r[a], 0, evaluate=False),
    proof=square(r),
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
