"""No unit has a multiplier, as no active one has.

Refused: on[j] may be zero
μ_j = 0, from μ_j 1{z_j>0} = 0 divided by 1{z_j>0}.
False at silent units: x = 0, D = 1, λ = 1 has μ = 1.
Boundary: true of active units.

Reference: made up to be refused.
"""

from theory.derive import act
from theory.problem import j, marginal, mu, on, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(mu[j], 0),
    proof=act[j] / on[j],
    controls={"the price": Eq(mu[j], marginal(z[j])), "half of it": Eq(2 * mu[j], marginal(z[j]))},
)
