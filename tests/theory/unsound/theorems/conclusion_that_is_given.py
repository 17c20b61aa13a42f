"""Residuals are centred.

Refused: t says nothing: it is what is assumed
"""

from theory.example import Example
from theory.expectation import E
from theory.inference import Property
from theory.optimality import Level
from theory.problem import a, r
from theory.statement import Eq
from theory.theorem import Implication, Theorem
from theory.witness import ANTIPODES

centred = Property("centred", Eq(E(r[a]), 0))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(centred,),
    conditions={"t": (centred,)},
    implications=(Implication("", "t"),),
    concludes=("t",),
    examples=(Example(ANTIPODES),),
)
