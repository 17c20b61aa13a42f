"""A power of a residual is nonnegative.

Refused: whole powers
(r_a²)^s ≥ 0 with an exponent s that is no number.
Boundary: has no rational value.

Reference: made up to be refused.
"""

from theory.problem import a, r, s
from theory.statement import Ge, Le, Statement, Status

size = (1 + r[a] ** 2) ** s
statement = Statement(
    status=Status.PROVED,
    claim=Ge(size, 0),
    proof=size,
    controls={"above two": Ge(size, 2), "negative": Le(size, -1)},
)
