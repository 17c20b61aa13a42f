"""Residual and reconstruction are orthogonal, as a sum over nothing says.

Refused: whole axis
r·x̂ = Σ_{j=0}^{−1} z_j φ'(z_j), an empty sum.
False for x = 2, D = 1, λ = 1: the left side is 1.
Boundary: true where all units are silent.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import a, j, marginal, r, xhat, z
from theory.statement import Eq, Statement, Status

overlap = Sum(r[a] * xhat[a], a)
paid = Sum(z[j] * marginal(z[j]), (j, 0, -1))
statement = Statement(
    status=Status.PROVED,
    claim=Eq(overlap, paid),
    proof=-Sum(z[j] * code[j] + comp[j], j),
    controls={
        "half": Eq(2 * overlap, Sum(z[j] * marginal(z[j]), j)),
        "twice": Eq(overlap, 2 * Sum(z[j] * marginal(z[j]), j)),
    },
)
