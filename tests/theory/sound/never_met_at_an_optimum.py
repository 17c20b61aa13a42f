"""What a unit pays is the price, less its multiplier.

φ'(z_j) = d_j·r + μ_j.
Boundary: none.

Reference: the sound twin of a file of the unsound corpus.
"""

from theory.derive import code
from theory.problem import atom_dot, j, marginal, mu, r, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(marginal(z[j]), atom_dot(j, r) + mu[j]),
    proof=code[j],
    controls={
        "half": Eq(marginal(z[j]), (atom_dot(j, r) + mu[j]) / 2),
        "twice": Eq(marginal(z[j]), 2 * atom_dot(j, r)),
    },
)
