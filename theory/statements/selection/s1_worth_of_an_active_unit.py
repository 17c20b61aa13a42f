"""An active unit earns its keep: what it explains alone is worth what switching it off would save.

φ(z_j) ≤ ½z_j² + z_jφ'(z_j). Where the penalty is a fixed price this is a hard threshold: for L0, z_j ≥ √(2λ) wherever
z_j > 0, and for λt^p it is z_j^(2−p) ≥ 2λ(1−p). For L1 and top-k it says nothing: it holds of any code.
Boundary: equality where switching the unit off changes nothing. Needs codes that no such change improves.

Reference: new as a law of the family; hard thresholding for L0.
"""

from theory.derive import code, comp, drop, dropping, unit
from theory.problem import j, marginal, phi, pos, z
from theory.statement import Le, Rank, Statement, Status

price, worth = phi(z[j]), z[j] ** 2 / 2 + z[j] * marginal(z[j])

statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    claim=Le(price, worth),
    proof=pos(dropping(j)) - drop[j] + z[j] * code[j] + comp[j] - z[j] ** 2 / 2 * unit[j],
    controls={"a tenth of the worth": Le(price, worth / 10), "the other way round": Le(worth, price)},
)
