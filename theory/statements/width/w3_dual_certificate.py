"""What a sample costs is the dual value of its residual.

½‖r‖² + λ‖z‖₁ = r·(x−b) − ½‖r‖². If ‖r‖ ≤ λ the right side is W1's bound at w = r/λ, which holds for every dictionary:
so one with ‖r_i‖ ≤ λ on all samples is width-saturated. Otherwise an atom along a longer residual is a gain (W10).
Boundary: holds at every optimal code; what depends on the width is whether ‖r‖ ≤ λ.

Reference: THEORY W3.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import L1, a, b, j, loss, r, square, x, z
from theory.statement import Eq, Rank, Statement, Status

cost = L1.specialise(loss())
dual = Sum(r[a] * (x[a] - b[a]), a) - square(r) / 2

statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    about=L1,
    claim=Eq(cost, dual),
    proof=Sum(z[j] * code[j] + comp[j], j),
    controls={
        "without the quadratic term": Eq(cost, dual + square(r) / 2),
        "half": Eq(cost, dual / 2),
        "twice": Eq(cost, 2 * dual),
    },
)
