"""The mean code is nonnegative.

Refused: a code or multiplier is negative
E[z_j] ≥ 0 is true; the counterexample has a negative code.
Boundary: equality for dead features.

Reference: made up to be refused.
"""

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import L1, G, j, z
from theory.statement import Eq, Ge, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Ge(E(z[j]), 0),
    counterexample=Counterexample(x=[[0]], D=[[1]], z=[[-1]], lam=1, b=[0], bias=False),
    controls={"unit norm": Eq(G[j, j], 1)},
)
