"""Features are dead.

Refused: it has a Obvious of its own, which could answer as it likes
"""

from dataclasses import dataclass

from theory.counterexample import Counterexample
from theory.example import Example
from theory.expectation import E
from theory.inference import Property, Step
from theory.optimality import Level
from theory.problem import j, z
from theory.statement import Eq
from theory.theorem import Implication, Theorem


@dataclass(frozen=True, eq=False)
class Obvious:
    words = "obvious"

    def check(self, given, known):
        """Nothing is checked."""


dead = Property("dead", Eq(E(z[j]), 0))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(),
    conditions={"t": (dead,)},
    implications=(Implication("", "t", (Step(dead, Obvious()),)),),
    concludes=("t",),
    examples=(Example(Counterexample(x=[[1]], D=[[1]], z=[[0]], lam=1, b=[0], bias=False)),),
)
