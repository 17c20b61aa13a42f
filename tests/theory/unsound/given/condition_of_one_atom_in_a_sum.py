"""The total activation is at least what every unit's would be, if one unit's is.

Refused: has no j
Σ_j (z_j − y_j) ≥ 0 if z_j ≥ y_j for one j.
False for z = (1, 0), y = (0, 2).
Boundary: true if the condition holds for every atom.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import assumed
from theory.problem import j, y, z
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Ge(Sum(z[j], j), Sum(y[j], j)),
    proof=Sum(assumed[0], j),
    given=[Ge(z[j], y[j])],
    controls={"twice": Ge(Sum(z[j], j), 2 * Sum(y[j], j)), "less": Le(Sum(z[j], j), Sum(y[j], j) - 1)},
)
