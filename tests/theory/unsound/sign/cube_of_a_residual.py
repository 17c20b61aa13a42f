"""The cube of a residual is nonnegative.

Refused: not manifestly nonnegative
r_a³ ≥ 0.
False for r = −1.
Boundary: true of r ≥ 0.

Reference: made up to be refused.
"""

from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a] ** 3, 0),
    proof=r[a] ** 3,
    controls={"above one": Ge(r[a] ** 3, 1), "negative": Le(r[a] ** 3, -1)},
)
