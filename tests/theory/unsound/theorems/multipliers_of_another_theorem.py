"""Where no turn lowers the activation, atoms of live features are all the same.

Refused: cone: omega is to be new, and is spoken of already
"""

from theory.counterexample import Counterexample
from theory.example import Example
from theory.expectation import E
from theory.inference import Algebra, Property, Step
from theory.optimality import Level
from theory.problem import C, G, j, l, off, omega, rise, z
from theory.statement import Eq
from theory.theorem import Cited, Implication, Theorem
from theory.theorems import t7_local_identifiability as t7

none = Property("none", Eq(omega[l], 0))
cone = Property("cone", t7.cone.relation)
same = Property("same", Eq((1 - G[l, j]) * E(z[j]), 0))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(none,),
    common=t7.theorem.common,
    conditions={"no descent": (t7.no_descent,), "same": (same,)},
    implications=(
        Implication(
            "no descent",
            "same",
            (
                Step(cone, Cited(t7.theorem, "no descent", "cone", "T7")),
                Step(same, Algebra(cone.at(j, l) + E(z[j] * off[l] * none.at(l)))),
            ),
        ),
    ),
    implies=(("no descent", "same"),),
    examples=(
        Example(
            Counterexample(x=[[1]], D=[[1]], z=[[0]], lam=1, b=[0], bias=False), {C: [[0]], omega: [[0]], rise: [[0]]}
        ),
    ),
)
