"""Residual and reconstruction never point apart, but for numbers that compare as this file wants.

Refused: changes fractions
r·x̂ ≥ 0 is true, by R1; no fraction is at least another one any more.
Boundary: none.

Reference: made up to be refused.
"""

from fractions import Fraction

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import L1, a, j, lam, r, xhat, z
from theory.statement import Eq, Ge, Statement, Status

Fraction.__ge__ = lambda self, other: False
overlap = Sum(r[a] * xhat[a], a)
statement = Statement(
    status=Status.REFUTED,
    about=L1,
    claim=Ge(overlap, 0),
    counterexample=Counterexample(x=[[2]], D=[[1]], z=[[1]], lam=1, b=[0], bias=False),
    controls={"it is what is paid (R1)": Eq(overlap, lam * Sum(z[j], j))},
)
