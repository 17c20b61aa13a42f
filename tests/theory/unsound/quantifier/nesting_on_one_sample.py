"""A feature that implies another one on one sample shares its atom.

Refused: does not say that the mean of something nonnegative vanishes
E[φ'(z_l) z_j] = G_lj E[φ'(z_j) z_j] if z_j 1{z_l=0} = 0 on a sample: what is given speaks of one sample, E of all.
False for D = 1, x = (3, 0), (0, 3), λ = 1: the condition holds on the second sample, and 1 ≠ 0.
Boundary: true if the condition holds on every sample.

Reference: made up to be refused.
"""

from sympy import Ne

from theory.derive import nowhere
from theory.expectation import E
from theory.problem import G, atom_dot, j, l, marginal, off, r, z
from theory.statement import Eq, Statement, Status
from theory.statements.cones.k1_cone_identity import statement as cone_identity

together, alone = E(marginal(z[l]) * z[j]), E(marginal(z[j]) * z[j])
statement = Statement(
    status=Status.PROVED,
    claim=Eq(together, G[l, j] * alone),
    proof=E((marginal(z[l]) - atom_dot(l, r)) * nowhere[0]) - cone_identity.proofs[0],
    given=[Eq(z[j] * off[l], 0), Ne(j, l)],
    controls={"atoms at right angles": Eq(together, 0), "antipodal atoms": Eq(together, -G[l, j] * alone)},
)
