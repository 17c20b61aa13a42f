"""An atom of length 2 bounds the objective.

Refused: that 2 u_a is of unit norm is not known
"""

from sympy import S, Sum

from theory.example import Example
from theory.expectation import E
from theory.inference import Atoms, NoBetter, Point, Property, Step, best
from theory.optimality import Level
from theory.problem import a, u
from theory.statement import Eq, Le
from theory.theorem import Implication, Theorem
from theory.witness import RAYS

asked = []


def atom(i):
    """Twice u to who asks first, and u from then on."""
    asked.append(i)
    return (2 if len(asked) == 1 else 1) * u[i]


one = Point((Atoms(atom, S.One),))
unit = Property("u", Eq(Sum(u[a] ** 2, a), 1))
least = Property("least", Le(best(1), E(one.cost)))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(unit,),
    conditions={"t": (least,)},
    implications=(Implication("", "t", (Step(least, NoBetter(one)),)),),
    concludes=("t",),
    examples=(Example(RAYS),),
)
