"""Residuals have mean zero in the sum over coordinates that a condition holds in.

Refused: whole axis
E[r_a] = 0 where Σ_{c≤0} r_c² > 0: the condition sums over the first coordinate alone.
Boundary: the claim is true, the condition is about a coordinate that has no name.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import bias
from theory.expectation import E
from theory.problem import a, b, c, r, x
from theory.statement import Eq, Gt, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(E(r[a]), 0),
    proof=-bias[a],
    given=[Gt(E(Sum(r[c] ** 2, (c, 0, 0))), 0)],
    controls={"the bias": Eq(E(r[a]), b[a]), "the data": Eq(E(r[a]), E(x[a]))},
)
