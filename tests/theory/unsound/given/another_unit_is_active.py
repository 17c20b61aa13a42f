"""No unit has a multiplier where another one is active.

Refused: may be zero
μ_j = 0 if z_l > 0: the condition is on another unit than the one that is divided by.
False for x = (3, 0), D = 1, λ = 1: μ_2 = 1 and z_1 > 0.
Boundary: true for l = j.

Reference: made up to be refused.
"""

from theory.derive import comp
from theory.problem import j, l, marginal, mu, z
from theory.statement import Eq, Gt, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(mu[j], 0),
    proof=comp[j] / z[j],
    given=[Gt(z[l], 0)],
    controls={"the price": Eq(mu[j], marginal(z[j])), "half of it": Eq(2 * mu[j], marginal(z[j]))},
)
