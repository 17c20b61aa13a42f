"""The total activation is the overlap of residual and reconstruction over λ.

Refused: lambda may be zero
Σ_j z_j = r·x̂/λ: R1 divided by λ, which may be 0.
False for x = 1, D = 1, λ = 0: z = 1 and the right side is 0/0.
Boundary: true for λ > 0.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import L1, a, j, lam, r, xhat, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    about=L1,
    claim=Eq(Sum(r[a] * xhat[a], a) / lam, Sum(z[j], j)),
    proof=-Sum(z[j] * code[j] + comp[j], j) / lam,
    controls={"half": Eq(Sum(r[a] * xhat[a], a) / lam, Sum(z[j], j) / 2), "none": Eq(Sum(r[a] * xhat[a], a) / lam, 0)},
)
