"""No coordinate of a residual is negative, as its positive part is all of it.

Refused: not part of the language
r_a ≥ 0, where `whole` prints as r_a and counts as a positive part.
False for x = −2, D = 1, λ = 1, where r = −2.
Boundary: true of data above the bias.

Reference: made up to be refused.
"""

from theory.problem import a, pos, r
from theory.statement import Ge, Le, Statement, Status


class whole(pos):
    """Its argument, as it stands."""

    def _sympystr(self, printer: object) -> str:
        return str(self.args[0])


statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=whole(r[a]),
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
