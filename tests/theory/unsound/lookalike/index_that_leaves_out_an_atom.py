"""What all atoms but the first pay is the overlap of residual and reconstruction.

Refused: whole axis
r·x̂ = Σ_{j>0} z_j φ'(z_j): the index j of this file starts at 1.
False for x = 2, D = 1, λ = 1: the left side is 1, the sum is empty.
Boundary: true where the first atom is silent.

Reference: made up to be refused.
"""

from sympy import Idx, Sum

from theory.derive import code, comp
from theory.problem import a, j, k, marginal, r, xhat, z
from theory.statement import Eq, Statement, Status

others = Idx("j", (1, k - 1))
statement = Statement(
    status=Status.PROVED,
    claim=Eq(Sum(r[a] * xhat[a], a), Sum(z[others] * marginal(z[others]), others)),
    proof=-Sum(z[j] * code[j] + comp[j], j),
    controls={
        "nothing": Eq(Sum(r[a] * xhat[a], a), 0),
        "twice": Eq(Sum(r[a] * xhat[a], a), 2 * Sum(z[j] * marginal(z[j]), j)),
    },
)
