"""Samples lie along any vector, as long as they are beyond any number.

Refused: ray speaks of e, which is chosen on the way
"""

from theory.classical import Polar
from theory.example import Example
from theory.inference import Property, Step, excess
from theory.optimality import Level
from theory.problem import a, b, lam, w, x
from theory.statement import Eq, Gt
from theory.theorem import Implication, Theorem
from theory.witness import RAYS

positive = Property("λ", Gt(lam, 0))
polar = Property("ray", Eq(x[a] - b[a], (lam + excess) * w[a]))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(positive,),
    conditions={"t": (polar,)},
    implications=(Implication("", "t", (Step(polar, Polar()),)),),
    concludes=("t",),
    examples=(Example(RAYS),),
)
