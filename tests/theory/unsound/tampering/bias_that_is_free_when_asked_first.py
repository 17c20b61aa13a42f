"""Residuals vanish on average.

Refused: in the place of a bool
E[r] = 0, refuted where the bias is fixed, by a point that says yes when it is asked first.
True of a free bias.
Boundary: about optima of a free bias.

Reference: made up to be refused.
"""

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import a, j, r, z
from theory.statement import Eq, Statement, Status


class OnceTrue(int):
    asked = 0

    def __bool__(self):
        OnceTrue.asked += 1
        return OnceTrue.asked < 2


statement = Statement(
    status=Status.REFUTED,
    claim=Eq(E(r[a]), 0),
    counterexample=Counterexample(x=[[-2], [2], [8]], D=[[1]], z=[[0], [0], [6]], lam=1, b=[1], bias=OnceTrue(1)),
    controls={"codes are nothing": Eq(z[j], 0)},
)
