"""Centred residuals are centred.

Refused: that centred leads to centred says nothing
"""

from theory.example import Example
from theory.expectation import E
from theory.inference import Property
from theory.optimality import Level
from theory.problem import a, r
from theory.statement import Eq
from theory.theorem import Theorem
from theory.witness import ANTIPODES

centred = Property("centred", Eq(E(r[a]), 0))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(),
    conditions={"centred": (centred,)},
    implications=(),
    implies=(("centred", "centred"),),
    examples=(Example(ANTIPODES),),
)
