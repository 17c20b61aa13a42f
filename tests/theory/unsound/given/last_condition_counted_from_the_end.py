"""Codes are at least their means, as the condition before the first says.

Refused: no such condition in given
z_j ≥ E[z_j] from condition −1.
Boundary: conditions are counted from 0.

Reference: made up to be refused.
"""

from theory.derive import assumed
from theory.expectation import E
from theory.problem import j, y, z
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Ge(2 * z[j], E(z[j]) + E(y[j])),
    proof=assumed[-1] + assumed[-2],
    given=[Ge(z[j], E(z[j])), Ge(z[j], E(y[j]))],
    controls={"twice": Ge(z[j], E(z[j]) + E(y[j])), "less": Le(2 * z[j], -1)},
)
