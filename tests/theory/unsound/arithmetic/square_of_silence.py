"""The silence of a unit counts alike whether another one is on or off.

Refused: not 0
1{z_j=0}² 1{z_l>0} = 1{z_j=0} 1{z_l=0}: the square of silence is silence, but on is not off.
False for z = (0, 1).
Boundary: true where unit j is on.

Reference: made up to be refused.
"""

from sympy import S

from theory.problem import j, l, off, on
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(off[j] ** 2 * on[l], off[j] * off[l]),
    proof=S.Zero,
    controls={"half": Eq(2 * off[j] ** 2 * on[l], off[j] * off[l]), "none": Eq(off[j] ** 2 * on[l], 0)},
)
