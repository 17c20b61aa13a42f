"""What a top-k SAE pays is orthogonal to its residual on average.

Refused: true of any numbers
E[φ'(z_j) r] = 0 at top-k, where φ' = 0.
Boundary: 0 = 0.

Reference: made up to be refused.
"""

from sympy import S

from theory.expectation import E
from theory.problem import TOP_K, a, j, marginal, r, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    about=TOP_K,
    claim=Eq(E(marginal(z[j]) * r[a]), 0),
    proof=S.Zero,
    controls={"the residual": Eq(E(r[a] ** 2), 0), "the code": Eq(E(z[j]), 0)},
)
