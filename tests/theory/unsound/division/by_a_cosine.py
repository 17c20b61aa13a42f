"""The mean residual of a feature over its cosine with another one lies along its atom.

Refused: G[j, l] may be zero
E[r z_j]/G_jl = ν_j d_j/G_jl for all j, l: 0/0 at right angles.
Boundary: true of atoms that are not at right angles.

Reference: made up to be refused.
"""

from theory.derive import atom
from theory.expectation import E
from theory.problem import D, G, a, j, l, nu, r, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(E(r[a] * z[j]) / G[j, l], nu[j] * D[a, j] / G[j, l]),
    proof=-atom[a, j] / G[j, l],
    controls={
        "half": Eq(E(r[a] * z[j]) / G[j, l], nu[j] * D[a, j] / (2 * G[j, l])),
        "none": Eq(E(r[a] * z[j]) / G[j, l], 0),
    },
)
