"""The residual is the projection of the sample onto what every atom reaches within its price.

d_j·r ≤ λ for every j, so that r is in the polytope P = {u : Dᵀu ≤ λ}; and (x − b − r)·(u − r) = Σ_j z_j (d_j·u − λ) for
every u, which is ≤ 0 on P: that is what makes r the projection of x−b onto P. For two samples (r − r')·(x̂ − x̂') ≥
(λ − λ')(‖z‖₁ − ‖z'‖₁): at one λ, x ↦ r and x ↦ x̂ are firmly nonexpansive. For one x at two λ it reads
(λ' − λ)(‖z‖₁ − ‖z'‖₁) ≥ ‖x̂ − x̂'‖²: activation falls as λ grows, and the faster the more the reconstruction moves.
Boundary: sharp for pairs that have the same active atoms.

Reference: THEORY R2, extended to pairs of unequal λ.
"""

from sympy import Sum

from theory.derive import code, code2, comp, comp2
from theory.problem import L1, a, atom_dot, b, j, lam, lam2, mu, mu2, r, r2, u, x, xhat, xhat2, z, z2
from theory.statement import Eq, Ge, Le, Rank, Statement, Status

# The angle at r between the sample and any u is obtuse, by how far active atoms have u within their price.
obtuse = Sum((x[a] - b[a] - r[a]) * (u[a] - r[a]), a)
excess = Sum(z[j] * (atom_dot(j, u) - lam), j)
alignment = Sum((r[a] - r2[a]) * (xhat[a] - xhat2[a]), a)
apart = Sum((r[a] - r2[a]) ** 2, a)
paid = (lam - lam2) * Sum(z[j] - z2[j], j)
within = Le(atom_dot(j, r), lam)

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    about=L1,
    claim=(within, Eq(obtuse, excess), Ge(alignment, paid)),
    proof=(
        code[j] + mu[j],
        Sum(z[j] * code[j] + comp[j], j),
        Sum(z[j] * mu2[j] + z2[j] * mu[j], j) + Sum((z[j] - z2[j]) * (code2[j] - code[j]) - comp[j] - comp2[j], j),
    ),
    controls={
        "at half the price": (Le(atom_dot(j, r), lam / 2), Eq(obtuse, excess), Ge(alignment, paid)),
        "a right angle": (within, Eq(obtuse, 0), Ge(alignment, paid)),
        "twice as obtuse": (within, Eq(obtuse, 2 * excess), Ge(alignment, paid)),
        "half as obtuse": (within, Eq(obtuse, excess / 2), Ge(alignment, paid)),
        "never with them": (within, Eq(obtuse, excess), Le(alignment, paid)),
        "twice as firm": (within, Eq(obtuse, excess), Ge(alignment, paid + apart)),
    },
)
