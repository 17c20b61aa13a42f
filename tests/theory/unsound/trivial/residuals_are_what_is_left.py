"""The residual is what the reconstruction leaves.

Refused: true of any numbers
r = x − b − x̂, by definition.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import S

from theory.problem import a, b, r, x, xhat
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(x[a] - b[a] - xhat[a], r[a]),
    proof=S.Zero,
    controls={"half": Eq(x[a] - b[a] - xhat[a], r[a] / 2), "twice": Eq(x[a] - b[a] - xhat[a], 2 * r[a])},
)
