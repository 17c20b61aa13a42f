"""What a unit pays is the price, where it is both on and off.

Refused: no stationary point is known
φ'(z_j) = d_j·r + μ_j if z_j > 0 and z_j = 0.
Boundary: vacuous everywhere.

Reference: made up to be refused.
"""

from theory.derive import code
from theory.problem import atom_dot, j, marginal, mu, r, z
from theory.statement import Eq, Gt, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(marginal(z[j]), atom_dot(j, r) + mu[j]),
    proof=code[j],
    given=[Gt(z[j], 0), Eq(z[j], 0)],
    controls={
        "half": Eq(marginal(z[j]), (atom_dot(j, r) + mu[j]) / 2),
        "twice": Eq(marginal(z[j]), 2 * atom_dot(j, r)),
    },
)
