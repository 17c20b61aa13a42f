"""Residuals are no longer than λ where one component is none.

Refused: u is to be arbitrary, and is restricted by more than u
"""

from sympy import Sum

from theory.classical import EveryDirection
from theory.counterexample import Counterexample
from theory.example import Example
from theory.inference import Algebra, Property, Step
from theory.optimality import Level
from theory.problem import a, c, lam, r, square, u
from theory.statement import Eq, Le
from theory.theorem import Implication, Theorem

unit = Property("u", Eq(Sum(u[a] ** 2, a), 1))
across = Property("across", Eq(Sum(u[a] * r[a], a), 0))
component = Property("component", Le(Sum(u[c] * r[c], c), lam))
within = Property("within", Le(square(r), lam**2))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(unit, across),
    conditions={"t": (within,)},
    implications=(
        Implication(
            "",
            "t",
            (
                Step(component, Algebra(lam - across.at())),
                Step(within, EveryDirection(component, lambda i: r[i], lam)),
            ),
        ),
    ),
    concludes=("t",),
    examples=(Example(Counterexample(x=[[1]], D=[[1]], z=[[0]], lam=1, b=[0], bias=False)),),
    arbitrary={u: "u"},
)
