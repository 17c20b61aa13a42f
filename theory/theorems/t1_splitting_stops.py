"""Splitting stops exactly at one atom per ray.

Let λ > 0, (D, b, Z) a global minimiser of width k with b fixed or free, R the number of distinct directions x − b of
samples with ‖x−b‖ > λ, e = (‖x−b‖ − λ)₊ and w = (x−b)/max(‖x−b‖, λ). Equivalent are: (a) one atom more gains nothing;
(b) no residual is longer than λ; (c) the objective is the bound B = E[h_λ(‖x−b‖)] of all widths; (d) each sample spends
e in all, on atoms of its own ray alone, so that those within λ are silent; (e) k ≥ R. As long as k < R, F* falls
strictly: for a fixed bias up to k = R, and it is constant from there on. The limiting dictionary clusters the data
along rays.
Boundary: at λ = 0 as many atoms as span the data cone do, so that (c) comes before (e). Data in general position have
as many rays as samples. With a free bias, R is counted from its optimum at width k.

Reference: THEORY T1; W. Dorrell (2026), arXiv:2606.02385.
"""

from sympy import Expr, Idx, IndexedBase, Integer, S, Sum

from theory.classical import Both, Cancelling, EveryDirection, OneAtomPerRay, Parts, Pigeonhole, Polar, Root, Vanishing
from theory.counterexample import Counterexample
from theory.example import Example
from theory.expectation import E, SampledBase
from theory.inference import (
    OWN,
    Algebra,
    Atoms,
    Attained,
    Cases,
    Condition,
    Contrary,
    FixedBias,
    IsBest,
    Lemma,
    NoBetter,
    Point,
    Property,
    Step,
    best,
    excess,
    rays,
)
from theory.optimality import Level
from theory.problem import D, a, b, c, j, k, lam, m, neg, pos, q, r, room, s, square, u, w, w2, x, z, z2
from theory.statement import Eq, Ge, Gt, Le
from theory.statements.atoms.b1_bias import statement as b1
from theory.statements.width.w1_width_bound import bound, cost
from theory.statements.width.w1_width_bound import statement as w1
from theory.statements.width.w3_dual_certificate import dual
from theory.statements.width.w3_dual_certificate import statement as w3
from theory.statements.width.w7_gap_to_saturation import astray, inside, shrinkage
from theory.statements.width.w7_gap_to_saturation import statement as w7
from theory.statements.width.w10_gain_of_a_new_atom import statement as w10
from theory.theorem import Implication, Theorem
from theory.witness import RAYS

# What is assumed, what w and e are, and what a global minimiser is.
positive = Property("λ", Gt(lam, 0))
direction = Property("u", Eq(Sum(u[a] ** 2, a), 1))
polar = Property("ray", Eq(x[a] - b[a], (lam + excess) * w[a]))
edge = Property("edge", Eq(excess * room, 0))
ball = Property("ball", Ge(1 - Sum(w[a] ** 2, a), 0))
unit = Property("unit", Eq(Sum(D[c, j] ** 2, c), 1))
value = Property("value", Eq(best(k), E(cost)))
least = Property("least", Ge(best(k), E(bound)))
huber = Property("Huber", Ge(cost, bound))

stops = Property("stops", Eq(best(k + 1), best(k)))
within = Property("within", Le(square(r), lam**2))
attains = Property("attains", Eq(best(k), E(bound)))
along = Property("along", Eq(z[j] * (D[a, j] - w[a]), 0))
amount = Property("amount", Eq(Sum(z[m], m), excess))
enough = Property("enough", Ge(k, rays))

# a ⇒ b: a further atom u gains ½E[(u·r − λ)₊²], so that nothing is beyond λ along any u.
beyond = Sum(u[c] * r[c], c) - lam
one_more = Point((*OWN.atoms, Atoms(lambda i: u[i], pos(beyond))))
split = Property("split", Le(best(k + 1), E(one_more.cost)))
gain = Property("gain", Le(one_more.cost, cost - pos(beyond) * beyond + pos(beyond) ** 2 / 2))
parts = Property("parts", Eq(pos(beyond) * neg(beyond), 0))
no_gain = Property("no gain", Le(E(pos(beyond) ** 2), 0))
none = Property("none", Eq(pos(beyond) ** 2, 0))
zero = Property("zero", Eq(pos(beyond), 0))
component = Property("component", Le(Sum(u[c] * r[c], c), lam))
released = E(gain.at()) + split.at() + value.at() + stops.at() - E(parts.at())
a_to_b = (
    Step(split, NoBetter(one_more)),
    Step(gain, Lemma(w10, values={w: lambda i: u[i], s: pos(beyond)})),
    Step(parts, Parts(beyond)),
    Step(no_gain, Algebra(2 * released)),
    Step(none, Vanishing(no_gain)),
    Step(zero, Root(none)),
    Step(component, Algebra(neg(beyond) - zero.at())),
    Step(within, EveryDirection(component, lambda i: r[i], lam)),
)

# b ⇒ c: the residual is a feasible dual point, and w is the best one.
dual_value = Property("dual", Eq(cost, dual))
apart = Sum((lam * w[a] - r[a]) ** 2, a)
at_w = apart / 2 + excess / (2 * lam) * (apart + within.at()) - lam / 2 * edge.at() - dual_value.at()
most = Property("most", Le(best(k), E(bound)))
b_to_c = (
    Step(dual_value, Lemma(w3)),
    Step(most, Algebra(E(at_w + Sum((lam * w[a] - r[a]) * polar.at(a), a)) - value.at())),
    Step(attains, Both(least, most)),
)

# c ⇒ d: all terms of W7 vanish.
gap = Property("gap", Eq(cost - bound, shrinkage + astray + inside))
no_gap = Property("no gap", Eq(E(shrinkage + astray + inside), 0))
shrunk = Property("shrunk", Eq((r[a] - lam * w[a]) ** 2 / 2, 0))
residual = Property("residual", Eq(r[a] - lam * w[a], 0))
distance = Property("distance", Eq(lam * (z[j] * (D[a, j] - w[a]) ** 2 / 2), 0))
near = Property("near", Eq(z[j] * (D[a, j] - w[a]) ** 2 / 2, 0))
dead_zone = Property("dead zone", Eq(lam * (room * z[j] / 2), 0))
silent = Property("silent", Eq(room * z[j] / 2, 0))
spent = Sum(w[a] * (polar.at(a) - residual.at(a) - Sum(along.at(a, m), m)), a)
c_to_d = (
    Step(gap, Lemma(w7)),
    Step(no_gap, Algebra(attains.at() - value.at() - E(gap.at()))),
    Step(shrunk, Vanishing(no_gap, astray + inside)),
    Step(residual, Root(shrunk, Integer(2))),
    Step(distance, Vanishing(no_gap, shrinkage + inside)),
    Step(near, Cancelling(positive, distance)),
    Step(along, Root(near, 2 * z[j])),
    Step(dead_zone, Vanishing(no_gap, shrinkage + astray)),
    Step(silent, Cancelling(positive, dead_zone)),
    Step(amount, Algebra(spent + 2 * Sum(silent.at(m), m) - edge.at())),
)

# d ⇒ e: rays do not share atoms.
alone = Property("alone", Eq(z[j] * z2[j] * (w[a] - w2[a]), 0))
d_to_e = (
    Step(alone, Algebra(z[j] * along.at(a, j, second=True) - z2[j] * along.at(a, j))),
    Step(enough, Pigeonhole(amount, alone)),
)

# e ⇒ c: one atom for each ray attains the bound.
D_ray, h = IndexedBase("D_ray", real=True), SampledBase("h", nonnegative=True)
one_each = Point((Atoms(lambda i: D_ray[i, m], excess * h[m], m),))
units = Property("unit rays", Eq(Sum(D_ray[a, j] ** 2, a), 1))
chosen = Property("chosen", Eq(h[j] * (D_ray[a, j] - w[a]), 0))
covered = Property("covered", Eq(excess * (Sum(h[m], m) - 1), 0))
clustered = Property("clustered", Le(best(k), E(one_each.cost)))


def off(i: Idx) -> Expr:
    """What is left of the residual of the witness beside λw."""
    return polar.at(i) - w[i] * covered.at() - excess * Sum(chosen.at(i, m), m)


excess_cost = Sum(lam * w[a] * off(a) + off(a) ** 2 / 2, a) + lam * covered.at()
e_to_c = (
    Step((units, chosen, covered), OneAtomPerRay(enough, D_ray, h)),
    Step(clustered, NoBetter(one_each)),
    Step(
        most,
        Algebra(clustered.at() + E(lam * Sum(w[a] * polar.at(a), a) - lam * edge.at() - excess_cost)),
    ),
    Step(attains, Both(least, most)),
)

# c ⇒ a: the bound holds at any width, also with another bias.
D_wide, z_wide = IndexedBase("D_wide", real=True), SampledBase("z_wide", nonnegative=True)
beta = IndexedBase("beta", real=True)
wide = Point((Atoms(lambda i: D_wide[i, q], z_wide[q], q),), shift=beta)
reached = Property("reached", Eq(best(k + 1), E(wide.cost)))
wide_units = Property("wide units", Eq(Sum(D_wide[a, q] ** 2, a), 1))
wide_huber = Property("wide Huber", Ge(wide.cost, bound - lam * Sum(w[a] * beta[a], a)))
shift = Property("shift", Eq(Sum(beta[a] * E(r[a]), a), 0))
same_bias = Property("same bias", Eq(beta[a], 0))
centred = Property("centred", Eq(E(r[a]), 0))
lower = Property("no lower", Ge(best(k + 1), best(k)))
spare = Property("spare", Le(best(k + 1), E(cost)))
higher = Property("no higher", Le(best(k + 1), best(k)))
c_to_a = (
    Step((reached, wide_units), Attained(wide)),
    Step(wide_huber, Lemma(w1, at=wide)),
    Step(
        shift,
        Cases(
            fixed=(
                Step(same_bias, FixedBias(wide)),
                Step(shift, Algebra(Sum(same_bias.at(a) * E(r[a]), a))),
            ),
            free=(Step(centred, Lemma(b1)), Step(shift, Algebra(Sum(beta[a] * centred.at(a), a)))),
        ),
    ),
    Step(
        lower,
        Algebra(reached.at() + E(wide_huber.at()) - attains.at() - shift.at() + E(Sum(beta[a] * residual.at(a), a))),
    ),
    Step(spare, NoBetter(Point((*OWN.atoms, Atoms(lambda i: u[i], S.Zero))))),
    Step(higher, Algebra(spare.at() + value.at())),
    Step(stops, Both(lower, higher)),
)

# k < R: as F* does not rise, and constant F* would mean k ≥ R, it falls.
fewer = Property("fewer", Gt(rays, k))
falls = Property("falls", Gt(best(k), best(k + 1)))
spare_step, higher_step = (step for step in c_to_a if step.properties[0] in (spare, higher))

# Two rays on a line, and one atom: the other sign is as good, and a second atom is better.
both_signs = Counterexample(x=[[2], [-2]], D=[[1, -1]], z=[[1, 0], [0, 1]], lam=1, b=[0], bias=False)
too_few = Counterexample(x=[[2], [-2]], D=[[1]], z=[[1], [0]], lam=1, b=[0], bias=False, wider=both_signs)

theorem = Theorem(
    level=Level.GLOBAL_MINIMUM,
    given=(positive, direction),
    arbitrary={u: "u"},
    common=(
        Step((polar, edge, ball), Polar()),
        Step(unit, Condition("unit")),
        Step(value, IsBest()),
        Step(huber, Lemma(w1)),
        Step(least, Algebra(E(huber.at()) + value.at())),
    ),
    conditions={
        "a": (stops,),
        "b": (within,),
        "c": (attains,),
        "d": (along, amount),
        "e": (enough,),
        "k < R": (fewer,),
        "falls": (falls,),
    },
    implications=(
        Implication("a", "b", a_to_b),
        Implication("b", "c", b_to_c),
        Implication("c", "d", c_to_d),
        Implication("d", "e", d_to_e),
        Implication("e", "c", e_to_c),
        Implication("c", "a", c_to_a),
        Implication("k < R", "falls", (spare_step, higher_step, Step(falls, Contrary(higher, "a", "e")))),
    ),
    equivalent=("a", "b", "c", "d", "e"),
    implies=(("k < R", "falls"),),
    examples=(Example(RAYS), Example(too_few)),
)
