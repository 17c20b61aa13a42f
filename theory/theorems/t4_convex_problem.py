"""The wide problem is convex: with an atom for each ray, joint and convex problem have one value.

Over reconstructions X̂ and completely positive Q = ZᵀZ let C(X̂, Q) = ½E‖x−b−x̂‖² + ½λ(tr(X̂Q⁺X̂ᵀ) + 1ᵀQ1), convex in
both together, with one λ > 0. Lower: C ≥ B, W1's bound, at all X̂ and Q; w is the dual witness. Upper: codes scaled by
1/√E[z_j] make C at most the joint objective of unit atoms. Value: with k ≥ R the least joint objective is B (T1). So
the least of C is B, and one atom for each ray attains it: a global optimum by convex programming. Of Q the bound uses
tr(WQWᵀ) ≤ 1ᵀQ1 at W = w alone, entry by entry Q_ii' w_i·w_i' ≤ Q_ii': so it holds for all doubly nonnegative Q, and
the relaxation to these is exact.
Boundary: T is tr(X̂Q⁺X̂ᵀ), of which two classical facts are assumed, "Fenchel" (it is the maximum over W of 2tr(WᵀX̂) −
tr(WQWᵀ), here at w: a maximum of what is linear in X̂ and Q, so that C is convex) and "least norm" (it is the least
‖D'‖² with D'Z = X̂). Means of codes are positive: dead units are left out of Q.

Reference: THEORY T4, W4, W9; W. Dorrell et al. (2026), arXiv:2601.10482.
"""

from sympy import Sum, Symbol

from theory.classical import Polar
from theory.example import Example
from theory.expectation import E, SampledBase, SampledSymbol
from theory.inference import Algebra, Condition, IsBest, Lemma, Property, Step
from theory.optimality import Level
from theory.problem import D, a, b, j, lam, r, room, room2, square, w, w2, x, z
from theory.statement import Eq, Ge, Gt, Le
from theory.statements.width.w1_width_bound import bound, cost
from theory.statements.width.w9_convex_form import live, square_of_mean
from theory.statements.width.w9_convex_form import statement as w9
from theory.theorem import Cited, Implication, Theorem
from theory.theorems import t1_splitting_stops as t1
from theory.witness import RAYS

price = Symbol("price", positive=True)
fit = SampledBase("X", real=True)  # any reconstruction
trace, trace_here = Symbol("T", real=True), Symbol("T_here", real=True)  # tr(X̂Q⁺X̂ᵀ) at any X̂, and at x̂ = Dz

same = Property("one λ", Eq(lam, price))
fenchel = Property("Fenchel", Ge(trace, 2 * E(Sum(w[a] * fit[a], a)) - Sum(square_of_mean, j)))
least_norm = Property("least norm", Le(trace_here, Sum(E(z[j]) * Sum(D[a, j] ** 2, a), j)))
alive = Property("alive", Gt(live, 0))

away = Sum((x[a] - b[a] - fit[a]) ** 2, a)
convex = E(away) / 2 + price / 2 * (trace + Sum(E(z[j]) ** 2, j))
convex_here = E(square(r)) / 2 + price / 2 * (trace_here + Sum(E(z[j]), j))  # Q of the codes z_j/√E[z_j]

lower = Property("lower", Ge(convex, E(bound)))
upper = Property("upper", Le(convex_here, E(cost)))
means = Property("means", Le(square_of_mean, live**2))

entry = SampledSymbol("entry", nonnegative=True)  # of Q, at a pair of samples
pairs = Property("entry by entry", Ge(entry * (1 - Sum(w[a] * w2[a], a)), 0))
apart = entry / 2 * (Sum((w[a] - w2[a]) ** 2, a) + room + room2)

unequal = same.at() * Sum(w[a] * (x[a] - b[a]), a) - (price * same.at() + same.at() ** 2 / 2) * square(w)
dual = E(Sum((x[a] - b[a] - fit[a] - price * w[a]) ** 2, a)) / 2 + price / 2 * (fenchel.at() + Sum(means.at(j), j))
primal = price / 2 * (least_norm.at() - Sum(E(z[j]) * t1.unit.at(j), j)) + E(same.at() * Sum(z[j], j))

theorem = Theorem(
    level=Level.GLOBAL_MINIMUM,
    given=t1.theorem.given,
    arbitrary=t1.theorem.arbitrary,
    common=(
        Step((t1.polar, t1.edge, t1.ball), Polar()),
        Step(t1.unit, Condition("unit")),
        Step(t1.value, IsBest()),
    ),
    supposing=(same, fenchel, least_norm, alive),
    conditions={
        "lower": (lower,),
        "upper": (upper,),
        "enough": (t1.enough,),
        "value": (t1.attains,),
        "relaxed": (pairs,),
    },
    implications=(
        Implication("", "lower", (Step(means, Lemma(w9, part=1)), Step(lower, Algebra(dual - E(unequal))))),
        Implication("", "upper", (Step(upper, Algebra(primal)),)),
        Implication("", "relaxed", (Step(pairs, Algebra(apart)),)),
        Implication("enough", "value", (Step(t1.attains, Cited(t1.theorem, "e", "c", "T1")),)),
    ),
    concludes=("lower", "upper", "relaxed"),
    implies=(("enough", "value"),),
    examples=(Example(RAYS, {price: 1, fit: [[1, 0], [0, 2], [0, 0]], trace: 2, trace_here: 1, entry: [1, 1, 1]}),),
)
