"""The residual of an optimum vanishes, by a condition of this file.

Refused: does not support item assignment
r = 0, with a condition of that kind put in the place of the bias's.
False for x = 2, −2, D = (1, −1), λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

from theory.derive import PREMISES, Premise, bias, conditions
from theory.problem import FAMILY, a, r, x
from theory.statement import Eq, Statement, Status

PREMISES["bias"] = Premise(bias, (a,), r[a])
conditions(FAMILY)["bias"] = Premise(bias, (a,), r[a])
statement = Statement(
    status=Status.PROVED,
    claim=Eq(r[a], 0),
    proof=bias[a],
    controls={"the data": Eq(r[a], x[a]), "its opposite": Eq(r[a], -x[a])},
)
