"""Two samples have the same residual.

Refused: the claim holds
r' = r is false of two samples; the counterexample has one, and so no second.
Boundary: none.

Reference: made up to be refused.
"""

from theory.counterexample import Counterexample
from theory.problem import L1, G, a, j, r, r2
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Eq(r2[a], r[a]),
    counterexample=Counterexample(x=[[2]], D=[[1]], z=[[1]], lam=1, b=[0], bias=False),
    controls={"unit norm": Eq(G[j, j], 1)},
)
