"""The overlap of nested features over their distance is that of one alone.

Refused: may be zero
E[φ'(z_l) z_j]/(1 − G_lj) = G_lj E[φ'(z_j) z_j]/(1 − G_lj) if l is on wherever j is. K2 says that this holds only
where
G_lj = 1, where it is 0/0.
Boundary: vacuous but for dead atoms.

Reference: made up to be refused.
"""

from sympy import Ne

from theory.derive import nowhere
from theory.expectation import E
from theory.problem import G, atom_dot, j, l, marginal, off, r, z
from theory.statement import Eq, Gt, Statement, Status
from theory.statements.cones.k1_cone_identity import statement as cone_identity

together, alone = E(marginal(z[l]) * z[j]), E(marginal(z[j]) * z[j])
distance = 1 - G[l, j]
statement = Statement(
    status=Status.PROVED,
    claim=Eq(together / distance, G[l, j] * alone / distance),
    proof=(E((marginal(z[l]) - atom_dot(l, r)) * nowhere[0]) - cone_identity.proofs[0]) / distance,
    given=[Eq(E(z[j] * off[l]), 0), Gt(E(z[j]), 0), Ne(j, l)],
    controls={"right angles": Eq(together / distance, 0), "antipodal": Eq(together / distance, -G[l, j] * alone)},
)
