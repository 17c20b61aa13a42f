"""The overlap is twice what L1 asks, in an L1 that asks twice as much.

Refused: no member of the objective family
r·x̂ = 2λ‖z‖₁ for an objective that is called L1 and has the penalty 2λt.
False of L1.
Boundary: true of 2λ.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import Objective, a, j, lam, r, xhat, z
from theory.statement import Eq, Statement, Status

mine = Objective("L1", lambda t: 2 * lam * t)
overlap, paid = Sum(r[a] * xhat[a], a), 2 * lam * Sum(z[j], j)
statement = Statement(
    status=Status.PROVED,
    about=mine,
    claim=Eq(overlap, paid),
    proof=-Sum(z[j] * code[j] + comp[j], j),
    controls={"half": Eq(overlap, paid / 2), "twice": Eq(overlap, 2 * paid)},
)
