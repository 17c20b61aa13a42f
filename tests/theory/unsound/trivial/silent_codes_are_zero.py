"""A silent unit has no code.

Refused: true of any numbers
z_j 1{z_j=0} = 0, by the meaning of silent.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import S

from theory.problem import j, off, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(z[j] * off[j], 0),
    proof=S.Zero,
    controls={"one": Eq(z[j] * off[j], 1), "the code": Eq(z[j] * off[j], z[j])},
)
