"""The mean of a product is the product of the means.

Refused: not 0
E[r z_j] = E[r] E[z_j], which would make both sides 0 with a bias.
False for x = 2, −2, D = (1, −1), λ = 1: E[r z_1] = 1/2 and E[r] = 0.
Boundary: true of one sample.

Reference: made up to be refused.
"""

from theory.derive import bias
from theory.expectation import E
from theory.problem import a, j, r, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(E(r[a] * z[j]), E(r[a]) * E(z[j])),
    proof=-bias[a] * E(z[j]) + bias[a] * z[j],
    controls={"half": Eq(2 * E(r[a] * z[j]), E(r[a]) * E(z[j])), "none": Eq(E(r[a] * z[j]), z[j])},
)
