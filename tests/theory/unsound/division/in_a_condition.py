"""Residuals have mean zero where the mean code has an inverse.

Refused: may be zero
E[r] = 0 if 1/E[z_j] > 0. The condition has no value where the feature is dead.
Boundary: the claim is true, the condition cannot be judged.

Reference: made up to be refused.
"""

from theory.derive import bias
from theory.expectation import E
from theory.problem import a, b, j, r, x, z
from theory.statement import Eq, Gt, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(E(r[a]), 0),
    proof=-bias[a],
    given=[Gt(1 / E(z[j]), 0)],
    controls={"the bias": Eq(E(r[a]), b[a]), "the data": Eq(E(r[a]), E(x[a]))},
)
