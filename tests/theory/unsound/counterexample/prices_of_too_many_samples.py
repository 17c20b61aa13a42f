"""The residual of an optimum is orthogonal to its reconstruction, with a λ for a sample that there is not.

Refused: 3 values of λ for 2 samples
r·x̂ = 0 is false, but the counterexample is no point: it has three λ and two samples, and the third is negative.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import L1, a, j, lam, r, xhat, z
from theory.statement import Eq, Statement, Status

overlap = Sum(r[a] * xhat[a], a)
statement = Statement(
    status=Status.REFUTED,
    about=L1,
    claim=Eq(overlap, 0),
    counterexample=Counterexample(x=[[2], [-2]], D=[[1, -1]], z=[[1, 0], [0, 1]], lam=[1, 1, -5], b=[0]),
    controls={"it is what is paid (R1)": Eq(overlap, lam * Sum(z[j], j))},
)
