"""Residuals and reconstructions of all prefixes overlap, together, by the penalty paid.

Σ_g r_g·x̂_g = λ‖z‖₁ for every sample, with x̂_g = Σ_j M_gj z_j d_j. Nothing is said of one prefix alone, which may
overlap by more or less.
Boundary: vacuous where no unit is active; with one prefix it is R1.

Reference: new.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import MATRYOSHKA, D, M, R, a, g, j, lam, m, z
from theory.statement import Eq, Rank, Statement, Status

overlap = Sum(R[g, a] * Sum(M[g, m] * D[a, m] * z[m], m), g, a)
paid = Sum(lam * z[j], j)

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    about=MATRYOSHKA,
    claim=Eq(overlap, paid),
    proof=-Sum(z[j] * code[j] + comp[j], j),
    controls={
        "orthogonal": Eq(overlap, 0),
        "half the penalty": Eq(overlap, paid / 2),
        "twice the penalty": Eq(overlap, 2 * paid),
    },
)
