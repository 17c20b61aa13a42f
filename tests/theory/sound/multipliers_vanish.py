"""No active unit has a multiplier.

μ_j = 0 if z_j > 0, from μ_j z_j = 0 divided by z_j.
Boundary: about active units.

Reference: the sound twin of a file of the unsound corpus.
"""

from theory.derive import comp
from theory.problem import j, marginal, mu, z
from theory.statement import Eq, Gt, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(mu[j], 0),
    proof=comp[j] / z[j],
    given=[Gt(z[j], 0)],
    controls={"the price": Eq(mu[j], marginal(z[j])), "half of it": Eq(2 * mu[j], marginal(z[j]))},
)
