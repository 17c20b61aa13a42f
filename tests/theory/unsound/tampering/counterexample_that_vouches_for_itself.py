"""Residual and reconstruction never point apart, says R1, but not this counterexample.

Refused: Excellent of its own
r·x̂ ≥ 0 is true; the counterexample of this file finds itself good enough.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import L1, a, j, lam, r, xhat, z
from theory.statement import Eq, Ge, Statement, Status


class Excellent(Counterexample):
    """A counterexample that needs no check."""

    def verify(self, *whatever: object) -> None:
        return None


overlap = Sum(r[a] * xhat[a], a)
statement = Statement(
    status=Status.REFUTED,
    about=L1,
    claim=Ge(overlap, 0),
    counterexample=Excellent(x=[[2]], D=[[1]], z=[[1]], lam=1, b=[0], bias=False),
    controls={"it is what is paid (R1)": Eq(overlap, lam * Sum(z[j], j))},
)
