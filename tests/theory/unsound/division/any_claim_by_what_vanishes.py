"""The residual of an optimum is twice the data.

Refused: may be zero
r = 2x: complementary slackness μ_j z_j = 0, divided by μ_j z_j, is 1 to the algebra and 0 as a premise.
False for x = 2, D = 1, λ = 1, where r = 1.
Boundary: true of x = 0.

Reference: made up to be refused.
"""

from theory.derive import comp
from theory.problem import a, j, mu, r, x, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(r[a], 2 * x[a]),
    proof=(r[a] - 2 * x[a]) * comp[j] / (mu[j] * z[j]),
    controls={"the data": Eq(r[a], x[a]), "four times the data": Eq(r[a], 4 * x[a])},
)
