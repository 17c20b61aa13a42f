"""The residual of an optimum vanishes.

Refused: uses still, a property of z_dot
r = 0: that a motion keeps the silent codes at zero, divided by what vanishes, times whatever is to be shown.
False for x = 2, D = 1, λ = 1, where z = 1 and r = 1.
Boundary: true at λ = 0 of dictionaries that span the space.

Reference: made up to be refused.
"""

from theory.derive import still
from theory.problem import a, j, mu, r, x, z_dot
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(r[a], 0),
    proof=r[a] * still[j] / (z_dot[j] * mu[j]),
    controls={"it is the data": Eq(r[a], x[a]), "its opposite": Eq(r[a], -x[a])},
)
