"""Residual and reconstruction never point the same way.

r·x̂ ≤ 0 is false, by R1.
Boundary: none.

Reference: the sound twin of a file of the unsound corpus.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import L1, a, j, lam, r, xhat, z
from theory.statement import Eq, Le, Statement, Status

overlap = Sum(r[a] * xhat[a], a)
statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Le(overlap, 0),
    counterexample=Counterexample(x=[[2]], D=[[1]], z=[[1]], lam=1, b=[0], bias=False),
    controls={"it is what is paid (R1)": Eq(overlap, lam * Sum(z[j], j))},
)
