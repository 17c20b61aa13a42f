"""The overlap of residual and reconstruction is at most zero.

Refused: no member of the objective family
r·x̂ = −λ‖z‖₁ for an objective that pays for activation: φ' ≥ 0 fails.
Boundary: no member of the family.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import Objective, a, j, lam, r, xhat, z
from theory.statement import Eq, Statement, Status

reward = Objective("reward", lambda t: -lam * t)
overlap = Sum(r[a] * xhat[a], a)
statement = Statement(
    status=Status.PROVED,
    about=reward,
    claim=Eq(overlap, -lam * Sum(z[j], j)),
    proof=-Sum(z[j] * code[j] + comp[j], j),
    controls={"the penalty": Eq(overlap, lam * Sum(z[j], j)), "nothing": Eq(overlap, 0)},
)
