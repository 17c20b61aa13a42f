"""No coordinate of a residual is negative, says the statement.

Refused: Theorem of its own
r_a ≥ 0, with a proof that is the file's own method.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import S

from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status


class Theorem(Statement):
    """A statement that needs no kernel."""

    def prove(self) -> None:
        return None


statement = Theorem(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=S.Zero,
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
