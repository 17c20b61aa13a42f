"""Where the bias is fixed, all samples are 0.

Refused: x is not known to be the shift of a minimum
"""

from theory.counterexample import Counterexample
from theory.example import Example
from theory.inference import OWN, Bias, FixedBias, Point, Property, Step
from theory.optimality import Level
from theory.problem import a, x
from theory.statement import Eq
from theory.theorem import Implication, Theorem

nothing = Property("nothing", Eq(x[a], 0))
empty = Counterexample(x=[[0]], D=[[1]], z=[[0]], lam=1, b=[0], bias=False)

theorem = Theorem(
    level=Level.STATIONARY,
    given=(),
    conditions={"t": (nothing,)},
    implications=(Implication("", "t", (Step(nothing, FixedBias(Point(OWN.atoms, shift=x))),)),),
    concludes=("t",),
    examples=(Example(empty),),
    bias=frozenset({Bias.FIXED}),
)
