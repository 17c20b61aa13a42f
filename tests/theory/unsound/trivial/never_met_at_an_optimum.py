"""What a unit pays is the price, where its multiplier does not vanish although it is on.

Refused: no stationary point is known
φ'(z_j) = d_j·r + μ_j if μ_j z_j > 0, which complementary slackness forbids.
Boundary: vacuous at every stationary point.

Reference: made up to be refused.
"""

from theory.derive import code
from theory.problem import atom_dot, j, marginal, mu, r, z
from theory.statement import Eq, Gt, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(marginal(z[j]), atom_dot(j, r) + mu[j]),
    proof=code[j],
    given=[Gt(mu[j] * z[j], 0)],
    controls={
        "half": Eq(marginal(z[j]), (atom_dot(j, r) + mu[j]) / 2),
        "twice": Eq(marginal(z[j]), 2 * atom_dot(j, r)),
    },
)
