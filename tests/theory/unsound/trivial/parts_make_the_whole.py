"""A number is its positive part less its negative part.

Refused: true of any numbers
(r_a)₊ − (r_a)₋ = r_a, of any numbers.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import S

from theory.problem import a, neg, pos, r
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(pos(r[a]) - neg(r[a]), r[a]),
    proof=S.Zero,
    controls={"half": Eq(pos(r[a]) - neg(r[a]), r[a] / 2), "twice": Eq(pos(r[a]) - neg(r[a]), 2 * r[a])},
)
