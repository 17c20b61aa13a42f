"""A code and a residual are nonnegative together where each is bounded from below.

Refused: what is given
z_j + r_a ≥ 2 if z_j ≥ 1 and r_a ≥ 1: nothing is asked of an optimum.
Boundary: true of any numbers.

Reference: made up to be refused.
"""

from theory.derive import assumed
from theory.problem import a, j, r, z
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Ge(z[j] + r[a], 2),
    proof=assumed[0] + assumed[1],
    given=[Ge(z[j], 1), Ge(r[a], 1)],
    controls={"three": Ge(z[j] + r[a], 3), "less": Le(z[j] + r[a], 1)},
)
