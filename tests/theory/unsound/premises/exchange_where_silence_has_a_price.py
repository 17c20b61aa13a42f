"""No exchange of units lowers an L1 loss.

Refused: swap
The cost of swapping j for l is at least 0 at L1, which has no such condition.
Boundary: true of L1 by C1 and the code of j, but not so.

Reference: made up to be refused.
"""

from theory.derive import swap, swapping
from theory.problem import L1, j, l, pos
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    about=L1,
    claim=Ge(swapping(j, l), 0),
    proof=pos(swapping(j, l)) - swap[j, l],
    controls={"above one": Ge(swapping(j, l), 1), "negative": Le(swapping(j, l), -1)},
)
