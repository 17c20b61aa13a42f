"""If one feature implies another, the cosine of their atoms is the ratio of what both are priced at.

If z_l > 0 wherever z_j > 0, then G_lj = E[φ'(z_l) z_j] / E[φ'(z_j) z_j]. For L1 the ratio is 1: no feature implies
another one, unless they share their atom.
Boundary: about nested pairs at a price only; most optima have none, which is the point. With finite accuracy: K3.

Reference: THEORY K2.
"""

from sympy import Ne

from theory.derive import nowhere
from theory.expectation import E
from theory.problem import G, atom_dot, j, l, marginal, off, r, z
from theory.statement import Eq, Gt, Rank, Statement, Status
from theory.statements.cones.k1_cone_identity import statement as cone_identity

together, alone = E(marginal(z[l]) * z[j]), E(marginal(z[j]) * z[j])

statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    claim=Eq(together, G[l, j] * alone),
    proof=E((marginal(z[l]) - atom_dot(l, r)) * nowhere[0]) - cone_identity.proofs[0],
    given=[Eq(E(z[j] * off[l]), 0), Gt(E(marginal(z[j]) * z[j]), 0), Ne(j, l)],
    controls={
        "atoms at right angles": Eq(together, 0),
        "antipodal atoms": Eq(together, -G[l, j] * alone),
        "half aligned": Eq(together, G[l, j] * alone / 2),
    },
)
