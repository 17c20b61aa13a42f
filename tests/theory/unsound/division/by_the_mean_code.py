"""An atom is the mean residual of its samples, dead or alive.

Refused: E[z[j]] may be zero
E[r z_j]/E[z_j] = ν_j d_j/E[z_j]: both sides are 0/0 for a dead atom.
Boundary: true of atoms that are ever active.

Reference: made up to be refused.
"""

from theory.derive import atom
from theory.expectation import E
from theory.problem import D, a, j, nu, r, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(E(r[a] * z[j]) / E(z[j]), nu[j] * D[a, j] / E(z[j])),
    proof=-atom[a, j] / E(z[j]),
    controls={"half": Eq(E(r[a] * z[j]) / E(z[j]), nu[j] * D[a, j] / 2), "none": Eq(E(r[a] * z[j]) / E(z[j]), 0)},
)
