"""Absorption is the optimum: with an atom for each ray, a parent's atom is silent wherever its child comes with it.

Let λ > 0, k ≥ R (T1), and let two of the rays be those of p and of q, such as a parent alone and with its child at a
fixed ratio, q = (p+c)/‖p+c‖. At every global minimiser each atom that is active on samples along p is p itself, each on
samples along q is q, both spend what a sample is beyond λ, and if p ≠ q no atom is active on both: the parent's latent
does not fire on the child's samples, although the parent is there. By counting, with k = R = 2 the dictionary is
{p, q}, for every λ below the amplitudes, and for a tree of tied amplitudes with k = R it is the path sums. Untied: a
sample that misses the ray of an atom d_j, such as the child's, activates others, such as the parent's, at most as far
as it misses: λ Σ_m z_m‖d_m − d_j‖² ≤ ‖x − b − t d_j‖² + (λ − t)₊², t = d_j·(x−b). Absorption is then partial.
Boundary: k ≥ R, but for the last part, which holds wherever codes are best. T11 has features that occur alone.

Reference: THEORY T5, by T1; extended from two rays to any number of them.
"""

from sympy import IndexedBase, Rational, Sum

from theory.classical import Cancelling, Polar
from theory.counterexample import Counterexample
from theory.example import Example
from theory.inference import Algebra, Lemma, Property, Step, excess, first, other, other2
from theory.optimality import Level
from theory.problem import D, a, c, j, lam, m, r, w, z, z2
from theory.statement import Eq, Gt, Le
from theory.statements.hierarchy.h1_absorption import astray, off_ray
from theory.statements.hierarchy.h1_absorption import statement as h1
from theory.theorem import Cited, Implication, Theorem
from theory.theorems import t1_splitting_stops as t1

p, q = IndexedBase("parent", real=True), IndexedBase("child", real=True)
on_p = Property("on p", Eq(first * (w[a] - p[a]), 0))
on_q = Property("on q", Eq(other * (w[a] - q[a]), 0))
distinct = Property("distinct", Gt(Sum((p[c] - q[c]) ** 2, c), 0))

is_p = Property("is p", Eq(first * z[j] * (D[a, j] - p[a]), 0))
is_q = Property("is q", Eq(other * z[j] * (D[a, j] - q[a]), 0))
spends_p = Property("spent on p", Eq(first * (Sum(z[m], m) - excess), 0))
spends_q = Property("spent on q", Eq(other * (Sum(z[m], m) - excess), 0))
apart = Property("apart", Eq(first * other2 * z[j] * z2[j], 0))
shared = Property("shared", Eq(first * other2 * z[j] * z2[j] * Sum((p[c] - q[c]) ** 2, c), 0))

# Untied amplitudes: what a sample activates beside an atom that is near to it.
missed = Property("missed", Le(astray, off_ray))
partial = Property("partial", Le(lam * Sum(z[m] * Sum((D[a, m] - D[a, j]) ** 2, a), m), off_ray))

# z_j z'_j (p − q) on a sample of each: d_j is p there, and q.
between = first * z[j] * is_q.at(c, j, second=True) - other2 * z2[j] * is_p.at(c, j)

# A parent along (1, 0), alone with two amplitudes, or with its child along (4/5, 3/5) in all.
FOUR, THREE = Rational(4, 5), Rational(3, 5)
family = Counterexample(
    x=[[2, 0], [3, 0], [2 * FOUR, 2 * THREE], [4 * FOUR, 4 * THREE]],
    D=[[1, FOUR], [0, THREE]],
    z=[[1, 0], [2, 0], [0, 1], [0, 3]],
    lam=1,
    b=[0, 0],
    bias=False,
)

theorem = Theorem(
    level=Level.GLOBAL_MINIMUM,
    given=(*t1.theorem.given, t1.enough),
    supposing=(on_p, on_q, distinct),
    arbitrary=t1.theorem.arbitrary,
    common=(
        Step((t1.polar, t1.edge, t1.ball), Polar()),
        Step((t1.along, t1.amount), Cited(t1.theorem, "e", "d", "T1")),
    ),
    conditions={"atoms": (is_p, is_q), "amounts": (spends_p, spends_q), "apart": (apart,), "untied": (partial,)},
    implications=(
        Implication(
            "",
            "atoms",
            (
                Step(is_p, Algebra(first * t1.along.at(a, j) + z[j] * on_p.at(a))),
                Step(is_q, Algebra(other * t1.along.at(a, j) + z[j] * on_q.at(a))),
            ),
        ),
        Implication(
            "",
            "amounts",
            (
                Step(spends_p, Algebra(first * t1.amount.at())),
                Step(spends_q, Algebra(other * t1.amount.at())),
            ),
        ),
        Implication(
            "",
            "apart",
            (
                Step(shared, Algebra(Sum((p[c] - q[c]) * between, c))),
                Step(apart, Cancelling(distinct, shared)),
            ),
        ),
        Implication(
            "",
            "untied",
            (
                Step(missed, Lemma(h1, part=2)),
                Step(partial, Algebra(missed.at() + Sum((r[a] - lam * D[a, j]) ** 2, a))),
            ),
        ),
    ),
    concludes=("atoms", "amounts", "apart", "untied"),
    examples=(Example(family, {p: [1, 0], q: [FOUR, THREE], first: [1, 1, 0, 0], other: [0, 0, 1, 1]}),),
)
