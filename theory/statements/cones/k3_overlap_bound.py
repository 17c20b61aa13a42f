"""What the cosine of two atoms leaves unpaid is made up where one of them fires without the other.

E[φ'(z_l) z_j] − G_lj E[φ'(z_j) z_j] ≤ E[(φ'(z_l) + s/2 + ‖r‖²/2s) z_j 1{z_l=0}] for every s > 0. For L1, with s = ρ
the largest ‖r‖ where j is on and l is not: E[z_j 1{z_l=0}]/E[z_j] ≥ (1−G_lj)/(1+ρ/λ), so that features which nearly
always fire together have nearly parallel atoms. This is K2 with finite accuracy.
Boundary: trivial for j = l; equality where r = −s d_l on all samples that have j without l. Not for L_p: see K1.

Reference: THEORY K3.
"""

from sympy import Sum

from theory.derive import unit
from theory.expectation import E
from theory.problem import D, G, a, j, l, marginal, off, r, s, square, z
from theory.statement import Le, Rank, Statement, Status
from theory.statements.cones.k1_cone_identity import statement as cone_identity

missed = E(marginal(z[l]) * z[j]) - G[l, j] * E(marginal(z[j]) * z[j])
alone = E((marginal(z[l]) + s / 2 + square(r) / (2 * s)) * z[j] * off[l])
gap = E(Sum((s * D[a, l] + r[a]) ** 2, a) * z[j] * off[l]) / (2 * s)

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    claim=Le(missed, alone),
    proof=gap - s / 2 * unit[l] * E(z[j] * off[l]) + cone_identity.proofs[0],
    controls={
        "a tenth of the overlap": Le(missed, alone / 10),
        "the other way round": Le(alone, missed),
    },
)
