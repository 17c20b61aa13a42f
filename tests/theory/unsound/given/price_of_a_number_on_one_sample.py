"""Where a sample's price is s, all samples pay s.

Refused: is given on one sample
E[φ'(s) z_j] = s E[z_j] if φ'(s) = s on this sample.
False of L1 for λ = 1 on one sample and 2 on another, at s = 1.
Boundary: true if all samples have one λ.

Reference: made up to be refused.
"""

from theory.derive import assumed, comp
from theory.expectation import E
from theory.problem import j, marginal, mu, s, z
from theory.statement import Eq, Statement, Status

paid = E(marginal(s) * z[j]) + z[j] * mu[j]

statement = Statement(
    status=Status.PROVED,
    claim=Eq(paid, s * E(z[j])),
    proof=comp[j] + E(assumed[0] * z[j]),
    given=[Eq(marginal(s), s)],
    controls={"half": Eq(paid, s * E(z[j]) / 2), "twice": Eq(paid, 2 * s * E(z[j]))},
)
