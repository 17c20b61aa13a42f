"""The square of a sign is one.

Refused: the claim holds
σ_j² = 1 is true of every sign; the counterexample takes any number.
Boundary: none.

Reference: made up to be refused.
"""

from theory.counterexample import Counterexample
from theory.problem import L1, G, j, sigma
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Eq(sigma[j] ** 2, 1),
    counterexample=Counterexample(x=[[2]], D=[[1]], z=[[1]], lam=1, b=[0], bias=False),
    controls={"unit norm": Eq(G[j, j], 1)},
)
