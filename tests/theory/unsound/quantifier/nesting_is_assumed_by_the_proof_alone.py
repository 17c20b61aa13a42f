"""A feature never implies another one, whichever two are taken.

Refused: no such condition in given
E[φ'(z_l) z_j] = G_lj E[φ'(z_j) z_j] for all j, l. That l is on wherever j is on was K2's condition, and is gone.
False for D = 1, x = (3, 0), (0, 3), λ = 1, where z = (2, 0), (0, 2): the left side is 1, the right one 0.
Boundary: true of nested pairs.

Reference: made up to be refused.
"""

from theory.derive import nowhere
from theory.expectation import E
from theory.problem import G, atom_dot, j, l, marginal, r, z
from theory.statement import Eq, Statement, Status
from theory.statements.cones.k1_cone_identity import statement as cone_identity

together, alone = E(marginal(z[l]) * z[j]), E(marginal(z[j]) * z[j])
statement = Statement(
    status=Status.PROVED,
    claim=Eq(together, G[l, j] * alone),
    proof=E((marginal(z[l]) - atom_dot(l, r)) * nowhere[0]) - cone_identity.proofs[0],
    controls={"atoms at right angles": Eq(together, 0), "antipodal atoms": Eq(together, -G[l, j] * alone)},
)
