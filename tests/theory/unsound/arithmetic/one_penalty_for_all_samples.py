"""What is paid on average is the mean λ times the mean code.

Refused: not 0
E[λ z_j] = E[λ] E[z_j].
False for λ = 0, 1 and z = 1, 0.
Boundary: true if λ is the same for all samples.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.expectation import E
from theory.problem import L1, a, j, lam, r, xhat, z
from theory.statement import Eq, Statement, Status

overlap = E(Sum(r[a] * xhat[a], a))
statement = Statement(
    status=Status.PROVED,
    about=L1,
    claim=Eq(overlap, E(lam) * Sum(E(z[j]), j)),
    proof=-E(Sum(z[j] * code[j] + comp[j], j)),
    controls={"half": Eq(2 * overlap, E(lam) * Sum(E(z[j]), j)), "twice": Eq(overlap, 2 * E(lam) * Sum(E(z[j]), j))},
)
