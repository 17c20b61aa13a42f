"""The bias is the mean of the data.

E[x] = b.
Boundary: none.

Reference: a broken twin, which must fail.
"""

from theory.expectation import E
from theory.problem import a, b, x
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.OPEN,
    claim=Eq(E(x[a]), b[a]),
    controls={"it is zero": Eq(b[a], 0)},
)
