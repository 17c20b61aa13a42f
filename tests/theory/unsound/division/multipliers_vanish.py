"""No unit has a multiplier.

Refused: z[j] may be zero
μ_j = 0, from μ_j z_j = 0 divided by z_j.
False at silent units: x = 0, D = 1, λ = 1 has z = 0 and μ = 1.
Boundary: true of active units.

Reference: made up to be refused.
"""

from theory.derive import comp
from theory.problem import j, marginal, mu, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(mu[j], 0),
    proof=comp[j] / z[j],
    controls={"the price": Eq(mu[j], marginal(z[j])), "half of it": Eq(2 * mu[j], marginal(z[j]))},
)
