"""Multipliers vanish on average, where a sample is active.

Refused: z[j] may be zero
E[μ_j] = 0 if z_j > 0 on a sample: E is over all samples, and z_j = 0 on others.
False for x = 2, 0, D = 1, λ = 1 without bias: z = 1, 0 and E[μ] = 1/2, although z > 0 on the first sample.
Boundary: true of units that are on for every sample.

Reference: made up to be refused.
"""

from theory.derive import comp
from theory.expectation import E
from theory.problem import j, marginal, mu, z
from theory.statement import Eq, Gt, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(E(mu[j]), 0),
    proof=E(comp[j] / z[j]),
    given=[Gt(z[j], 0)],
    controls={"the price": Eq(E(mu[j]), E(marginal(z[j]))), "half": Eq(2 * E(mu[j]), E(marginal(z[j])))},
)
