"""A silent unit of an L0 problem has a nonnegative multiplier.

Refused: not manifestly nonnegative
μ_j ≥ 0 at L0, where silent units have no price at the margin, so that it has either sign.
False for x = 1, D = 1, λ = 2: z = 0 is best and μ = −d·r = −1.
Boundary: true of L1.

Reference: made up to be refused.
"""

from theory.problem import L0, j, mu
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    about=L0,
    claim=Ge(mu[j], 0),
    proof=mu[j],
    controls={"above one": Ge(mu[j], 1), "negative": Le(mu[j], -1)},
)
