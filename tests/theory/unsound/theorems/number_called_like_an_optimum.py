"""Any number is the least objective.

Refused: F*(k) is no name of a quantity
"""

from sympy import Rational, S, Symbol

from theory.example import Example
from theory.inference import Algebra, Property, Step, best
from theory.optimality import Level
from theory.problem import k
from theory.statement import Eq
from theory.theorem import Implication, Theorem
from theory.witness import RAYS

t = Symbol("F*(k)", real=True)
any_number = Property("any number", Eq(2 * t, best(k) + t))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(),
    conditions={"t": (any_number,)},
    implications=(Implication("", "t", (Step(any_number, Algebra(S.Zero)),)),),
    concludes=("t",),
    examples=(Example(RAYS, {t: Rational(3, 2)}),),
)
