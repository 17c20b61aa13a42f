"""No coordinate of a residual is negative, in an expression that has other parts each time it is asked.

Refused: not part of the language
r_a ≥ 0, where the certificate is r_a at first and ‖r‖² later.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import Expr, S

from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status


class Shifting(Expr):
    """An expression that is nonnegative when asked, and whatever is wanted when compared."""

    is_nonnegative = True
    is_commutative = True
    _op_priority = 100.0

    def __rsub__(self, other: object) -> object:
        return S.Zero

    def replace(self, *whatever: object, **named: object) -> object:
        return S.Zero

    def has(self, *whatever: object) -> bool:
        return False


statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=Shifting(),
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
