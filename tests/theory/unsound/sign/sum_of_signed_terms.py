"""The total residual is nonnegative.

Refused: not manifestly nonnegative
Σ_a r_a ≥ 0.
False for x = −2, D = 1, λ = 1, where r = −2.
Boundary: true of data above the bias.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Ge(Sum(r[a], a), 0),
    proof=Sum(r[a], a),
    controls={"above one": Ge(Sum(r[a], a), 1), "negative": Le(Sum(r[a], a), -1)},
)
