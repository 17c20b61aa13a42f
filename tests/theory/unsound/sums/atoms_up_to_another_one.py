"""The atoms up to any one pay for the whole overlap.

Refused: whole axis
r·x̂ = Σ_{j≤l} z_j φ'(z_j) for every l: the sum over atoms ends at l.
False for l = 0, x = (0, 2), D = 1, λ = 1: only the second atom is active.
Boundary: true of one atom.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import a, j, l, marginal, r, xhat, z
from theory.statement import Eq, Statement, Status

overlap = Sum(r[a] * xhat[a], a)
paid = Sum(z[j] * marginal(z[j]), (j, 0, l))
statement = Statement(
    status=Status.PROVED,
    claim=Eq(overlap, paid),
    proof=-Sum(z[j] * code[j] + comp[j], j),
    controls={"nothing": Eq(overlap, 0), "twice": Eq(overlap, 2 * paid)},
)
