"""The mean residual of a feature over its mean code is λ times its atom.

Refused: divides by zero
E[r z_j]/E[z_j] = λ d_j is true of live features; that of the counterexample is dead, so that both sides are 0/0.
Boundary: none.

Reference: made up to be refused.
"""

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import L1, D, G, a, j, lam, r, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Eq(E(r[a] * z[j]) / E(z[j]), E(lam * z[j]) * D[a, j] / E(z[j])),
    counterexample=Counterexample(x=[[0]], D=[[1]], z=[[0]], lam=1, b=[0], bias=False),
    controls={"unit norm": Eq(G[j, j], 1)},
)
