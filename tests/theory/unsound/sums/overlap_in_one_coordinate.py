"""The overlap of residual and reconstruction in the first coordinate is all that is paid.

Refused: whole axis
r_0 x̂_0 = Σ_j z_j φ'(z_j): the sum over coordinates ends at the first.
False for x = (0, 2), D = (0, 1), λ = 1: the left side is 0, the right one 1.
Boundary: true in one dimension.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import a, j, marginal, r, xhat, z
from theory.statement import Eq, Statement, Status

first = Sum(r[a] * xhat[a], (a, 0, 0))
paid = Sum(z[j] * marginal(z[j]), j)
statement = Statement(
    status=Status.PROVED,
    claim=Eq(first, paid),
    proof=-Sum(z[j] * code[j] + comp[j], j),
    controls={"nothing": Eq(first, 0), "twice": Eq(first, 2 * paid)},
)
