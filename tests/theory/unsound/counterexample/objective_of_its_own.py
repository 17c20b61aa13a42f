"""The overlap of residual and reconstruction is λ times the total activation, but not where a unit costs twice as much.

Refused: objective
r·x̂ = λ‖z‖₁ is true of L1; the counterexample is of a copy of L1 with the penalty 2λt.
Boundary: none.

Reference: made up to be refused.
"""

from dataclasses import replace

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import L1, a, j, lam, r, xhat, z
from theory.statement import Eq, Statement, Status

dear = replace(L1, penalty=lambda t: 2 * lam * t)
overlap = Sum(r[a] * xhat[a], a)
statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Eq(overlap, lam * Sum(z[j], j)),
    counterexample=Counterexample(x=[[3]], D=[[1]], z=[[1]], lam=1, b=[0], bias=False, objective=dear),
    controls={"twice": Eq(overlap, 2 * lam * Sum(z[j], j))},
)
