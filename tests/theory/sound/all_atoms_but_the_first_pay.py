"""All atoms pay for the overlap.

r·x̂ = Σ_j z_j φ'(z_j): the sum over atoms runs over all of them.
Boundary: none.

Reference: the sound twin of a file of the unsound corpus.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import a, j, marginal, r, xhat, z
from theory.statement import Eq, Statement, Status

overlap = Sum(r[a] * xhat[a], a)
paid = Sum(z[j] * marginal(z[j]), j)
statement = Statement(
    status=Status.PROVED,
    claim=Eq(overlap, paid),
    proof=-Sum(z[j] * code[j] + comp[j], j),
    controls={"nothing": Eq(overlap, 0), "twice": Eq(overlap, 2 * paid)},
)
