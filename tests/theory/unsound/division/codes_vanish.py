"""All codes are zero.

Refused: mu[j] may be zero
z_j = 0, from μ_j z_j = 0 divided by μ_j.
False for x = 2, D = 1, λ = 1, where z = 1.
Boundary: true in the dead zone.

Reference: made up to be refused.
"""

from theory.derive import comp
from theory.problem import j, mu, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(z[j], 0),
    proof=comp[j] / mu[j],
    controls={"one": Eq(z[j], 1), "two": Eq(z[j], 2)},
)
