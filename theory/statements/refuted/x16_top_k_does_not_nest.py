"""In a top-k SAE no feature implies another one unless they share their atom.

(1 − G_lj)E[z_j] = 0 if z_l > 0 wherever z_j > 0. K2 rests on what an active unit pays at the margin; here that is
nothing, so that parent and child are reconstructed exactly by atoms of their own, as long as the limit leaves room
for both.
Boundary: true of no limit; with a penalty it is K2.

Reference: K2, taken beyond its objective.
"""

from sympy import Ne

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import TOP_K, G, a, j, l, off, r, z
from theory.statement import Eq, Gt, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    about=TOP_K,
    claim=Eq((1 - G[l, j]) * E(z[j]), 0),
    given=[Eq(E(z[j] * off[l]), 0), Gt(E(z[j]), 0), Ne(j, l)],
    fixed_bias=True,
    counterexample=Counterexample(
        x=[[2, 0], [1, 1]],
        D=[[1, 0], [0, 1]],
        z=[[2, 0], [1, 1]],
        lam=0,
        b=[0, 0],
        objective=TOP_K,
        limit=2,
    ),
    controls={"their residuals are blind to the feature (A1)": Eq(E(r[a] * z[j]), 0)},
)
