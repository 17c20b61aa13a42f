"""Residuals have mean zero, and the control says so too.

Refused: is the claim
E[r] = 0, with the control −2E[r] = 0, which can never fail where the claim holds.
Boundary: the claim is true, its control is not one.

Reference: made up to be refused.
"""

from theory.derive import bias
from theory.expectation import E
from theory.problem import a, b, r, x, xhat
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(E(r[a]), 0),
    proof=-bias[a],
    controls={"turned round": Eq(0, -2 * E(r[a])), "by its parts": Eq(E(x[a]), b[a] + E(xhat[a]))},
)
