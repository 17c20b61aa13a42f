"""However an atom and its codes are rescaled, their squares sum to at least twice the product of their sizes.

2‖d_j‖²E[z_j] ≤ s²‖d_j‖² + E[z_j]²‖d_j‖²/s² for every s > 0, with equality at s² = E[z_j]. So λΣ_j‖d_j‖‖z_j‖₁ is the
least of (λ/2)Σ_j(‖d_j‖² + ‖z_j‖₁²) over all ways to rescale atoms and codes: the step that suggests the convex form of
the wide problem, with tr(X̂Q⁺X̂ᵀ) + 1ᵀQ1 for these squares and Q = ZᵀZ (W9).
Boundary: the inequality alone is proved here; nothing is said of convexity.

Reference: THEORY W4, its key step; W. Dorrell et al. (2026), arXiv:2601.10482.
"""

from sympy import Sum

from theory.expectation import E
from theory.problem import D, a, j, s, z
from theory.statement import Le, Rank, Statement, Status

energy = Sum(D[a, j] ** 2, a)
penalty = 2 * energy * E(z[j])
squares = energy * (s**2 + E(z[j]) ** 2 / s**2)

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LEMMA,
    claim=Le(penalty, squares),
    proof=energy * (s - E(z[j]) / s) ** 2,
    controls={"a tenth of the squares": Le(penalty, squares / 10), "the other way round": Le(squares, penalty)},
)
