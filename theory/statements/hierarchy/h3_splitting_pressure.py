"""A stationary atom is pulled to both sides alike.

E[z_j (e·r)₊] = E[z_j (e·r)₋] for every direction e orthogonal to d_j. By H6 their sum, E[z_j |e·r|], is what splitting
the atom into d_j ± εe releases per ε, to first order. It is 0 for every e iff r is a multiple of d_j wherever j is
active; of λ if codes are optimal (C1).
Boundary: both sides vanish for such atoms and for dead ones. Nothing is asked of the codes, not even scale.

Reference: THEORY H3.
"""

from sympy import Sum

from theory.derive import atom, unit
from theory.expectation import E
from theory.problem import D, a, atom_dot, c, j, neg, nu, pos, r, u, z
from theory.statement import Eq, Rank, Statement, Status

# e is the part of u orthogonal to the atom.
along = Sum(u[c] * D[c, j], c)
sideways = Sum(u[a] * r[a], a) - along * atom_dot(j, r)
one_side, other_side = E(z[j] * pos(sideways)), E(z[j] * neg(sideways))
error = -Sum((u[a] - along * D[a, j]) * atom[a, j], a) - along * nu[j] * unit[j]

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LEMMA,
    claim=Eq(one_side, other_side),
    proof=error,
    controls={"half": Eq(one_side, other_side / 2), "twice": Eq(one_side, 2 * other_side)},
)
