"""The reconstruction is what every atom gives.

Refused: not 0
x̂ = z_j d_j for every j: true of one atom.
False for two active atoms.
Boundary: true for k = 1.

Reference: made up to be refused.
"""

from sympy import S

from theory.problem import D, a, j, xhat, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(xhat[a], z[j] * D[a, j]),
    proof=S.Zero,
    controls={"half": Eq(2 * xhat[a], z[j] * D[a, j]), "twice": Eq(xhat[a], 2 * z[j] * D[a, j])},
)
