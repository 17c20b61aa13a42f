"""What a sample costs is concave in λ, with its activation as the slope, and its slope in the data is the residual.

V(x, λ) ≤ V(x', λ') + (λ − λ')‖z'‖₁ + r'·(x − x') + ½‖x − x'‖², where V = ½‖r‖² + λ‖z‖₁ at the optimal code of either
sample. For one sample at two values of λ it says that V lies below its tangent, V(λ) ≤ V(λ') + (λ − λ')‖z'‖₁. At one
λ it and the same with both samples exchanged leave no slope in x but r.
Boundary: equality for samples that share active atoms and reconstruction. Needs optimality of the code at (x, λ) only.

Reference: THEORY A6, second half.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import L1, D, a, j, lam, lam2, loss, mu, r2, square, x, x2, z, z2
from theory.statement import Le, Rank, Statement, Status

cost = L1.specialise(loss())
there = square(r2) / 2 + lam2 * Sum(z2[j], j)
further = (lam - lam2) * Sum(z2[j], j) + Sum(r2[a] * (x[a] - x2[a]), a)
curvature = Sum((x[a] - x2[a]) ** 2, a) / 2

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    about=L1,
    claim=Le(cost, there + further + curvature),
    proof=Sum(Sum(D[a, j] * (z2[j] - z[j]), j) ** 2, a) / 2
    + Sum(mu[j] * z2[j], j)
    + Sum((z2[j] - z[j]) * code[j] - comp[j], j),
    controls={
        "linear in the data": Le(cost, there + further),
        "the other way round": Le(there + further + curvature, cost),
    },
)
