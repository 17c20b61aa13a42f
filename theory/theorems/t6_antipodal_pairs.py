"""Antipodal pairs are forced: a direction that samples have with both signs takes two atoms.

Let λ > 0 and k ≥ R (T1), and let samples beyond λ lie along v and along −v, ‖v‖ = 1. At every global minimiser each
atom that is active on the first is v, each on the others is −v, both spend what a sample is beyond λ, and none is
active on both: the dictionary holds the pair v, −v. Moreover, if one of the k + 1 atoms of a global minimiser is never
active, then no residual is longer than λ, so that E[(−d_j·r − λ)₊²] = 0 for every j, and k ≥ R: the pair is there.
Boundary: k ≥ R for the pair. At λ = 0 a dead atom says less.

Reference: THEORY T6; its second half strengthened from the far sides of atoms to all directions, and to k ≥ R.
"""

from sympy import IndexedBase, Sum

from theory.classical import Polar, Vanishing
from theory.example import Example
from theory.expectation import E
from theory.inference import Algebra, Condition, Property, Step, best, excess, first, other, other2
from theory.optimality import Level
from theory.problem import D, a, c, j, k, m, pos, w, z, z2
from theory.statement import Eq, Le
from theory.statements.width.w1_width_bound import cost
from theory.theorem import Cited, Implication, Theorem
from theory.theorems import t1_splitting_stops as t1
from theory.witness import ANTIPODES

axis = IndexedBase("axis", real=True)  # v
unit_axis = Property("axis", Eq(Sum(axis[c] ** 2, c), 1))
forth = Property("forth", Eq(first * (w[a] - axis[a]), 0))
back = Property("back", Eq(other * (w[a] + axis[a]), 0))

is_forth = Property("is v", Eq(first * z[j] * (D[a, j] - axis[a]), 0))
is_back = Property("is −v", Eq(other * z[j] * (D[a, j] + axis[a]), 0))
spends_forth = Property("spent on v", Eq(first * (Sum(z[m], m) - excess), 0))
spends_back = Property("spent on −v", Eq(other * (Sum(z[m], m) - excess), 0))
apart = Property("apart", Eq(first * other2 * z[j] * z2[j], 0))
between = first * z[j] * is_back.at(c, j, second=True) - other2 * z2[j] * is_forth.at(c, j)
both = first * other2 * z[j] * z2[j]

# A minimiser of width k + 1 whose live atoms are these k: the spare atom would be worth ½E[(u·r − λ)₊²] along u.
spare = Property("spare", Eq(best(k + 1), E(cost)))
no_gain = Property("no gain", Le(E(pos(t1.beyond) ** 2), 0))
steps = {step.properties[0].name: step for step in t1.a_to_b}
released = E(t1.gain.at()) + t1.split.at() + spare.at() - E(t1.parts.at())

theorem = Theorem(
    level=Level.GLOBAL_MINIMUM,
    given=t1.theorem.given,
    supposing=(unit_axis, forth, back),
    arbitrary=t1.theorem.arbitrary,
    common=(
        Step((t1.polar, t1.edge, t1.ball), Polar()),
        Step(t1.unit, Condition("unit")),
    ),
    conditions={
        "saturated": (t1.enough,),
        "pair": (is_forth, is_back, spends_forth, spends_back, apart),
        "spare": (spare,),
        "within": (t1.within, t1.enough),
    },
    implications=(
        Implication(
            "saturated",
            "pair",
            (
                Step((t1.along, t1.amount), Cited(t1.theorem, "e", "d", "T1")),
                Step(is_forth, Algebra(first * t1.along.at(a, j) + z[j] * forth.at(a))),
                Step(is_back, Algebra(other * t1.along.at(a, j) + z[j] * back.at(a))),
                Step(spends_forth, Algebra(first * t1.amount.at())),
                Step(spends_back, Algebra(other * t1.amount.at())),
                Step(apart, Algebra(Sum(axis[c] * between, c) / 2 - both * unit_axis.at())),
            ),
        ),
        Implication(
            "spare",
            "within",
            (
                *(steps[name] for name in ("split", "gain", "parts")),
                Step(no_gain, Algebra(2 * released)),
                Step(t1.none, Vanishing(no_gain)),
                *(steps[name] for name in ("zero", "component", "within")),
                Step(t1.enough, Cited(t1.theorem, "b", "e", "T1")),
            ),
        ),
    ),
    implies=(("saturated", "pair"), ("spare", "within")),
    examples=(Example(ANTIPODES, {axis: [1], first: [1, 0, 0], other: [0, 1, 0]}),),
)
