"""Where atoms are as many as rays, there is a motion of unit length for each atom.

Refused: D_dot is the theory's own, and is to be new
"""

from sympy import Sum

from theory.classical import OneAtomPerRay, Polar
from theory.example import Example
from theory.expectation import SampledBase
from theory.inference import Property, Step, excess, rays
from theory.optimality import Level
from theory.problem import D_dot, a, b, j, k, lam, room, w, x
from theory.statement import Eq, Ge, Gt
from theory.theorem import Implication, Theorem
from theory.witness import RAYS

positive = Property("λ", Gt(lam, 0))
polar = Property("ray", Eq(x[a] - b[a], (lam + excess) * w[a]))
edge = Property("edge", Eq(excess * room, 0))
ball = Property("ball", Ge(1 - Sum(w[a] ** 2, a), 0))
enough = Property("enough", Ge(k, rays))
unit = Property("unit", Eq(Sum(D_dot[a, j] ** 2, a), 1))
h = SampledBase("h", nonnegative=True)

theorem = Theorem(
    level=Level.STATIONARY,
    given=(positive, enough),
    conditions={"t": (unit,)},
    implications=(Implication("", "t", (Step(unit, OneAtomPerRay(enough, D_dot, h)),)),),
    concludes=("t",),
    examples=(Example(RAYS, {D_dot: [[0, 1], [1, 0]]}),),
    common=(Step((polar, edge, ball), Polar()),),
    exists=(D_dot,),
)
