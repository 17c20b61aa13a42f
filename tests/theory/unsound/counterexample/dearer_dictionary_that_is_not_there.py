"""A dearer dictionary costs no less than one that is certainly the best.

Refused: dearer
The best cost at twice the λ is at least the best cost, by A6; the counterexample names no dearer dictionary.
Boundary: none.

Reference: made up to be refused.
"""

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import L1, G, cost_dearer, j, known, loss
from theory.statement import Eq, Ge, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Ge(cost_dearer, 2 * E(loss()) * known - E(loss())),
    counterexample=Counterexample(x=[[2], [20]], D=[[1]], z=[[1], [19]], lam=1, b=[0], bias=False),
    controls={"unit norm": Eq(G[j, j], 1)},
)
