"""Adding a unit to a top-k code does not lower the loss.

Refused: add[l] stands in the claim
What adding l would lower is 0 at top-k, where codes have all the units they may have.
False for x = (2, 1), (2, −1), D = 1 and a limit of one: z = (2, 0), and the second unit would lower the loss of the
first sample.
Boundary: true of L1.

Reference: made up to be refused.
"""

from theory.derive import add
from theory.problem import TOP_K, l
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    about=TOP_K,
    claim=Eq(add[l], 0),
    proof=add[l],
    controls={"one": Eq(add[l], 1), "two": Eq(add[l], 2)},
)
