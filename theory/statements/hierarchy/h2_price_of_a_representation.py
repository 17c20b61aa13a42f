"""What a sample costs is its price times the mean of what it contains and what its code keeps, less half the slack.

If x − b = Σ_j α_j d_j, then ½‖r‖² + λ‖z‖₁ = ½Σ_j (λ(α_j + z_j) − α_j μ_j), where μ_j = λ − d_j·r is 0 for active
atoms. For two active atoms of amplitudes α₁, α₂ and cosine g: λ(α₁+α₂) − λ²/(1+g), against λ‖x−b‖ − λ²/2 for one atom
along x − b: for orthogonal atoms of equal amplitude a the hierarchy costs 2aλ − λ², its absorbed form √2·aλ − λ²/2.
Boundary: for data in the span of the atoms; α may be any representation, signed or not.

Reference: THEORY H2, for general angles and amplitudes.
"""

from sympy import Sum

from theory.derive import code, comp, fit
from theory.problem import L1, a, alpha, j, lam, loss, mu, r, z
from theory.statement import Eq, Rank, Statement, Status

cost = L1.specialise(loss())
price = Sum(lam * (alpha[j] + z[j]) - alpha[j] * mu[j], j) / 2

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    about=L1,
    claim=Eq(cost, price),
    proof=Sum((z[j] - alpha[j]) * code[j] + comp[j], j) / 2 + Sum(r[a] * fit[a], a) / 2,
    controls={
        "no shrinkage": Eq(cost, Sum(lam * alpha[j] - alpha[j] * mu[j], j)),
        "half": Eq(cost, price / 2),
        "twice": Eq(cost, 2 * price),
    },
)
