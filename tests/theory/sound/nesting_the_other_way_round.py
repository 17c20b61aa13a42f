"""A feature that implies another one shares its atom.

E[φ'(z_l) z_j] = G_lj E[φ'(z_j) z_j] if z_l > 0 wherever z_j > 0.
Boundary: none.

Reference: the sound twin of a file of the unsound corpus.
"""

from sympy import Ne

from theory.derive import nowhere
from theory.expectation import E
from theory.problem import G, atom_dot, j, l, marginal, off, r, z
from theory.statement import Eq, Gt, Statement, Status
from theory.statements.cones.k1_cone_identity import statement as cone_identity

together, alone = E(marginal(z[l]) * z[j]), E(marginal(z[j]) * z[j])
statement = Statement(
    status=Status.PROVED,
    claim=Eq(together, G[l, j] * alone),
    proof=E((marginal(z[l]) - atom_dot(l, r)) * nowhere[0]) - cone_identity.proofs[0],
    given=[Eq(E(z[j] * off[l]), 0), Gt(E(z[j]), 0), Ne(j, l)],
    controls={"atoms at right angles": Eq(together, 0), "antipodal atoms": Eq(together, -G[l, j] * alone)},
)
