"""What a feature pays is bounded by the energy of its code and of the residual while it is on.

2E[z_j φ'(z_j)] ≤ s E[z_j²] + E[1{z_j>0}‖r‖²]/s for every s > 0; with the best s, (E[z_j φ'])² ≤
E[z_j²]·E[1{z_j>0}‖r‖²].
Boundary: vacuous for features that pay nothing; equality where r = s z_j d_j whenever j is on.

Reference: new; from A5 and Cauchy–Schwarz.
"""

from sympy import Sum

from theory.derive import scale, unit
from theory.expectation import E
from theory.problem import D, a, j, marginal, on, r, s, square, z
from theory.statement import Le, Rank, Statement, Status

paid = 2 * E(z[j] * marginal(z[j]))
energy = s * E(z[j] ** 2) + E(on[j] * square(r)) / s

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    claim=Le(paid, energy),
    proof=E(Sum((s * z[j] * D[a, j] - on[j] * r[a]) ** 2, a)) / s - s * E(z[j] ** 2) * unit[j] - 2 * scale[j],
    controls={"a tenth of the energy": Le(paid, energy / 10), "the other way round": Le(energy, paid)},
)
