"""The square of the total activation is the total of the squares.

Refused: not 0
(Σ_j z_j)² = Σ_j z_j².
False for z = (1, 1).
Boundary: true where at most one unit is active.

Reference: made up to be refused.
"""

from sympy import S, Sum

from theory.problem import j, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(Sum(z[j], j) ** 2, Sum(z[j] ** 2, j)),
    proof=S.Zero,
    controls={
        "half": Eq(2 * Sum(z[j], j) ** 2, Sum(z[j] ** 2, j)),
        "twice": Eq(Sum(z[j], j) ** 2, 2 * Sum(z[j] ** 2, j)),
    },
)
