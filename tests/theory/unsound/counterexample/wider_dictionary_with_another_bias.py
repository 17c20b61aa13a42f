"""A wider dictionary costs no more.

Refused: another fixed bias
The best cost with one atom more is at most the cost, by W2; the wider one of the counterexample has another fixed
bias.
Boundary: equality where the atoms suffice.

Reference: made up to be refused.
"""

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import L1, G, cost_wider, j, loss
from theory.statement import Eq, Le, Statement, Status

rows = [[3], [3]]
statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Le(cost_wider, E(loss())),
    counterexample=Counterexample(
        x=rows,
        D=[[1]],
        z=[[2], [2]],
        lam=1,
        b=[0],
        bias=False,
        wider=Counterexample(x=rows, D=[[1, -1]], z=[[5, 0], [5, 0]], lam=1, b=[-3], bias=False),
    ),
    controls={"unit norm": Eq(G[j, j], 1)},
)
