"""The overlap of residual and reconstruction is what is paid, also where it is not a number.

Refused: nan
r·x̂ = λ‖z‖₁ is true; a sample of the counterexample is not a number.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import L1, G, a, j, lam, r, xhat, z
from theory.statement import Eq, Statement, Status

nothing = float("nan")
statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Eq(Sum(r[a] * xhat[a], a), lam * Sum(z[j], j)),
    counterexample=Counterexample(x=[[nothing]], D=[[1]], z=[[1]], lam=1, b=[0], bias=False),
    controls={"unit norm": Eq(G[j, j], 1)},
)
