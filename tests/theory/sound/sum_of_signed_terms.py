"""The overlap of residual and reconstruction is nonnegative, although its terms have either sign.

r·x̂ = Σ_j z_j φ'(z_j) ≥ 0.
Boundary: none.

Reference: the sound twin of a file of the unsound corpus.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import a, j, marginal, r, xhat, z
from theory.statement import Ge, Le, Statement, Status

overlap = Sum(r[a] * xhat[a], a)
paid = Sum(z[j] * marginal(z[j]), j)
statement = Statement(
    status=Status.PROVED,
    claim=Ge(overlap, 0),
    proof=paid - Sum(z[j] * code[j] + comp[j], j),
    controls={"above one": Ge(overlap, 1 + paid), "negative": Le(overlap, -1)},
)
