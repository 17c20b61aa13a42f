"""No atom explains more of a residual than the price of a unit.

d_j·r ≤ λ for L1, with the theory's own multiplier.
Boundary: an equality at active units.

Reference: the sound twin of a file of the unsound corpus.
"""

from theory.derive import code
from theory.problem import L1, atom_dot, j, lam, mu, r
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    about=L1,
    claim=Le(atom_dot(j, r), lam),
    proof=mu[j] + code[j],
    controls={"the other way round": Ge(atom_dot(j, r), lam), "half": Le(2 * atom_dot(j, r), lam)},
)
