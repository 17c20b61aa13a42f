"""The mean residual vanishes, as often as the atom's number says.

Refused: is no number
j E[r_a] = 0, where the index j is taken for a number.
Boundary: has no meaning: atoms have no order.

Reference: made up to be refused.
"""

from theory.derive import bias
from theory.expectation import E
from theory.problem import a, b, j, r
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(j * E(r[a]), 0),
    proof=-j * bias[a],
    controls={"the bias": Eq(j * E(r[a]), b[a]), "its opposite": Eq(j * E(r[a]), -b[a])},
)
