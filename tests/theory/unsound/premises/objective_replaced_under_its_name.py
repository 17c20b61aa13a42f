"""The residual is orthogonal to the reconstruction, in an L1 without its penalty.

Refused: no member of the objective family
r·x̂ = 0 for a copy of L1 whose penalty is 0.
False of L1.
Boundary: true at λ = 0.

Reference: made up to be refused.
"""

from dataclasses import replace

from sympy import S, Sum

from theory.derive import code, comp
from theory.problem import L1, a, j, lam, r, xhat, z
from theory.statement import Eq, Statement, Status

free = replace(L1, penalty=lambda t: S.Zero)
overlap = Sum(r[a] * xhat[a], a)
statement = Statement(
    status=Status.PROVED,
    about=free,
    claim=Eq(overlap, 0),
    proof=-Sum(z[j] * code[j] + comp[j], j),
    controls={"the penalty": Eq(overlap, lam * Sum(z[j], j)), "twice": Eq(overlap, 2 * lam * Sum(z[j], j))},
)
