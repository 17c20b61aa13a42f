"""A dearer dictionary costs no less.

Refused: another fixed bias
The best cost at twice the λ is at least the best cost, by A6; the dearer one of the counterexample has a fixed bias
that takes all the data.
Boundary: equality at cost 0.

Reference: made up to be refused.
"""

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import L1, G, cost_dearer, j, known, loss
from theory.statement import Eq, Ge, Gt, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Ge(cost_dearer, E(loss())),
    given=[Gt(known, 0)],
    counterexample=Counterexample(
        x=[[3]],
        D=[[1]],
        z=[[2]],
        lam=1,
        b=[0],
        bias=False,
        dearer=Counterexample(x=[[3]], D=[[1]], z=[[0]], lam=2, b=[3], bias=False),
    ),
    controls={"unit norm": Eq(G[j, j], 1)},
)
