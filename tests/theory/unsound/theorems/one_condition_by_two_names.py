"""Residuals are centred exactly if they balance.

Refused: balanced says nothing: it is centred, in other words, or true of any numbers
"""

from theory.example import Example
from theory.expectation import E
from theory.inference import Algebra, Property, Step
from theory.optimality import Level
from theory.problem import a, r
from theory.statement import Eq
from theory.theorem import Implication, Theorem
from theory.witness import ANTIPODES

centred = Property("mean", Eq(E(r[a]), 0))
balanced = Property("balance", Eq(-2 * E(r[a]), 0))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(),
    conditions={"centred": (centred,), "balanced": (balanced,)},
    implications=(
        Implication("centred", "balanced", (Step(balanced, Algebra(-2 * centred.at(a))),)),
        Implication("balanced", "centred", (Step(centred, Algebra(-balanced.at(a) / 2)),)),
    ),
    equivalent=("centred", "balanced"),
    examples=(Example(ANTIPODES),),
)
