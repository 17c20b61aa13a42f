"""The gap to the bound of all widths is the quantisation error of the directions, up to factors that do not grow.

Let B = E[h_λ(‖x−b‖)], e = (‖x−b‖ − λ)₊, and w = (x−b)/max(‖x−b‖, λ) be the direction of a sample beyond λ. Below: at a
global minimiser whose atoms are all at a squared distance of at least g from w, F*(k) − B ≥ ½E[λ g (e − ¼λg)]. Above:
if k unit vectors come within a squared distance of g of the samples that they are chosen for, or mixtures of them,
F*(k) − B ≤ ½E[e (λ + e) g]. So F*(k) − B falls as the best mean squared distance of directions to k points does: on
directions of dimension m as k^(−2/m) (P. Zador), and it never stops on a continuum. T10 is the circle, in closed form.
Boundary: the lower bound says nothing where atoms are so far off that ¼λg ≥ e; it holds at any point of unit norms. A
single vector of another norm is never nearer than what its direction is worth, so that unit norms only say what k is.

Reference: THEORY T3, extended from circles to all data; exponent: P. Zador (1982), doi:10.1109/TIT.1982.1056490.
"""

from sympy import Expr, Idx, IndexedBase, Rational, Sum

from theory.classical import Polar
from theory.example import Example
from theory.expectation import E, SampledBase, SampledSymbol
from theory.inference import Algebra, Atoms, Condition, IsBest, Lemma, NoBetter, Point, Property, Step, best, excess
from theory.optimality import Level
from theory.problem import D, a, c, j, k, lam, m, r, room, w, z
from theory.statement import Eq, Ge, Le
from theory.statements.width.w1_width_bound import bound, cost
from theory.statements.width.w7_gap_to_saturation import astray, inside, shrinkage
from theory.statements.width.w7_gap_to_saturation import statement as w7
from theory.theorem import Implication, Theorem
from theory.theorems import t1_splitting_stops as t1
from theory.witness import RAYS

# Squared distances: of a sample's direction to the atoms, and to the unit vectors that are chosen for it.
reach, spread = SampledSymbol("reach", nonnegative=True), SampledSymbol("spread", nonnegative=True)
D_near, h = IndexedBase("D_near", real=True), SampledBase("h", nonnegative=True)

away = Property("away", Ge(Sum((D[a, j] - w[a]) ** 2, a), reach))
units = Property("unit vectors", Eq(Sum(D_near[a, j] ** 2, a), 1))
covered = Property("covered", Eq(excess * (Sum(h[m], m) - 1), 0))
close = Property("close", Ge(h[j] * (spread - Sum((D_near[a, j] - w[a]) ** 2, a)), 0))

# Below: what does not go along w is left over, and what does goes through atoms that are away.
gap = Property("gap", Eq(cost - bound, shrinkage + astray + inside))
here = Property("of a sample", Ge(cost, bound + lam * reach * (excess - lam * reach / 4) / 2))
below = Property("below", Ge(best(k), E(bound) + E(lam * reach * (excess - lam * reach / 4)) / 2))
total = Sum(z[m], m)
left = Sum(w[c] * (r[c] - lam * w[c]), c)
across = Sum((r[a] - lam * w[a] - left * w[a]) ** 2, a) / 2 + room * left**2 / 2
along = Sum(w[a] * t1.polar.at(a), a) - t1.edge.at() - Sum(z[j] * t1.unit.at(j), j) / 2
more = room * total / 2 + Sum(z[j] * Sum((D[a, j] - w[a]) ** 2, a), j) / 2
missed = across + (left - lam * reach / 2) ** 2 / 2 + lam / 2 * Sum(z[j] * away.at(j), j) + lam / 2 * room * total

# Above: the witness spends e on the vectors that are chosen.
chosen = Point((Atoms(lambda i: D_near[i, m], excess * h[m], m),))
witness = Property("witness", Le(best(k), E(chosen.cost)))
above = Property("above", Le(best(k), E(bound) + E(excess * (lam + excess) * spread) / 2))


def bias(i: Idx) -> Expr:
    """How far the chosen vectors are from w on average."""
    return Sum(h[m] * (w[i] - D_near[i, m]), m)


def off(i: Idx) -> Expr:
    return t1.polar.at(i) - w[i] * covered.at()


variance = Sum(h[j] * Sum((w[a] - D_near[a, j] - bias(a)) ** 2, a), j)
vanishing = (
    lam * Sum(w[a] * t1.polar.at(a), a)
    + lam * t1.edge.at() * (Sum(h[m], m) / 2 - 1)
    + lam * excess * Sum(h[j] * units.at(j), j) / 2
    - covered.at() * (lam + excess * Sum(bias(a) ** 2, a) / 2 + (lam + excess) * spread / 2)
    - Sum((lam * w[a] + excess * bias(a)) * off(a) + off(a) ** 2 / 2, a)
)
spare = excess**2 * variance / 2 + excess * (lam + excess) * Sum(close.at(j), j) / 2

theorem = Theorem(
    level=Level.GLOBAL_MINIMUM,
    given=(t1.positive,),
    supposing=(away, units, covered, close),
    common=(
        Step((t1.polar, t1.edge, t1.ball), Polar()),
        Step(t1.unit, Condition("unit")),
        Step(t1.value, IsBest()),
    ),
    conditions={"below": (below,), "above": (above,)},
    implications=(
        Implication(
            "",
            "below",
            (
                Step(gap, Lemma(w7)),
                Step(here, Algebra(gap.at() + missed + lam / 2 * reach * (along + more))),
                Step(below, Algebra(E(here.at()) + t1.value.at())),
            ),
        ),
        Implication(
            "",
            "above",
            (
                Step(witness, NoBetter(chosen)),
                Step(above, Algebra(witness.at() + E(vanishing + spare))),
            ),
        ),
    ),
    concludes=("below", "above"),
    examples=(
        Example(
            RAYS,
            {
                reach: [0, 0, 1],
                spread: [0, Rational(4, 5), 0],
                D_near: [[1, Rational(3, 5)], [0, Rational(4, 5)]],
                h: [[1, 0], [0, 1], [0, 0]],
            },
        ),
    ),
)
