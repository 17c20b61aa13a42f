"""A code times the total activation is the sum of squares.

Refused: k#0 is no index
z_i Σ_j z_j = Σ_j z_j² for every i, where i is called like what the algebra calls a summed index.
False for z = (1, 2): 3 ≠ 5.
Boundary: true of one atom.

Reference: made up to be refused.
"""

from sympy import Idx, S, Sum

from theory.problem import j, k, z
from theory.statement import Eq, Statement, Status

hidden = Idx("k#0", k)
statement = Statement(
    status=Status.PROVED,
    claim=Eq(z[hidden] * Sum(z[j], j), Sum(z[j] ** 2, j)),
    proof=S.Zero,
    controls={"half": Eq(2 * z[hidden] * Sum(z[j], j), Sum(z[j] ** 2, j)), "none": Eq(z[hidden] * Sum(z[j], j), 0)},
)
