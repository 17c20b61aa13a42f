"""A code and all active codes together are above what they are above of, where one of them is.

Refused: not at all that the sum runs over
z_j + Σ_i z_i ≥ y_j + Σ_i y_i, sums over active units i, if z_j ≥ y_j for this j.
False for j = 1, z = (1, 1), y = (0, 5).
Boundary: true if the condition holds for every atom.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import assumed
from theory.problem import j, on, y, z
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Ge(z[j] + Sum(z[j] * on[j], j), y[j] + Sum(y[j] * on[j], j)),
    proof=assumed[0] + Sum(assumed[0] * on[j], j),
    given=[Ge(z[j], y[j])],
    controls={
        "twice": Ge(z[j] + Sum(z[j] * on[j], j), 2 * y[j] + 2 * Sum(y[j] * on[j], j)),
        "less": Le(z[j] + Sum(z[j] * on[j], j), y[j] + Sum(y[j] * on[j], j) - 1),
    },
)
