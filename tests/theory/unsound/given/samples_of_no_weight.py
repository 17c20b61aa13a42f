"""A feature that implies another one on average implies it on every sample.

Refused: samples of weight 0
z_j 1{z_l=0} = 0 on every sample if E[z_j 1{z_l=0}] = 0.
False of a sample of weight 0, which the mean does not see.
Boundary: true of every sample that has a weight.

Reference: made up to be refused.
"""

from theory.derive import comp, nowhere
from theory.expectation import E
from theory.problem import j, l, mu, off, z
from theory.statement import Eq, Statement, Status

alone = z[j] * off[l] + z[j] * mu[j]

statement = Statement(
    status=Status.PROVED,
    claim=Eq(alone, 0),
    proof=comp[j] + nowhere[0],
    given=[Eq(E(z[j] * off[l]), 0)],
    controls={"a code": Eq(alone, z[j] + 1), "minus a code": Eq(alone, -z[j] - 1)},
)
