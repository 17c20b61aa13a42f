"""Neither adding a unit nor trading one between samples lowers the loss.

Refused: objective
The cost of adding l and of trading j for l is at least 0 together. Adding is free where the number of units is not
limited, trading where it is: no objective has both.
Boundary: claimed of nothing.

Reference: made up to be refused.
"""

from theory.derive import add, adding, trade, trading
from theory.problem import j, l, pos
from theory.statement import Ge, Le, Statement, Status

both = adding(l) + trading(j, l)
statement = Statement(
    status=Status.PROVED,
    claim=Ge(both, 0),
    proof=pos(adding(l)) + pos(trading(j, l)) - add[l] - trade[j, l],
    controls={"above one": Ge(both, 1), "negative": Le(both, -1)},
)
