"""Complementary slackness holds over any difference of codes.

Refused: may be zero
μ_j z_j/(z_j − z_l) = 0 for all j, l: 0/0 for j = l.
Boundary: true where the codes differ.

Reference: made up to be refused.
"""

from theory.derive import comp
from theory.problem import j, l, mu, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(mu[j] * z[j] / (z[j] - z[l]), 0),
    proof=comp[j] / (z[j] - z[l]),
    controls={"one": Eq(mu[j] * z[j] / (z[j] - z[l]), 1), "minus one": Eq(mu[j] * z[j] / (z[j] - z[l]), -1)},
)
