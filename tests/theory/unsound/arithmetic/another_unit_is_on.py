"""A code counts only where another unit is on.

Refused: not 0
z_j 1{z_l>0} = z_j for all j, l: true of l = j alone.
False for z = (1, 0).
Boundary: true of one atom.

Reference: made up to be refused.
"""

from sympy import S

from theory.problem import j, l, on, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(z[j] * on[l], z[j]),
    proof=S.Zero,
    controls={"half": Eq(2 * z[j] * on[l], z[j]), "twice": Eq(z[j] * on[l], 2 * z[j])},
)
