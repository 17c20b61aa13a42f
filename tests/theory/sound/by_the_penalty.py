"""The total activation is the overlap of residual and reconstruction over λ, if there is a penalty.

Σ_j z_j = r·x̂/λ if λ > 0: R1 divided by λ.
Boundary: none.

Reference: the sound twin of a file of the unsound corpus.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import L1, a, j, lam, r, xhat, z
from theory.statement import Eq, Gt, Statement, Status

statement = Statement(
    status=Status.PROVED,
    about=L1,
    claim=Eq(Sum(r[a] * xhat[a], a) / lam, Sum(z[j], j)),
    proof=-Sum(z[j] * code[j] + comp[j], j) / lam,
    given=[Gt(lam, 0)],
    controls={"half": Eq(Sum(r[a] * xhat[a], a) / lam, Sum(z[j], j) / 2), "none": Eq(Sum(r[a] * xhat[a], a) / lam, 0)},
)
