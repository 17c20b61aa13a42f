"""No three atoms are active together.

Refused: claim − certificate
z_j z_l z_m 1{j≠l} 1{l≠m} 1{j≠m} = 0: there are no three different atoms among two.
False for z = (1, 1, 1).
Boundary: true for k ≤ 2.

Reference: made up to be refused.
"""

from sympy import S

from theory.problem import apart, j, l, m, z
from theory.statement import Eq, Statement, Status

different = apart[j, l] * apart[l, m] * apart[j, m]
together = z[j] * z[l] * z[m] * different
statement = Statement(
    status=Status.PROVED,
    claim=Eq(together, 0),
    proof=S.Zero,
    controls={"one": Eq(together, 1), "minus one": Eq(together, -1)},
)
