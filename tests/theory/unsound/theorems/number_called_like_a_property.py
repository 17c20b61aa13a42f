"""Any number is 0.

Refused: (gap) is no name of a quantity
"""

from sympy import Symbol

from theory.counterexample import Counterexample
from theory.example import Example
from theory.inference import Algebra, Lemma, Property, Step
from theory.optimality import Level
from theory.statement import Eq
from theory.statements.width.w1_width_bound import bound, cost
from theory.statements.width.w7_gap_to_saturation import astray, inside, shrinkage
from theory.statements.width.w7_gap_to_saturation import statement as w7
from theory.theorem import Implication, Theorem

t = Symbol("(gap)", real=True)
gap = Property("gap", Eq(cost - bound, shrinkage + astray + inside))
zero = Property("zero", Eq(t, 0))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(),
    conditions={"t": (zero,)},
    implications=(
        Implication(
            "",
            "t",
            (
                Step(gap, Lemma(w7)),
                Step(zero, Algebra(t)),
            ),
        ),
    ),
    concludes=("t",),
    examples=(Example(Counterexample(x=[[1]], D=[[1]], z=[[0]], lam=1, b=[0], bias=False), {t: 0}),),
)
