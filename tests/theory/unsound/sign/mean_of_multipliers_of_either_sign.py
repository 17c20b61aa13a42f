"""Where a unit is never missed, no sample that has another one pulls at it.

Refused: does not say that the mean of something nonnegative vanishes
z_j d_l·r = 0 on average over any samples, for top-k, if E[μ_l z_j] = 0: as if multipliers were nonnegative.
False where d_l·r = 1 and −1 on two samples on which l must be silent.
Boundary: true where silent units have a price.

Reference: made up to be refused.
"""

from theory.derive import code, nowhere
from theory.expectation import E
from theory.problem import TOP_K, atom_dot, j, l, mu, r, z
from theory.statement import Eq, Statement, Status

pulled = E(z[j] ** 2 * atom_dot(l, r))

statement = Statement(
    status=Status.PROVED,
    about=TOP_K,
    claim=Eq(pulled, 0),
    proof=-E(z[j] ** 2 * code[l]) - E(z[j] * nowhere[0]),
    given=[Eq(E(mu[l] * z[j]), 0)],
    controls={"half a code": Eq(pulled, E(z[j]) / 2), "minus a code": Eq(pulled, -E(z[j]))},
)
