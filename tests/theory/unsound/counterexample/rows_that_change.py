"""An active unit has no multiplier, times any number.

Refused: the claim holds at the counterexample
u_a z_j μ_j = 0, at codes that are others when they are read again.
True of every optimum.
Boundary: none.

Reference: made up to be refused.
"""

from theory.counterexample import Counterexample
from theory.problem import a, j, mu, u, z
from theory.statement import Eq, Statement, Status


class Rows(list):
    asked = 0

    def __iter__(self):
        Rows.asked += 1
        return iter([[0], [1], [7]] if Rows.asked < 9 else [[0], [5], [7]])


statement = Statement(
    status=Status.REFUTED,
    claim=Eq(u[a] * z[j] * mu[j], 0),
    counterexample=Counterexample(x=[[-2], [2], [8]], D=[[1]], z=Rows([[0], [1], [7]]), lam=1, b=[0]),
    controls={"codes are nothing": Eq(z[j], 0)},
)
