"""A code is at most its own inverse square.

Refused: may be zero
z_j/r_a² ≥ 0: nonnegative by inspection, and without a value where r = 0.
Boundary: true where no coordinate of the residual vanishes.

Reference: made up to be refused.
"""

from theory.problem import a, j, r, z
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Ge(z[j] / r[a] ** 2, 0),
    proof=z[j] / r[a] ** 2,
    controls={"above one": Ge(z[j] / r[a] ** 2, 1), "negative": Le(z[j] / r[a] ** 2, -1)},
)
