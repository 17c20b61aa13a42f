"""Any other code costs more, by exactly half the squared distance of its reconstruction and the slack that it uses.

loss(y) − loss(z) = ½‖D(y − z)‖² + Σ_j μ_j y_j for every y ≥ 0, where z is the optimal code and μ_j = λ − d_j·r ≥ 0.
With y an encoder's code this is its amortisation gap, sample by sample. No term is negative: what satisfies C1 is
optimal.
Boundary: zero exactly for codes that reconstruct alike and use units without slack.

Reference: THEORY E3, as an identity.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import L1, D, a, j, loss, m, mu, y, z
from theory.statement import Eq, Rank, Statement, Status

gap = L1.specialise(loss(y) - loss(z))
distance = Sum(Sum(D[a, m] * (y[m] - z[m]), m) ** 2, a) / 2
slack = Sum(mu[j] * y[j], j)

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    about=L1,
    claim=Eq(gap, distance + slack),
    proof=Sum((y[j] - z[j]) * code[j] - comp[j], j),
    controls={
        "distance only": Eq(gap, distance),
        "slack only": Eq(gap, slack),
        "twice": Eq(gap, 2 * distance + 2 * slack),
    },
)
