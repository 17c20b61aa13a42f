"""The residual of an optimum vanishes, as it equals a condition.

Refused: r[a]: r
r = 0, where what stands for the residual equals whatever it is compared with.
False for x = 2, −2, D = (1, −1), λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

from theory.derive import bias
from theory.expectation import SampledBase
from theory.problem import a, r, x
from theory.statement import Eq, Statement, Status


class Anything(SampledBase):
    """A symbol that is every other one."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash(bias)


residual = Anything("r", real=True)
statement = Statement(
    status=Status.PROVED,
    claim=Eq(r[a], 0),
    proof=residual[a],
    controls={"the data": Eq(r[a], x[a]), "its opposite": Eq(r[a], -x[a])},
)
