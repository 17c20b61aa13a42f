"""No unit has a multiplier, on a condition that only the kernel sees.

Refused: Conditions of its own
μ_j = 0, given z_j > 0 if the kernel asks, and nothing if anybody else does.
False at silent units: x = 0, D = 1, λ = 1 has μ = 1.
Boundary: none.

Reference: made up to be refused.
"""

import sys

from theory.derive import comp
from theory.problem import j, marginal, mu, z
from theory.statement import Eq, Gt, Statement, Status


class Conditions(list):
    """A list that holds one more condition for the kernel."""

    def __iter__(self) -> object:
        caller = sys._getframe(1).f_globals["__name__"]
        return iter([Gt(z[j], 0)] if caller == "theory.certificate" else [])


statement = Statement(
    status=Status.PROVED,
    claim=Eq(mu[j], 0),
    proof=comp[j] / z[j],
    given=Conditions(),
    controls={"the price": Eq(mu[j], marginal(z[j])), "half of it": Eq(2 * mu[j], marginal(z[j]))},
)
