"""The residual is its own dual certificate.

½‖r‖² + λ‖z‖₁ = r·(x−b) − ½‖r‖². The right side bounds the loss of every dictionary on which d·r ≤ λ for all unit d,
that is if ‖r‖ ≤ λ: so a dictionary is width-saturated iff max‖r_i‖ ≤ λ, and otherwise an atom along a longer residual
lowers the loss.
Boundary: holds at every optimal code; what depends on the width is whether ‖r‖ ≤ λ.

Reference: THEORY W3.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import L1, a, b, j, loss, r, square, x, z
from theory.statement import Eq, Statement, Status

cost = L1.specialise(loss())
dual = Sum(r[a] * (x[a] - b[a]), a) - square(r) / 2

statement = Statement(
    status=Status.PROVED,
    about=L1,
    claim=Eq(cost, dual),
    proof=Sum(z[j] * code[j] + comp[j], j),
    controls={
        "without the quadratic term": Eq(cost, dual + square(r) / 2),
        "half": Eq(cost, dual / 2),
        "twice": Eq(cost, 2 * dual),
    },
)
