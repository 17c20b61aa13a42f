"""Of two atoms, the later one fires.

Refused: orders indices
E[z_j]² ≥ 0 given j > l: atoms have no order, so that the condition says nothing of them.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import scale
from theory.expectation import E
from theory.problem import D, a, j, l, marginal, r, z
from theory.statement import Eq, Gt, Statement, Status

pull, paid = Sum(D[a, j] * E(r[a] * z[j]), a), E(z[j] * marginal(z[j]))
statement = Statement(
    status=Status.PROVED,
    claim=Eq(pull, paid),
    proof=-scale[j],
    given=[Gt(j, l)],
    controls={"half": Eq(pull, paid / 2), "twice": Eq(pull, 2 * paid)},
)
