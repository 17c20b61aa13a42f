"""The overlap of residual and reconstruction is λ times the total activation.

Refused: objective
r·x̂ = λ‖z‖₁ is true of L1, by R1; the counterexample is an optimum of top-k.
Boundary: as R1.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import L1, TOP_K, a, j, lam, r, xhat, z
from theory.statement import Eq, Statement, Status

overlap = Sum(r[a] * xhat[a], a)
statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Eq(overlap, lam * Sum(z[j], j)),
    counterexample=Counterexample(x=[[2]], D=[[1]], z=[[2]], lam=1, b=[0], bias=False, objective=TOP_K, limit=1),
    controls={"orthogonal (top-k)": Eq(overlap, 0)},
)
