"""Three atoms lie in a plane.

Refused: claim − certificate
det(d_j·d_l, …) = 0 for three atoms: their Gram determinant vanishes in one and two dimensions, not in three.
False for D = 1 in three dimensions, where it is 1.
Boundary: true for d ≤ 2, and where two of the atoms are one.

Reference: made up to be refused.
"""

from sympy import S

from theory.problem import G, j, l, m
from theory.statement import Eq, Statement, Status

determinant = (
    G[j, j] * (G[l, l] * G[m, m] - G[l, m] ** 2)
    - G[j, l] * (G[j, l] * G[m, m] - G[l, m] * G[j, m])
    + G[j, m] * (G[j, l] * G[l, m] - G[l, l] * G[j, m])
)
statement = Statement(
    status=Status.PROVED,
    claim=Eq(determinant, 0),
    proof=S.Zero,
    controls={"one": Eq(determinant, 1), "minus one": Eq(determinant, -1)},
)
