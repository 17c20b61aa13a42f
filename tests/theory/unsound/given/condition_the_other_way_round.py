"""A code is at most one where it is at least one.

Refused: what is given
z_j ≤ 1 if z_j ≥ 1, with the condition's margin taken with a minus.
False for z = 2.
Boundary: true for z = 1.

Reference: made up to be refused.
"""

from sympy import Rational

from theory.derive import assumed
from theory.problem import j, z
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Le(z[j], 1),
    proof=-assumed[0],
    given=[Ge(z[j], 1)],
    controls={"half": Le(z[j], Rational(1, 2)), "above": Ge(z[j], 2)},
)
