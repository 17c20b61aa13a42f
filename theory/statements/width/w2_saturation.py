"""An optimal code costs no more than the best use of any single atom.

½‖r‖² + λ‖z‖₁ ≤ ½‖x − b − t d_j‖² + λt for every atom j and t ≥ 0. If the sample lies on the ray of atom j, t = ‖x−b‖
− λ makes the right side W1's bound: with W1 it follows that one atom for each ray beyond λ attains it, and that no
wider dictionary costs less.
Boundary: equality for samples that use this atom alone.

Reference: THEORY W2, sample by sample.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import L1, D, a, b, j, lam, loss, m, mu, x, xhat, y, z
from theory.statement import Le, Rank, Statement, Status

cost = L1.specialise(loss())
away = Sum((x[a] - b[a]) ** 2, a) / 2 - y[j] * Sum(D[a, j] * (x[a] - b[a]), a) + y[j] ** 2 * Sum(D[a, j] ** 2, a) / 2
single = away + lam * y[j]

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    about=L1,
    claim=Le(cost, single),
    proof=Sum((y[j] * D[a, j] - xhat[a]) ** 2, a) / 2
    + mu[j] * y[j]
    + y[j] * code[j]
    - Sum(z[m] * code[m] + comp[m], m),
    controls={"half of it": Le(cost, single / 2), "the other way round": Le(single, cost)},
)
