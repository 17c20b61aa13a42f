"""A silent unit of a top-k SAE never explains more than half of what an active one does.

2z_j d_l·(r + z_j d_j) ≤ z_j² for active j and silent l is false; by S3 it is true without the 2.
Boundary: none.

Reference: the sound twin of a file of the unsound corpus.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import TOP_K, D, c, j, l, off, r, z
from theory.statement import Le, Statement, Status

share = z[j] * off[l] * Sum(D[c, l] * (r[c] + z[j] * D[c, j]), c)
statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=TOP_K,
    claim=Le(2 * share, z[j] ** 2 * off[l]),
    counterexample=Counterexample(
        x=[[3, 2], [3, -2]],
        D=[[1, 0], [0, 1]],
        z=[[3, 0], [3, 0]],
        lam=0,
        b=[0, 0],
        bias=False,
        objective=TOP_K,
        limit=1,
    ),
    controls={"without the 2 (S3)": Le(share, z[j] ** 2 * off[l])},
)
