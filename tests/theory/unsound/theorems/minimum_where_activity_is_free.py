"""Minimisers exist where λ may be 0.

Refused: minimisers exist if λ > 0, which is not known
"""

from sympy import IndexedBase, Sum

from theory.example import Example
from theory.expectation import E, SampledBase
from theory.inference import Atoms, Attained, Bias, Point, Property, Step, best
from theory.optimality import Level
from theory.problem import a, k, q
from theory.statement import Eq
from theory.theorem import Implication, Theorem
from theory.witness import RAYS

D_wide, z_wide = IndexedBase("D_wide", real=True), SampledBase("z_wide", nonnegative=True)
wide = Point((Atoms(lambda i: D_wide[i, q], z_wide[q], q),))
reached = Property("reached", Eq(best(k + 1), E(wide.cost)))
units = Property("units", Eq(Sum(D_wide[a, q] ** 2, a), 1))

theorem = Theorem(
    level=Level.STATIONARY,
    given=(),
    conditions={"t": (reached,)},
    implications=(Implication("", "t", (Step((reached, units), Attained(wide)),)),),
    concludes=("t",),
    examples=(Example(RAYS),),
    bias=frozenset({Bias.FIXED}),
    exists=(D_wide, z_wide),
)
