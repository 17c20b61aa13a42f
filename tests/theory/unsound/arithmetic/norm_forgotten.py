"""The length of a reconstruction is what codes and cosines say, whatever the norms.

Refused: not 0
‖x̂‖² = Σ_m z_m² + Σ_{m≠l} z_m z_l d_m·d_l where norms are free.
False for D = 2, z = 1: 4 ≠ 1.
Boundary: true of unit norms.

Reference: made up to be refused.
"""

from sympy import S, Sum

from theory.problem import NORM_WEIGHTED, G, apart, l, m, square, xhat, z
from theory.statement import Eq, Statement, Status

cross = Sum(apart[m, l] * z[m] * z[l] * G[m, l], m, l)
statement = Statement(
    status=Status.PROVED,
    about=NORM_WEIGHTED,
    claim=Eq(square(xhat), Sum(z[m] ** 2, m) + cross),
    proof=S.Zero,
    controls={"half": Eq(2 * square(xhat), Sum(z[m] ** 2, m) + cross), "alone": Eq(square(xhat), Sum(z[m] ** 2, m))},
)
