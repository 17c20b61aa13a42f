"""At any codes and atoms, what K3 bounds is bounded as well, up to what they miss of A1 and C1.

E[φ'(z_l) z_j] − G_lj E[φ'(z_j) z_j] ≤ E[(φ'(z_l) + s/2 + ‖r‖²/2s) z_j 1{z_l=0}] + ε for every s > 0 and any codes, with
ε = (d_l·{E[r z_j] − E[z_j φ'(z_j)] d_j})₊ + E[z_j 1{z_l>0} (φ'(z_l) − d_l·r)₊]: what A1 and C1 miss by. For L1:
E[z_j 1{z_l=0}]/E[z_j] ≥ (1 − G_lj − ε/λE[z_j])/(1 + ρ/λ), with ρ the largest ‖r‖ where j is on and l is not.
Boundary: K3 at ε = 0. Equality where r = −s d_l on all samples that have j without l. Not for L_p: see K1.

Reference: new; K2 and K3 for codes and dictionaries that are not optimal, as those of a trained SAE.
"""

from sympy import Sum

from theory.derive import unit
from theory.expectation import E
from theory.problem import D, G, a, atom_dot, j, l, marginal, neg, off, on, pos, r, s, square, z
from theory.statement import Le, Rank, Statement, Status

missed = E(marginal(z[l]) * z[j]) - G[l, j] * E(marginal(z[j]) * z[j])
alone = E((marginal(z[l]) + s / 2 + square(r) / (2 * s)) * z[j] * off[l])
unmet = Sum(D[a, l] * (E(r[a] * z[j]) - E(marginal(z[j]) * z[j]) * D[a, j]), a)
unpaid = marginal(z[l]) - atom_dot(l, r)
inaccuracy = pos(unmet) + E(z[j] * on[l] * pos(unpaid))

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    claim=Le(missed, alone + inaccuracy),
    proof=E(Sum((s * D[a, l] + r[a]) ** 2, a) * z[j] * off[l]) / (2 * s)
    + neg(unmet)
    + E(z[j] * on[l] * neg(unpaid))
    - s / 2 * unit[l] * E(z[j] * off[l]),
    controls={
        "a tenth of it": Le(missed, (alone + inaccuracy) / 10),
        "the other way round": Le(alone + inaccuracy, missed),
    },
)
