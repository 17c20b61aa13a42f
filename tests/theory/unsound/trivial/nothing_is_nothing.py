"""Zero is zero.

Refused: true of any numbers
0 = 0.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import S

from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(S.Zero, S.Zero),
    proof=S.Zero,
    controls={"one": Eq(S.Zero, S.One), "minus one": Eq(S.Zero, -S.One)},
)
