"""The residual is the projection of the sample onto what every atom reaches within its price.

(x − b − r)·(u − r) ≤ Σ_j z_j (d_j·u − λ)₊ for every u, which is 0 on the polytope P = {u : Dᵀu ≤ λ}. By C1 r is in P:
this is what makes it the projection of x−b onto P. For two samples (r − r')·(x̂ − x̂') ≥
(λ − λ')(‖z‖₁ − ‖z'‖₁): at one λ, x ↦ r and x ↦ x̂ are firmly nonexpansive. For one x at two λ it reads
(λ' − λ)(‖z‖₁ − ‖z'‖₁) ≥ ‖x̂ − x̂'‖²: activation falls as λ grows, and the faster the more the reconstruction moves.
Boundary: sharp for pairs that have the same active atoms.

Reference: THEORY R2, extended to pairs of unequal λ.
"""

from sympy import Sum

from theory.derive import code, code2, comp, comp2
from theory.problem import L1, a, atom_dot, b, j, lam, lam2, mu, mu2, neg, pos, r, r2, u, x, xhat, xhat2, z, z2
from theory.statement import Ge, Le, Rank, Statement, Status

outside = atom_dot(j, u) - lam
towards = Sum((x[a] - b[a] - r[a]) * (u[a] - r[a]), a)
beyond = Sum(z[j] * pos(outside), j)
alignment = Sum((r[a] - r2[a]) * (xhat[a] - xhat2[a]), a)
apart = Sum((r[a] - r2[a]) ** 2, a)
paid = (lam - lam2) * Sum(z[j] - z2[j], j)
obtuse, firm = Le(towards, beyond), Ge(alignment, paid)

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    about=L1,
    claim=(obtuse, firm),
    proof=(
        Sum(z[j] * neg(outside), j) - Sum(z[j] * code[j] + comp[j], j),
        Sum(z[j] * mu2[j] + z2[j] * mu[j], j) + Sum((z[j] - z2[j]) * (code2[j] - code[j]) - comp[j] - comp2[j], j),
    ),
    controls={
        "at an acute angle": (Ge(towards, beyond), firm),
        "never with them": (obtuse, Le(alignment, paid)),
        "twice as firm": (obtuse, Ge(alignment, paid + apart)),
    },
)
