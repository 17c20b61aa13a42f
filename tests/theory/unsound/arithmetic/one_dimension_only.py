"""The overlap of residual and reconstruction has no part beyond the product of lengths.

Refused: not 0
‖r‖²‖x̂‖² = (r·x̂)²: Lagrange's identity without its last term, which vanishes in one dimension.
False for r = (1, 0), x̂ = (0, 1).
Boundary: true for d = 1 and for parallel vectors.

Reference: made up to be refused.
"""

from sympy import S, Sum

from theory.problem import a, r, square, xhat
from theory.statement import Eq, Statement, Status

overlap = Sum(r[a] * xhat[a], a)
lengths = square(r) * square(xhat)
statement = Statement(
    status=Status.PROVED,
    claim=Eq(lengths, overlap**2),
    proof=S.Zero,
    controls={"half": Eq(lengths, overlap**2 / 2), "twice": Eq(lengths, 2 * overlap**2)},
)
