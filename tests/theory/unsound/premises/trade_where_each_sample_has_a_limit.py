"""Units are traded between the samples of a top-k SAE.

Refused: no condition trade
The cost of trading j for l is at least 0 at top-k, where each sample has a limit of its own (X17).
False: see X17.
Boundary: true of batch top-k.

Reference: made up to be refused.
"""

from theory.derive import trade, trading
from theory.problem import TOP_K, j, l, pos
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    about=TOP_K,
    claim=Ge(trading(j, l), 0),
    proof=pos(trading(j, l)) - trade[j, l],
    controls={"above one": Ge(trading(j, l), 1), "negative": Le(trading(j, l), -1)},
)
