"""The residual is orthogonal to the reconstruction where there is no penalty.

Refused: the claim holds
r·x̂ = 0 if λ = 0 is true; the counterexample has λ = 1.
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
    given=[Eq(lam, 0)],
    counterexample=Counterexample(x=[[2], [-2]], D=[[1, -1]], z=[[1, 0], [0, 1]], lam=1, b=[0]),
    controls={"it is what is paid (R1)": Eq(overlap, lam * Sum(z[j], j))},
)
