"""Nothing is active where w is of length 2.

Refused: the example has a value of w that is none: ball fails
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.example import Example
from theory.inference import Algebra, Property, Step
from theory.optimality import Level
from theory.problem import a, m, room, w, z
from theory.statement import Eq, Le
from theory.theorem import Implication, Theorem

long = Property("long", Eq(Sum(w[a] ** 2, a), 4))
silent = Property("silent", Le(3 * Sum(z[m], m), 0))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(long,),
    conditions={"t": (silent,)},
    implications=(Implication("", "t", (Step(silent, Algebra(Sum(z[m], m) * (room + long.at()))),)),),
    concludes=("t",),
    examples=(Example(Counterexample(x=[[1]], D=[[1]], z=[[0]], lam=1, b=[0], bias=False), {w: [[2]]}),),
)
