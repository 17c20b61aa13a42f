"""No atom explains more of a second sample's residual than the first sample's λ.

Refused: not 0
d_j·r' ≤ λ, with the price of the other sample.
False for λ = 0, 1 and x = 2, 2, D = 1: r' = 1 on the second and λ = 0 on the first.
Boundary: true if λ is the same for all samples.

Reference: made up to be refused.
"""

from theory.derive import code2
from theory.problem import L1, atom_dot, j, lam, mu2, r2
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    about=L1,
    claim=Le(atom_dot(j, r2), lam),
    proof=mu2[j] + code2[j],
    controls={"half": Le(2 * atom_dot(j, r2), lam), "the other way round": Ge(atom_dot(j, r2), lam)},
)
