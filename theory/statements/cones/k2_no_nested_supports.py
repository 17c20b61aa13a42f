"""A feature never implies another one, unless they share their atom.

If z_l > 0 wherever z_j > 0, then E[φ'(z_l) z_j] = G_lj E[φ'(z_j) z_j]: for L1, (1 − G_lj)E[z_j] = 0, so that j is
dead or d_j = d_l.
Boundary: about nested pairs only; most optima have none, which is the point. With finite accuracy: K3.

Reference: THEORY K2.
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
    controls={
        "atoms at right angles": Eq(together, 0),
        "antipodal atoms": Eq(together, -G[l, j] * alone),
        "half aligned": Eq(together, G[l, j] * alone / 2),
    },
)
