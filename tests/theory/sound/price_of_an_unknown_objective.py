"""No atom explains more of a second sample's residual than its λ, for L1.

d_j·r' ≤ λ' for L1, whose condition it is.
Boundary: none.

Reference: the sound twin of a file of the unsound corpus.
"""

from theory.derive import code2
from theory.problem import L1, atom_dot, j, lam2, mu2, r2
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    about=L1,
    claim=Le(atom_dot(j, r2), lam2),
    proof=mu2[j] + code2[j],
    controls={"half": Le(2 * atom_dot(j, r2), lam2), "the other way round": Ge(atom_dot(j, r2), lam2)},
)
