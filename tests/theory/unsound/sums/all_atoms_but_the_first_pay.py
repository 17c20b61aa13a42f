"""All atoms but the first pay for the whole overlap.

Refused: whole axis
r·x̂ = Σ_{j≥1} z_j φ'(z_j): the sum over atoms starts at the second.
False for x = 2, D = 1, λ = 1: the left side is 1, the sum is empty.
Boundary: true where the first atom is silent.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import a, j, k, marginal, r, xhat, z
from theory.statement import Eq, Statement, Status

overlap = Sum(r[a] * xhat[a], a)
paid = Sum(z[j] * marginal(z[j]), (j, 1, k - 1))
statement = Statement(
    status=Status.PROVED,
    claim=Eq(overlap, paid),
    proof=-Sum(z[j] * code[j] + comp[j], j),
    controls={"nothing": Eq(overlap, 0), "twice": Eq(overlap, 2 * paid)},
)
