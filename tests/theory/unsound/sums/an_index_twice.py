"""Summed twice over atoms, what is paid is the overlap.

Refused: the same index twice
r·x̂ = Σ_j Σ_j z_j φ'(z_j): one index is bound twice in one sum.
False for two atoms, x = (2, 0), D = 1, λ = 1: the left side is 1, the right one 2.
Boundary: true of one atom.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import a, j, marginal, r, xhat, z
from theory.statement import Eq, Statement, Status

overlap = Sum(r[a] * xhat[a], a)
paid = Sum(z[j] * marginal(z[j]), j, j)
statement = Statement(
    status=Status.PROVED,
    claim=Eq(overlap, paid),
    proof=-Sum(z[j] * code[j] + comp[j], j),
    controls={"nothing": Eq(overlap, 0), "twice": Eq(overlap, 2 * paid)},
)
