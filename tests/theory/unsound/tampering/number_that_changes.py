"""Residual and reconstruction never point apart, but for a λ that is another one whenever it is read.

Refused: the entry
r·x̂ ≥ 0 is true; λ is 1 when the domain is checked and −1 when the point is.
Boundary: none.

Reference: made up to be refused.
"""

from itertools import cycle

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import L1, a, j, lam, r, xhat, z
from theory.statement import Eq, Ge, Statement, Status

READINGS = cycle(["1", "1", "-1"])


class Price(int):
    """A whole number that reads differently each time."""

    def __str__(self) -> str:
        return next(READINGS)


overlap = Sum(r[a] * xhat[a], a)
statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Ge(overlap, 0),
    counterexample=Counterexample(x=[[2]], D=[[1]], z=[[3]], lam=Price(1), b=[0], bias=False),
    controls={"it is what is paid (R1)": Eq(overlap, lam * Sum(z[j], j))},
)
