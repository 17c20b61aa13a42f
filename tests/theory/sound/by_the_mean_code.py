"""An atom is the mean residual of its samples, if it has any.

E[r z_j]/E[z_j] = ν_j d_j/E[z_j] if E[z_j] > 0.
Boundary: none.

Reference: the sound twin of a file of the unsound corpus.
"""

from theory.derive import atom
from theory.expectation import E
from theory.problem import D, a, j, nu, r, z
from theory.statement import Eq, Gt, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(E(r[a] * z[j]) / E(z[j]), nu[j] * D[a, j] / E(z[j])),
    proof=-atom[a, j] / E(z[j]),
    given=[Gt(E(z[j]), 0)],
    controls={
        "half": Eq(E(r[a] * z[j]) / E(z[j]), nu[j] * D[a, j] / (2 * E(z[j]))),
        "none": Eq(E(r[a] * z[j]) / E(z[j]), 0),
    },
)
