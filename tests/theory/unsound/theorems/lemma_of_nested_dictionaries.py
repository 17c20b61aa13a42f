"""Codes of nested dictionaries are codes of any.

Refused: M1 is not claimed of L1: it is about Matryoshka
"""

from theory.example import Example
from theory.inference import Lemma, Property, Step
from theory.optimality import Level
from theory.statement import discover
from theory.theorem import Implication, Theorem
from theory.witness import RAYS

(m1,) = (each for each in discover() if each.id == "M1")
claim = Property("claim", m1.claims[0])

theorem = Theorem(
    level=Level.STATIONARY,
    given=(),
    conditions={"t": (claim,)},
    implications=(Implication("", "t", (Step(claim, Lemma(m1)),)),),
    concludes=("t",),
    examples=(Example(RAYS),),
)
