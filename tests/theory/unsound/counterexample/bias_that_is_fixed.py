"""Residuals have mean zero where the bias is free.

Refused: optima of a free bias
E[r] = 0 is true of a stationary bias, by B1; the counterexample has a fixed one.
Boundary: as B1.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import L1, a, j, lam, r, xhat, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    about=L1,
    claim=Eq(E(r[a]), 0),
    counterexample=Counterexample(x=[[2]], D=[[1]], z=[[1]], lam=1, b=[0], bias=False),
    controls={"what is paid (R1)": Eq(Sum(r[a] * xhat[a], a), lam * Sum(z[j], j))},
)
