"""The residual of an optimum is orthogonal to its reconstruction, with codes for an atom that there is not.

Refused: another shape
r·x̂ = 0 is false, but the counterexample is no point: it has three codes a sample and two atoms.
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
    counterexample=Counterexample(x=[[2], [-2]], D=[[1, -1]], z=[[1, 0, 7], [0, 1, 7]], lam=1, b=[0]),
    controls={"it is what is paid (R1)": Eq(overlap, lam * Sum(z[j], j))},
)
