"""Codes of different samples are never opposed on average.

Refused: second sample
E[z_j z'_j] ≥ 0, a mean over pairs, which E is not.
Boundary: is E[z_j]² over all pairs, and anything over some.

Reference: made up to be refused.
"""

from theory.expectation import E
from theory.problem import j, z, z2
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Ge(E(z[j] * z2[j]), 0),
    proof=E(z[j] * z2[j]),
    controls={"above one": Ge(E(z[j] * z2[j]), 1), "negative": Le(E(z[j] * z2[j]), -1)},
)
