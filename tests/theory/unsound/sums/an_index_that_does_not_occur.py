"""The overlap is what is paid, summed over coordinates.

Refused: has no c
r·x̂ = Σ_c Σ_j z_j φ'(z_j): the sum over c is of what has no c, a factor d.
False for two coordinates.
Boundary: true in one dimension.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import a, c, j, marginal, r, xhat, z
from theory.statement import Eq, Statement, Status

overlap = Sum(r[a] * xhat[a], a)
paid = Sum(Sum(z[j] * marginal(z[j]), j), c)
statement = Statement(
    status=Status.PROVED,
    claim=Eq(overlap, paid),
    proof=-Sum(z[j] * code[j] + comp[j], j),
    controls={"nothing": Eq(overlap, 0), "twice": Eq(overlap, 2 * paid)},
)
