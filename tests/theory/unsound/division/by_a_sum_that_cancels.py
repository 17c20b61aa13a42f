"""Complementary slackness holds over the total residual.

Refused: may be zero
μ_j z_j/Σ_a r_a = 0: a sum of signed terms can cancel, as for r = (1, −1).
Boundary: true where the total is not 0.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import comp
from theory.problem import a, j, mu, r, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(mu[j] * z[j] / Sum(r[a], a), 0),
    proof=comp[j] / Sum(r[a], a),
    controls={"one": Eq(mu[j] * z[j] / Sum(r[a], a), 1), "minus one": Eq(mu[j] * z[j] / Sum(r[a], a), -1)},
)
