"""No atom explains more of a second sample's residual than λ.

Refused: objective is not said
d_j·r' ≤ λ' whatever the penalty is: code2 is the condition of L1 alone, and the claim is about the whole family.
False for the elastic net with x = 4, D = 1, λ = γ = 1 on all samples: z = 3/2 and d·r = 5/2.
Boundary: true of L1.

Reference: made up to be refused.
"""

from theory.derive import code2
from theory.problem import atom_dot, j, lam2, mu2, r2
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Le(atom_dot(j, r2), lam2),
    proof=mu2[j] + code2[j],
    controls={"half": Le(2 * atom_dot(j, r2), lam2), "the other way round": Ge(atom_dot(j, r2), lam2)},
)
