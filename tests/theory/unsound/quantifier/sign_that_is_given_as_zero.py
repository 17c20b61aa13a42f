"""A sign that is zero is one.

Refused: no stationary point is known
σ_j² = 1 for every sign σ with σ_j = 0. There is none, so that nothing is claimed.
Boundary: vacuous everywhere.

Reference: made up to be refused.
"""

from theory.derive import sign
from theory.problem import j, sigma
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(sigma[j] ** 2, 1),
    proof=sign[j],
    given=[Eq(sigma[j], 0)],
    controls={"half": Eq(2 * sigma[j] ** 2, 1), "twice": Eq(sigma[j] ** 2, 2)},
)
