"""More sparsity means fewer dead atoms.

At twice the λ the best dictionary has no more dead atoms than at λ, copies of an atom counted as dead. But fewer
samples are worth an atom (C2).
Boundary: vacuous unless both dictionaries are certainly the best: ‖r‖ ≤ λ on every sample (W3).

Reference: a hope in tuning SAEs, that a stronger penalty spreads the load; refuted by C2.
"""

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import L1, cost_dearer, dead, dead_dearer, known, known_dearer, loss
from theory.statement import Ge, Gt, Le, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    about=L1,
    claim=Le(dead_dearer, dead),
    given=[Gt(known, 0), Gt(known_dearer, 0)],
    fixed_bias=True,
    counterexample=Counterexample(
        x=[[3], [-3]],
        D=[[1, -1]],
        z=[[1, 0], [0, 1]],
        lam=2,
        b=[0],
        dearer=Counterexample(x=[[3], [-3]], D=[[1, -1]], z=[[0, 0], [0, 0]], lam=4, b=[0]),
    ),
    controls={"the best loss is no lower (A6)": Ge(cost_dearer, E(loss()))},
)
