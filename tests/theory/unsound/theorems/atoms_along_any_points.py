"""Where atoms are as many as rays, any points of the ball are ends of rays.

Refused: that w and e are the ray of a sample and what it has beyond λ is not known
"""

from sympy import IndexedBase, Sum

from theory.classical import OneAtomPerRay
from theory.counterexample import Counterexample
from theory.example import Example
from theory.expectation import SampledBase
from theory.inference import Algebra, Property, Step, excess, rays
from theory.optimality import Level
from theory.problem import a, j, k, m, w
from theory.statement import Eq, Ge
from theory.theorem import Implication, Theorem

enough = Property("enough", Ge(k, rays))
D_ray, h = IndexedBase("D_ray", real=True), SampledBase("h", nonnegative=True)
unit = Property("unit", Eq(Sum(D_ray[a, j] ** 2, a), 1))
chosen = Property("chosen", Eq(h[j] * (D_ray[a, j] - w[a]), 0))
covered = Property("covered", Eq(excess * (Sum(h[m], m) - 1), 0))
inside = 1 - Sum(w[a] ** 2, a)
ends = Property("ends", Eq(excess * inside, 0))
along = Sum(Sum(chosen.at(a, m) * (D_ray[a, m] + w[a]), a) - h[m] * unit.at(m), m)

theorem = Theorem(
    level=Level.STATIONARY,
    given=(enough,),
    conditions={"t": (ends,)},
    implications=(
        Implication(
            "",
            "t",
            (
                Step((unit, chosen, covered), OneAtomPerRay(enough, D_ray, h)),
                Step(ends, Algebra(excess * along - covered.at() * inside)),
            ),
        ),
    ),
    concludes=("t",),
    examples=(Example(Counterexample(x=[[1]], D=[[1]], z=[[0]], lam=1, b=[0], bias=False)),),
)
