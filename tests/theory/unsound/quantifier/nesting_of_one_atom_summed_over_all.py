"""A feature that implies another one is spread over the atoms as their Gram matrix says.

Refused: claim − certificate
Σ_m E[φ'(z_m) z_j] = Σ_m G_mj E[φ'(z_j) z_j] if z_l > 0 wherever z_j > 0: what is given speaks of one l, the sum of
all.
False for D = 1 in three dimensions, x = (3, 0, 0), λ = 1: j implies itself, the left side is 6 and the right one 2.
Boundary: true if every atom is on wherever j is.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import nowhere
from theory.expectation import E
from theory.problem import G, atom_dot, j, l, m, marginal, off, r, z
from theory.statement import Eq, Statement, Status
from theory.statements.cones.k1_cone_identity import statement as cone_identity

together, alone = E(marginal(z[m]) * z[j]), E(marginal(z[j]) * z[j])
cone = cone_identity.proofs[0].subs(l, m)
statement = Statement(
    status=Status.PROVED,
    claim=Eq(Sum(together, m), Sum(G[m, j] * alone, m)),
    proof=Sum(E((marginal(z[m]) - atom_dot(m, r)) * nowhere[0]) - cone, m),
    given=[Eq(E(z[j] * off[l]), 0)],
    controls={"nothing": Eq(Sum(together, m), 0), "twice": Eq(Sum(together, m), 2 * Sum(G[m, j] * alone, m))},
)
