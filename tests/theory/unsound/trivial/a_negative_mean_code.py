"""Residuals have mean zero where a mean code is negative.

Refused: never holds, so that nothing is claimed
E[r] = 0 if E[z_j] < 0. Codes are nonnegative, so that nothing is claimed.
Boundary: vacuous everywhere.

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
    given=[Gt(0, E(z[j]))],
    controls={"the bias": Eq(E(r[a]), b[a]), "the data": Eq(E(r[a]), E(x[a]))},
)
