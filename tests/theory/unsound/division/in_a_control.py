"""Residuals have mean zero, and their controls divide by dead features.

Refused: may be zero
E[r] = 0. The control has no value where a feature is dead.
Boundary: the claim is true, the control cannot be judged.

Reference: made up to be refused.
"""

from theory.derive import bias
from theory.expectation import E
from theory.problem import a, j, r, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(E(r[a]), 0),
    proof=-bias[a],
    controls={"the mean code": Eq(E(r[a]), 1 / E(z[j])), "its opposite": Eq(E(r[a]), -1 / E(z[j]))},
)
