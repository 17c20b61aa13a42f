"""The mean of an atom's samples bounds how well it is aligned with them, and its activation bounds that mean.

2E[z_j d_j·w] ≤ ‖E[z_j w]‖²/E[z_j] + E[z_j] and ‖E[z_j w]‖² ≤ E[z_j]², for every choice of w in the unit ball. Two steps
towards the convex form (W4), where tr(X̂Q⁺X̂ᵀ) is the maximum over M of 2tr(MᵀX̂) − tr(MQMᵀ): the first speaks of
codes Q = ZᵀZ, the second, at M = w, of the bound W1. That the form lies between the two is tested, not proved.
Boundary: equalities iff w = d_j wherever j is active: each ray has its atom.

Reference: THEORY W4; W. Dorrell et al. (2026), arXiv:2601.10482.
"""

from sympy import Sum

from theory.derive import unit
from theory.expectation import E
from theory.problem import D, a, c, j, room, w, z
from theory.statement import Gt, Le, Rank, Statement, Status

live = E(z[j])
centre = E(z[j] * w[a]) / live
aligned = 2 * E(z[j] * Sum(D[c, j] * w[c], c))
square_of_mean = Sum(E(z[j] * w[a]) ** 2, a)

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LEMMA,
    claim=(Le(aligned, square_of_mean / live + live), Le(square_of_mean, live**2)),
    proof=(
        live * Sum((D[a, j] - centre) ** 2, a) - live * unit[j],
        live * (E(z[j] * Sum((w[a] - centre) ** 2, a)) + E(z[j] * room)),
    ),
    given=[Gt(live, 0)],
    controls={
        "half of it": (Le(aligned, (square_of_mean / live + live) / 2), Le(2 * square_of_mean, live**2)),
        "the other way round": (Le(square_of_mean / live + live, aligned), Le(live**2, square_of_mean)),
    },
)
