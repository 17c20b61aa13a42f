"""Codes that agree on average agree.

Refused: nowhere[0]
z_j = y_j on every sample if E[z_j] = E[y_j]: the difference has either sign.
False for z = 1, 0 and y = 0, 1.
Boundary: true of y ≤ z.

Reference: made up to be refused.
"""

from theory.derive import nowhere
from theory.expectation import E
from theory.problem import j, y, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(z[j], y[j]),
    proof=nowhere[0],
    given=[Eq(E(z[j]), E(y[j]))],
    controls={"half": Eq(z[j], y[j] / 2), "twice": Eq(z[j], 2 * y[j])},
)
