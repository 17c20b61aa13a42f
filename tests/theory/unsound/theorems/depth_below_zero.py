"""Nothing is active where a depth is −1.

Refused: the example has a value of depth that its assumptions do not allow
"""

from sympy import Sum, Symbol

from theory.counterexample import Counterexample
from theory.example import Example
from theory.inference import Algebra, Property, Step
from theory.optimality import Level
from theory.problem import m, z
from theory.statement import Eq, Le
from theory.theorem import Implication, Theorem

depth = Symbol("depth", positive=True)
below = Property("below", Eq(depth, -1))
silent = Property("silent", Le(Sum(z[m], m), 0))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(below,),
    conditions={"t": (silent,)},
    implications=(Implication("", "t", (Step(silent, Algebra(Sum(z[m], m) * (depth - below.at()))),)),),
    concludes=("t",),
    examples=(Example(Counterexample(x=[[1]], D=[[1]], z=[[0]], lam=1, b=[0], bias=False), {depth: -1}),),
)
