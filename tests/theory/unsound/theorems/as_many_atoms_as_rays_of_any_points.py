"""There are as many atoms as rays.

Refused: that w and e are the ray of a sample and what it has beyond λ is not known
"""

from sympy import Sum

from theory.classical import Pigeonhole
from theory.example import Example
from theory.inference import Algebra, Property, Step, excess, rays
from theory.optimality import Level
from theory.problem import a, j, k, m, w, w2, z, z2
from theory.statement import Eq, Ge
from theory.theorem import Implication, Theorem
from theory.witness import RAYS

nowhere = Property("nowhere", Eq(w[a], 0))
amount = Property("amount", Eq(Sum(z[m], m), excess))
alone = Property("alone", Eq(z[j] * z2[j] * (w[a] - w2[a]), 0))
enough = Property("enough", Ge(k, rays))
differs = z[j] * z2[j] * (nowhere.at(a) - nowhere.at(a, second=True))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(nowhere, amount),
    conditions={"t": (enough,)},
    implications=(
        Implication(
            "",
            "t",
            (
                Step(alone, Algebra(differs)),
                Step(enough, Pigeonhole(amount, alone)),
            ),
        ),
    ),
    concludes=("t",),
    examples=(Example(RAYS, {w: [[0, 0]] * 3, excess: [1, 2, 0]}),),
)
