"""Codes are at most zero, by an even power of an imaginary number.

Refused: not manifestly nonnegative
z_j ≤ 0, as i² z_j = −z_j and i² is an even power.
False for x = 2, D = 1, λ = 1, where z = 1.
Boundary: true in the dead zone.

Reference: made up to be refused.
"""

from sympy import I, Pow

from theory.problem import j, z
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Le(z[j], 0),
    proof=Pow(I, 2, evaluate=False) * z[j],
    controls={"below minus one": Le(z[j], -1), "above one": Ge(z[j], 1)},
)
