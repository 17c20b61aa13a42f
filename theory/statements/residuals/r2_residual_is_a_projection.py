"""Residuals of two samples never pull against their reconstructions: x ↦ r is a projection.

(r − r')·(x̂ − x̂') ≥ 0 for every pair of samples with the same λ. So r is the projection of x−b onto the polytope
{u : Dᵀu ≤ λ}, and x ↦ r and x ↦ x̂ are firmly nonexpansive.
Boundary: needs one λ for both samples; sharp for pairs that are reconstructed alike.

Reference: THEORY R2.
"""

from sympy import Sum

from theory.derive import code, code2, comp, comp2
from theory.problem import L1, a, j, lam, lam2, mu, mu2, r, r2, xhat, xhat2, z, z2
from theory.statement import Eq, Ge, Le, Statement, Status

alignment = Sum((r[a] - r2[a]) * (xhat[a] - xhat2[a]), a)
apart = Sum((r[a] - r2[a]) ** 2, a)

statement = Statement(
    status=Status.PROVED,
    about=L1,
    claim=Ge(alignment, 0),
    proof=Sum(z[j] * mu2[j] + z2[j] * mu[j], j) + Sum((z[j] - z2[j]) * (code2[j] - code[j]) - comp[j] - comp2[j], j),
    given=[Eq(lam, lam2)],
    controls={"never with them": Le(alignment, 0), "twice as firm": Ge(alignment, apart)},
)
