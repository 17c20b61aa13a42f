"""Features are dead.

Refused: it has a Algebra with a check of its own
"""

from sympy import S

from theory.counterexample import Counterexample
from theory.example import Example
from theory.expectation import E
from theory.inference import Algebra, Property, Step
from theory.optimality import Level
from theory.problem import j, z
from theory.statement import Eq
from theory.theorem import Implication, Theorem

dead = Property("dead", Eq(E(z[j]), 0))
rule = Algebra(S.Zero)
object.__setattr__(rule, "check", lambda given, known: None)

theorem = Theorem(
    level=Level.STATIONARY,
    given=(),
    conditions={"t": (dead,)},
    implications=(Implication("", "t", (Step(dead, rule),)),),
    concludes=("t",),
    examples=(Example(Counterexample(x=[[1]], D=[[1]], z=[[0]], lam=1, b=[0], bias=False)),),
)
