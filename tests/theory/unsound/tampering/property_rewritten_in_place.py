"""No coordinate of a residual is negative, to a kernel whose objectives say yes to whatever they are asked.

Refused: changes theory.problem.Objective.
r_a ≥ 0.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

from functools import cached_property

from sympy import S

from theory.problem import Objective, a, r
from theory.statement import Ge, Le, Statement, Status

FOUND = next(value for value in vars(Objective).values() if isinstance(value, cached_property))
FOUND.func.__code__ = (lambda self: True).__code__
statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=S.Zero,
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
