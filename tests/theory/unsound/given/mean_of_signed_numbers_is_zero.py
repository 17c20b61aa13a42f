"""A residual that vanishes on average vanishes.

Refused: nowhere[0]
r_a = 0 on every sample if E[r_a] = 0: only what is nonnegative vanishes with its mean.
False for x = 2, −2, D = (1, −1), λ = 1.
Boundary: true of residuals of one sign.

Reference: made up to be refused.
"""

from theory.derive import nowhere
from theory.expectation import E
from theory.problem import a, r, x
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(r[a], 0),
    proof=nowhere[0],
    given=[Eq(E(r[a]), 0)],
    controls={"the data": Eq(r[a], x[a]), "its opposite": Eq(r[a], -x[a])},
)
