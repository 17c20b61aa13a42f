"""Active or not, a unit has no multiplier.

Refused: may be zero
μ_j = 0 if z_j ≥ 0, which does not say that z_j is not 0.
False at silent units: x = 0, D = 1, λ = 1 has μ = 1.
Boundary: true of active units.

Reference: made up to be refused.
"""

from theory.derive import comp
from theory.expectation import E
from theory.problem import j, marginal, mu, z
from theory.statement import Eq, Ge, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(mu[j], 0),
    proof=comp[j] / z[j],
    given=[Ge(z[j], E(z[j]))],
    controls={"the price": Eq(mu[j], marginal(z[j])), "half of it": Eq(2 * mu[j], marginal(z[j]))},
)
