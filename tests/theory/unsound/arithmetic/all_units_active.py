"""What a unit explains is its price.

Refused: not 0
d_j·r = φ'(z_j), without the multiplier of silent units.
False for x = 0, D = 1, λ = 1: 0 ≠ 1.
Boundary: true of active units.

Reference: made up to be refused.
"""

from theory.derive import code
from theory.problem import atom_dot, j, marginal, r, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(atom_dot(j, r), marginal(z[j])),
    proof=-code[j],
    controls={"half": Eq(2 * atom_dot(j, r), marginal(z[j])), "twice": Eq(atom_dot(j, r), 2 * marginal(z[j]))},
)
