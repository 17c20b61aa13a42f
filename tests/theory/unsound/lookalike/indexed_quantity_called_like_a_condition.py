"""What stationarity leaves of a code is nonnegative.

Refused: only looks like
∂/∂z_j ≥ 0 of the Lagrangian, with a symbol of its own that is called like the condition and is nonnegative.
Boundary: the condition says that it is 0.

Reference: made up to be refused.
"""

from sympy import IndexedBase

from theory.problem import j
from theory.statement import Ge, Le, Statement, Status

stationarity = IndexedBase("code", nonnegative=True)
statement = Statement(
    status=Status.PROVED,
    claim=Ge(stationarity[j], 0),
    proof=stationarity[j],
    controls={"above one": Ge(stationarity[j], 1), "negative": Le(stationarity[j], -1)},
)
