"""A residual is at least the root of its square.

Refused: Abs
r_a ≥ √(r_a²) = |r_a|.
False for r = −1.
Boundary: true of r ≥ 0.

Reference: made up to be refused.
"""

from sympy import Rational

from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status

size = (r[a] ** 2) ** Rational(1, 2)
statement = Statement(
    status=Status.PROVED,
    claim=Ge(size, 0),
    proof=size,
    controls={"above one": Ge(size, 1), "negative": Le(size, -1)},
)
