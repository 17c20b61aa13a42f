"""Residual and reconstruction never point apart.

Refused: λ is negative
r·x̂ ≥ 0 is true, by R1; the counterexample has λ = −1.
Boundary: equality where nothing is active.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import L1, a, j, lam, r, xhat, z
from theory.statement import Eq, Ge, Statement, Status

overlap = Sum(r[a] * xhat[a], a)
statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Ge(overlap, 0),
    counterexample=Counterexample(x=[[2]], D=[[1]], z=[[3]], lam=-1, b=[0], bias=False),
    controls={"it is what is paid (R1)": Eq(overlap, lam * Sum(z[j], j))},
)
