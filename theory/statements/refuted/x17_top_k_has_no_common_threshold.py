"""One threshold parts active from silent units in all samples of a top-k SAE.

d_l·r' ≤ z_j for every active j of one sample and every l of another. A sample that is rich in features leaves out
more than a poor one keeps.
Boundary: refuted where the bias is fixed; true of batch top-k, where samples share one limit (S4).

Reference: S4, taken beyond its objective.
"""

from theory.counterexample import Counterexample
from theory.problem import TOP_K, atom_dot, j, l, r, r2, z
from theory.statement import Le, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    about=TOP_K,
    claim=Le(z[j] * atom_dot(l, r2), z[j] ** 2),
    fixed_bias=True,
    counterexample=Counterexample(
        x=[[1, 0], [3, 2], [3, -2], [0, 4]],
        D=[[1, 0], [0, 1]],
        z=[[1, 0], [3, 0], [3, 0], [0, 4]],
        lam=0,
        b=[0, 0],
        bias=False,
        objective=TOP_K,
        limit=1,
    ),
    controls={"within a sample (S3)": Le(z[j] * atom_dot(l, r), z[j] ** 2)},
)
