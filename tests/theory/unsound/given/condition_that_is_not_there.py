"""Codes vanish, as the second of one condition says.

Refused: no such condition in given
z_j = 0 from a condition that the statement does not have.
False for x = 2, D = 1, λ = 1.
Boundary: true in the dead zone.

Reference: made up to be refused.
"""

from theory.derive import assumed
from theory.expectation import E
from theory.problem import j, z
from theory.statement import Eq, Gt, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(z[j], 0),
    proof=assumed[1],
    given=[Gt(E(z[j]), 0)],
    controls={"one": Eq(z[j], 1), "two": Eq(z[j], 2)},
)
