"""The mean residual of a feature lies along its atom, coordinate j for atom j.

Refused: the letter j
E[r_j z_j] = ν_j D_jj, where one j is an index of coordinates and the other one of atoms: printed alike, they are not.
Boundary: reads like a claim about the diagonal alone.

Reference: made up to be refused.
"""

from sympy import Idx

from theory.derive import atom
from theory.expectation import E
from theory.problem import D, d, j, nu, r, z
from theory.statement import Eq, Statement, Status

coordinate = Idx("j", d)
statement = Statement(
    status=Status.PROVED,
    claim=Eq(E(r[coordinate] * z[j]), nu[j] * D[coordinate, j]),
    proof=-atom[coordinate, j],
    controls={
        "half": Eq(2 * E(r[coordinate] * z[j]), nu[j] * D[coordinate, j]),
        "none": Eq(E(r[coordinate] * z[j]), 0),
    },
)
