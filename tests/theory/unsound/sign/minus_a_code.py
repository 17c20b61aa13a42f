"""Codes are at most zero.

Refused: not manifestly nonnegative
z_j ≤ 0, as −1 and z_j are the factors of what is left.
False for x = 2, D = 1, λ = 1, where z = 1.
Boundary: true in the dead zone.

Reference: made up to be refused.
"""

from sympy import Mul

from theory.problem import j, z
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Le(z[j], 0),
    proof=Mul(-1, z[j], evaluate=False),
    controls={"below minus one": Le(z[j], -1), "above one": Ge(z[j], 1)},
)
