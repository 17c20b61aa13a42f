"""Features are dead.

Refused: it has a Agreeable of its own
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


class Agreeable(Property):
    @property
    def margin(self):
        return S.Zero


dead = Agreeable("dead", Eq(E(z[j]), 0))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(),
    conditions={"t": (dead,)},
    implications=(Implication("", "t", (Step(dead, Algebra(S.Zero)),)),),
    concludes=("t",),
    examples=(Example(Counterexample(x=[[1]], D=[[1]], z=[[0]], lam=1, b=[0], bias=False)),),
)
