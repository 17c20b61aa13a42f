"""Codes are codes.

Refused: true of any numbers
z_j = z_j.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import S

from theory.problem import j, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(z[j], z[j]),
    proof=S.Zero,
    controls={"half": Eq(z[j], z[j] / 2), "twice": Eq(z[j], 2 * z[j])},
)
