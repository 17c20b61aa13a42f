"""The residual of an optimum vanishes, as the memory of conditions says of a free bias.

Refused: not 0
r = 0, where the derivation of another condition, which equals that of the bias, was remembered in its place.
False for x = 2, −2, D = (1, −1), λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

from theory import derive
from theory.derive import bias, conditions
from theory.problem import FAMILY, L1, a, r, x
from theory.statement import Eq, Statement, Status


class Planted(derive.Premise):
    """A condition that equals the one that is meant."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash(conditions(self.objective)["bias"])


derive._residual.cache_clear()
for objective in (FAMILY, L1):
    meant = conditions(objective)["bias"]
    derive._residual(Planted(meant.symbol, meant.indices, lambda _: r[a], meant.of, meant.objective))
    assert meant.residual == r[a]

statement = Statement(
    status=Status.PROVED,
    claim=Eq(r[a], 0),
    proof=bias[a],
    controls={"the data": Eq(r[a], x[a]), "its opposite": Eq(r[a], -x[a])},
)
