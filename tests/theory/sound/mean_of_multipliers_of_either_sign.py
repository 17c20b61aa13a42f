"""Where a unit is never missed, no sample that has another one pulls at it beyond its price.

E[z_j²(φ'(z_l) − d_l·r)] = 0 if E[μ_l z_j] = 0, where silent units have a price.
Boundary: says nothing of top-k, whose multipliers may have either sign.

Reference: made up to be accepted.
"""

from theory.derive import code, nowhere
from theory.expectation import E
from theory.problem import atom_dot, j, l, marginal, mu, r, z
from theory.statement import Eq, Statement, Status

unpaid = E(z[j] ** 2 * (marginal(z[l]) - atom_dot(l, r)))

statement = Statement(
    status=Status.PROVED,
    claim=Eq(unpaid, 0),
    proof=E(z[j] ** 2 * code[l]) + E(z[j] * nowhere[0]),
    given=[Eq(E(mu[l] * z[j]), 0)],
    controls={"half a code": Eq(unpaid, E(z[j]) / 2), "minus a code": Eq(unpaid, -E(z[j]))},
)
