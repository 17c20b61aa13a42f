"""A stationary atom is pulled to both sides alike, and that pull is what splitting it would release.

E[z_j (e·r)₊] = E[z_j (e·r)₋] for every direction e orthogonal to d_j. Splitting the atom into d_j ± εe lowers the
loss at first order by ε times their sum, ε E[z_j |e·r|]: so an atom is unsplittable iff r = λd_j on all its active
samples.
Boundary: both sides vanish exactly for unsplittable atoms and dead ones. Nothing is asked of the codes, not even scale.

Reference: THEORY H3.
"""

from sympy import Sum

from theory.derive import atom, unit
from theory.expectation import E
from theory.problem import D, a, atom_dot, c, j, neg, nu, pos, r, u, z
from theory.statement import Eq, Statement, Status

# e is the part of u orthogonal to the atom.
along = Sum(u[c] * D[c, j], c)
sideways = Sum(u[a] * r[a], a) - along * atom_dot(j, r)
one_side, other_side = E(z[j] * pos(sideways)), E(z[j] * neg(sideways))
error = -Sum((u[a] - along * D[a, j]) * atom[a, j], a) - along * nu[j] * unit[j]

statement = Statement(
    status=Status.PROVED,
    claim=Eq(one_side, other_side),
    proof=error,
    controls={"half": Eq(one_side, other_side / 2), "twice": Eq(one_side, 2 * other_side)},
)
