"""Residuals of two samples never pull against their reconstructions: x ↦ r is a projection.

(r − r')·(x̂ − x̂') ≥ (λ − λ')(‖z‖₁ − ‖z'‖₁) for every pair of samples. At one λ, r is the projection of x−b onto the
polytope {u : Dᵀu ≤ λ}, so that x ↦ r and x ↦ x̂ are firmly nonexpansive. For one x at two λ it reads (λ' − λ)(‖z‖₁ −
‖z'‖₁) ≥ ‖x̂ − x̂'‖²: activation falls as λ grows, and the faster the more the reconstruction moves.
Boundary: sharp for pairs that have the same active atoms.

Reference: THEORY R2, extended to pairs of unequal λ.
"""

from sympy import Sum

from theory.derive import code, code2, comp, comp2
from theory.problem import L1, a, j, lam, lam2, mu, mu2, r, r2, xhat, xhat2, z, z2
from theory.statement import Ge, Le, Statement, Status

alignment = Sum((r[a] - r2[a]) * (xhat[a] - xhat2[a]), a)
apart = Sum((r[a] - r2[a]) ** 2, a)
paid = (lam - lam2) * Sum(z[j] - z2[j], j)

statement = Statement(
    status=Status.PROVED,
    about=L1,
    claim=Ge(alignment, paid),
    proof=Sum(z[j] * mu2[j] + z2[j] * mu[j], j) + Sum((z[j] - z2[j]) * (code2[j] - code[j]) - comp[j] - comp2[j], j),
    controls={"never with them": Le(alignment, paid), "twice as firm": Ge(alignment, paid + apart)},
)
