"""A wider dictionary halves the cost.

2 cost' ≤ cost with one atom more is false where the atoms suffice.
Boundary: none.

Reference: the sound twin of a file of the unsound corpus.
"""

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import L1, cost_wider, loss
from theory.statement import Le, Statement, Status

rows = [[3], [3]]
statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Le(2 * cost_wider, E(loss())),
    counterexample=Counterexample(
        x=rows,
        D=[[1]],
        z=[[2], [2]],
        lam=1,
        b=[0],
        bias=False,
        wider=Counterexample(x=rows, D=[[1, -1]], z=[[2, 0], [2, 0]], lam=1, b=[0], bias=False),
    ),
    controls={"it costs no more (W2)": Le(cost_wider, E(loss()))},
)
