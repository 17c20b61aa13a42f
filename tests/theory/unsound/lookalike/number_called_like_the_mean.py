"""Whatever is called E is nonnegative.

Refused: no quantity E
E ≥ 0 with a number that is called like the mean.
Boundary: speaks of no point.

Reference: made up to be refused.
"""

from sympy import Symbol

from theory.statement import Ge, Le, Statement, Status

number = Symbol("E", nonnegative=True)
statement = Statement(
    status=Status.PROVED,
    claim=Ge(number, 0),
    proof=number,
    controls={"above one": Ge(number, 1), "negative": Le(number, -1)},
)
