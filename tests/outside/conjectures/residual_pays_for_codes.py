"""The residual carries as much energy as the codes cost.

E‖r‖² ≥ λ E‖z‖₁. Strong codes refute it: the residual of an active sample need not grow with its code.
Boundary: true where codes are no larger than λ.

Reference: a guess that did not last.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import a, b, j, lam, r, x, z
from theory.statement import Ge, Statement, Status

paid = E(Sum(lam * z[j], j))

statement = Statement(
    status=Status.REFUTED,
    claim=Ge(E(Sum(r[a] ** 2, a)), paid),
    counterexample=Counterexample(x=[[3], [-3]], D=[[1, -1]], z=[[2, 0], [0, 2]], lam=1, b=[0]),
    controls={"the data carries twice as much": Ge(E(Sum((x[a] - b[a]) ** 2, a)), 2 * paid)},
)
