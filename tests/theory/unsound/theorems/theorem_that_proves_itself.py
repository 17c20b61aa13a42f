"""Features are dead.

Refused: it has a Mine of its own in the place of a Theorem
"""

from theory.expectation import E
from theory.inference import Property
from theory.optimality import Level
from theory.problem import j, z
from theory.statement import Eq
from theory.theorem import Theorem


class Mine(Theorem):
    def prove(self):
        """Nothing is checked."""


dead = Property("dead", Eq(E(z[j]), 0))

theorem = Mine(level=Level.STATIONARY, given=(), conditions={"t": (dead,)}, implications=(), concludes=("t",))
