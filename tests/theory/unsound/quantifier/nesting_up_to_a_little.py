"""Features that fire together but for little share their atom.

Refused: does not say that the mean of something nonnegative vanishes
E[φ'(z_l) z_j] = G_lj E[φ'(z_j) z_j] if E[z_j 1{z_l=0}] ≤ s for some s > 0: the bound does not say that it is 0.
False for D = 1, x = (3, 0), (0, 3), λ = 1 and s = 1.
Boundary: true as s → 0, see K3.

Reference: made up to be refused.
"""

from sympy import Ne

from theory.derive import nowhere
from theory.expectation import E
from theory.problem import G, atom_dot, j, l, marginal, off, r, s, z
from theory.statement import Eq, Le, Statement, Status
from theory.statements.cones.k1_cone_identity import statement as cone_identity

together, alone = E(marginal(z[l]) * z[j]), E(marginal(z[j]) * z[j])
statement = Statement(
    status=Status.PROVED,
    claim=Eq(together, G[l, j] * alone),
    proof=E((marginal(z[l]) - atom_dot(l, r)) * nowhere[0]) - cone_identity.proofs[0],
    given=[Le(E(z[j] * off[l]), s), Ne(j, l)],
    controls={"atoms at right angles": Eq(together, 0), "antipodal atoms": Eq(together, -G[l, j] * alone)},
)
