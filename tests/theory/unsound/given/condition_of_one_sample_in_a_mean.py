"""The mean code is at least one if a code is.

Refused: assumed[0]
E[z_j] ≥ 1 if z_j ≥ 1 on one sample.
False for z = 1, 0.
Boundary: true if the condition holds on every sample.

Reference: made up to be refused.
"""

from theory.derive import assumed
from theory.expectation import E
from theory.problem import j, z
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Ge(E(z[j]), 1),
    proof=E(assumed[0]),
    given=[Ge(z[j], 1)],
    controls={"twice": Ge(E(z[j]), 2), "half": Le(2 * E(z[j]), 1)},
)
