"""A silent unit of a top-k SAE never explains more than an active one.

Refused: stationary only
z_j d_l·(r + z_j d_j) ≤ z_j² for active j and silent l is true of the best codes, by S3; those of the counterexample
keep the smaller feature of each sample.
Boundary: as S3.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import TOP_K, D, atom_dot, c, j, l, off, on, r, z
from theory.statement import Eq, Le, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=TOP_K,
    claim=Le(z[j] * off[l] * Sum(D[c, l] * (r[c] + z[j] * D[c, j]), c), z[j] ** 2 * off[l]),
    counterexample=Counterexample(
        x=[[1, 3], [1, -3]],
        D=[[1, 0], [0, 1]],
        z=[[1, 0], [1, 0]],
        lam=0,
        b=[0, 0],
        bias=False,
        objective=TOP_K,
        limit=1,
    ),
    controls={"active units leave nothing": Eq(on[j] * atom_dot(j, r), 0)},
)
