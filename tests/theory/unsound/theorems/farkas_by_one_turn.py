"""Every feature passes the cone test where the turn C = 0 lowers no activation.

Refused: cone: C is to be arbitrary, and is restricted by still
"""

from sympy import Sum

from theory.classical import Farkas
from theory.example import Example
from theory.expectation import E
from theory.inference import Algebra, Lemma, Property, Step
from theory.optimality import Level
from theory.problem import C, G, j, l, off, omega, rise, z
from theory.statement import Eq, Ge
from theory.statements.cones.k4_identifiability_to_first_order import change, weighed
from theory.statements.cones.k4_identifiability_to_first_order import statement as k4
from theory.theorem import Implication, Theorem
from theory.witness import GRID

still = Property("still", Eq(C[l, j], 0))
first_order = Property("first order", Eq(change, weighed))
no_descent = Property("no descent", Ge(change, 0))
cone = Property("cone", Eq((1 - G[l, j]) * E(z[j]), E(omega[l] * z[j] * off[l])))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(still,),
    conditions={"cone": (cone,)},
    implications=(
        Implication(
            "",
            "cone",
            (
                Step(first_order, Lemma(k4)),
                Step(no_descent, Algebra(-Sum(still.at(j, l) * E(z[j]), l, j))),
                Step(cone, Farkas(first_order, no_descent)),
            ),
        ),
    ),
    concludes=("cone",),
    exists=(omega,),
    examples=(Example(GRID, {C: [[0, 0], [0, 0]], rise: [[0, 0]] * 4, omega: [[2, 2]] * 4}),),
)
