"""The checker of theorems: what it accepts, and at least one broken twin for each thing that it asks."""

from dataclasses import replace

import pytest
from sympy import IndexedBase, Integer, S, Sum, Symbol

from theory.certificate import NotProved
from theory.classical import Both, Farkas, Root, Vanishing
from theory.counterexample import Counterexample
from theory.example import Example
from theory.expectation import E, SampledBase
from theory.inference import (
    OWN,
    Algebra,
    Atoms,
    Bias,
    Cases,
    Condition,
    Known,
    Lemma,
    NoBetter,
    Point,
    Property,
    Step,
    best,
    excess,
)
from theory.optimality import Level
from theory.problem import D, a, b, j, k, lam, m, omega, pos, r, s, u, w, x, z
from theory.stability import Stability
from theory.statement import Eq, Ge, Gt, Le
from theory.statements.atoms.b1_bias import statement as b1
from theory.statements.refuted.x1_orthogonal_residuals import statement as refuted
from theory.statements.selection.s1_worth_of_an_active_unit import statement as s1
from theory.statements.width.w1_width_bound import bound, cost
from theory.statements.width.w7_gap_to_saturation import statement as w7
from theory.statements.width.w10_gain_of_a_new_atom import statement as w10
from theory.theorem import Implication, Theorem, discover_theorems, lint_theorem
from theory.theorems import t1_splitting_stops as t1
from theory.theorems import t2_clustering as t2
from theory.theorems import t5_absorption as t5
from theory.theorems import t7_local_identifiability as t7
from theory.witness import RAYS

T1, T2 = t1.theorem, t2.theorem


def edited(theorem, name, *steps):
    """The theorem with other steps, or none, in the place of those that give a property; what has them comes first."""

    def has(implication):
        return any(step.properties[0].name == name for step in implication.steps)

    def of(old):
        return tuple(new for step in old for new in (steps if step.properties[0].name == name else (step,)))

    sources = {each.source for each in theorem.implications if has(each) and each.target != "falls"}
    ordered = sorted(theorem.implications, key=lambda each: each.source not in sources)
    implications = tuple(replace(each, steps=of(each.steps)) for each in ordered)
    return replace(theorem, common=of(theorem.common), implications=implications)


def without(theorem, source, target):
    kept = tuple(each for each in theorem.implications if (each.source, each.target) != (source, target))
    return replace(theorem, implications=kept)


def given(theorem, *properties):
    return replace(theorem, given=properties)


FOUND = discover_theorems()


@pytest.mark.parametrize("theorem", FOUND, ids=lambda theorem: theorem.id)
def test_theorems_are_proved(theorem):
    assert lint_theorem(theorem) == []
    if not isinstance(theorem, Stability):  # which is about every statement there is: see test_stability
        theorem.prove()


def test_no_theorem_is_missing():
    assert [theorem.id for theorem in FOUND] == [f"T{number}" for number in range(1, 12)]


def test_a_theorem_names_the_lemmas_that_it_rests_on():
    files = [lemma.document or type(lemma).__name__ for lemma in T1.lemmas]
    assert len(files) == 5
    assert {w7, w10, b1} <= set(T1.lemmas)


lookalike = Symbol("lambda", positive=True)
one_way = replace(t1.stops, relation=Le(best(k + 1), best(k)))
long_atom = Point((*OWN.atoms, Atoms(lambda i: 2 * u[i], S.Zero)))
own_for_each = Point((*OWN.atoms, Atoms(lambda i: w[i], S.Zero)))
captured_code = Point((*OWN.atoms, Atoms(lambda i: u[i], x[a] ** 2)))
negative_code = Point((*OWN.atoms, Atoms(lambda i: u[i], lam - 1)))
stronger = Property("within", Le(Sum(r[a] ** 2, a), lam**2 / 4))
restricted = Property("along e", Eq(Sum(u[a] * r[a], a), 0))

BROKEN = {
    "a step is missing": (edited(T1, "gap"), "c ⇒ d: no gap: it rests on (gap), which is not known"),
    "a step is missing that a rule needs": (edited(T1, "none"), "a ⇒ b: zero: none is not known here"),
    "a property of another implication is used": (
        edited(T1, "dual", Step(t1.dual_value, Algebra(t1.stops.at()))),
        "b ⇒ c: dual: it rests on (stops), which is not known",
    ),
    "the last step is missing": (edited(T1, "enough"), "d ⇒ e: its steps do not reach enough"),
    "an implication is missing": (without(T1, "c", "a"), "the implications do not lead from b to a: no equivalence"),
    "it is only a local minimum": (
        replace(T1, level=Level.LOCAL_MINIMUM),
        "value: only a local minimum is assumed, and it need not be the best",
    ),
    "a lemma of a higher level": (
        replace(edited(T1, "value", Step(t1.value, Lemma(s1))), level=Level.STATIONARY),
        "value: S1 is",
    ),
    "a lemma that is refuted": (edited(T1, "gap", Step(t1.gap, Lemma(refuted))), "c ⇒ d: gap: X1 is not PROVED"),
    "a lemma at a value that it does not allow": (
        edited(T1, "gain", Step(t1.gain, Lemma(w10, values={w: lambda i: u[i], s: t1.beyond}))),
        "a ⇒ b: gain: s is not negative, and",
    ),
    "multipliers that may be negative": (
        edited(t7.theorem, "deep multipliers", Step(t7.deep, Lemma(t7.k5, values={omega: lambda i: -t7.surplus[i]}))),
        "interior ⇒ growth: deep multipliers: omega is not negative, and",
    ),
    "a lemma outside of the unit ball": (
        edited(T1, "gain", Step(t1.gain, Lemma(w10, values={w: lambda i: 2 * u[i], s: pos(t1.beyond)}))),
        "a ⇒ b: gain: w is in the unit ball, and",
    ),
    "another instance than the lemma's": (
        edited(T1, "gain", Step(t1.gain, Lemma(w10, values={s: pos(t1.beyond)}))),
        "a ⇒ b: gain: what follows is",
    ),
    "a lemma at what it is not claimed for every value of": (
        edited(T1, "gap", Step(t1.gap, Lemma(w7, values={lam: S.One}))),
        "c ⇒ d: gap: W7 is not claimed for every lambda",
    ),
    "a lemma of free biases": (
        edited(T1, "shift", Step(t1.centred, Lemma(b1))),
        "c ⇒ a: centred: B1 needs a free bias, and the bias may be fixed",
    ),
    "a condition of free biases": (
        edited(T1, "shift", Step(t1.centred, Condition("bias"))),
        "c ⇒ a: centred: the bias may be fixed",
    ),
    "a case is missing": (
        edited(T1, "shift", Step(t1.shift, Cases(fixed=(), free=(Step(t1.centred, Lemma(b1)),)))),
        "c ⇒ a: shift: it does not follow where the bias is fixed",
    ),
    "a lemma at a point of which too little is known": (
        edited(T1, "wide Huber", Step(t1.wide_huber, Lemma(t1.w3, at=t1.wide))),
        "c ⇒ a: wide Huber: W3 uses code, which nobody says of the other point",
    ),
    "the algebra is wrong": (
        edited(T1, "no gap", Step(t1.no_gap, Algebra(t1.attains.at() - E(t1.gap.at())))),
        "c ⇒ d: no gap: the two sides of its certificate differ",
    ),
    "the slack has the wrong sign": (
        edited(T1, "least", Step(Property("least", Le(best(k), E(bound))), Algebra(-E(t1.huber.at()) - t1.value.at()))),
        "least: the slack",
    ),
    "an equality with slack": (
        edited(T1, "least", Step(Property("least", Eq(best(k), E(bound))), Algebra(E(t1.huber.at()) + t1.value.at()))),
        "least: an equality has no slack, but",
    ),
    "λ may be zero": (given(T1, t1.direction), "ray: x − b is divided by λ, which may be zero"),
    "an atom that is no unit vector": (
        edited(T1, "spare", Step(t1.spare, NoBetter(long_atom))),
        "c ⇒ a: spare: that 2 u_a is of unit norm is not known",
    ),
    "an atom that differs from sample to sample": (
        edited(T1, "spare", Step(t1.spare, NoBetter(own_for_each))),
        "c ⇒ a: spare: w_a is no atom",
    ),
    "a minimum at the own bias, which may be free": (
        edited(T1, "reached", Step((t1.reached, t1.wide_units), t1.Attained(replace(t1.wide, shift=None)))),
        "c ⇒ a: reached: the bias may be free, and that of the minimum another one",
    ),
    "a code that sums over coordinates would capture": (
        edited(T1, "spare", Step(t1.spare, NoBetter(captured_code))),
        "c ⇒ a: spare: u_c with the code x_a²: the coordinate a is summed over",
    ),
    "a code that may be negative": (
        edited(T1, "spare", Step(t1.spare, NoBetter(negative_code))),
        "c ⇒ a: spare: the code",
    ),
    "a witness of another width": (
        edited(T1, "spare", Step(t1.spare, NoBetter(OWN))),
        "c ⇒ a: spare: what follows is",
    ),
    "u is not arbitrary": (
        given(T1, *T1.given, restricted),
        "u is to be arbitrary, and is restricted by more than u",
    ),
    "u is not said to be arbitrary": (replace(T1, arbitrary={}), "a ⇒ b: within: u is not any unit vector"),
    "a symbol that looks like λ": (
        edited(T1, "least", Step(t1.least, Algebra(E(t1.huber.at()) + t1.value.at() + lookalike - lam))),
        "least: lambda only looks like the theory's lam",
    ),
    "a sum that is no sum of squares": (
        edited(T1, "shrunk", Step(t1.shrunk, Vanishing(t1.no_gap, t1.astray - t1.inside))),
        "c ⇒ d: shrunk: its terms are not manifestly nonnegative",
    ),
    "a term of another sum": (
        edited(T1, "shrunk", Step(t1.shrunk, Vanishing(t1.no_gap, t1.astray))),
        "c ⇒ d: shrunk: it is no term of no gap",
    ),
    "a root of something else": (
        edited(T1, "residual", Step(t1.residual, Root(t1.shrunk, Integer(3)))),
        "c ⇒ d: residual: its square is not that multiple of shrunk",
    ),
    "two inequalities of one direction": (
        edited(T1, "attains", Step(t1.attains, Both(t1.least, t1.least))),
        "b ⇒ c: attains: least and least do not say that neither side is larger",
    ),
    "rays may share atoms": (edited(T1, "alone"), "d ⇒ e: enough: alone is not known here"),
    "a new symbol that is not new": (
        edited(T1, "unit rays", Step((t1.units, t1.chosen, t1.covered), t1.OneAtomPerRay(t1.enough, D, t1.h))),
        "e ⇒ c: unit rays: D is to be new, and is spoken of already",
    ),
    "a conclusion that its steps do not reach": (
        replace(T1, conditions={**T1.conditions, "b": (stronger,)}),
        "a ⇒ b: its steps do not reach within",
    ),
    "a condition that nobody defines": (replace(T1, equivalent=(*"abcde", "f")), "f is none of its conditions"),
    "contraposition of what is not shown": (
        edited(T1, "falls", Step(t1.falls, t1.Contrary(t1.higher, "e", "k < R"))),
        "k < R ⇒ falls: falls: nothing has shown so far that e leads to k < R",
    ),
    "contraposition of what may hold": (
        edited(T1, "falls", Step(t1.falls, t1.Contrary(t1.higher, "a", "b"))),
        "k < R ⇒ falls: falls: that within fails is not known",
    ),
    "strict in the wrong direction": (
        edited(T1, "falls", Step(Property("falls", Gt(best(k + 1), best(k))), t1.Contrary(t1.higher, "a", "e"))),
        "k < R ⇒ falls: falls: what follows is",
    ),
    "nothing is concluded": (replace(T1, equivalent=(), implies=()), "nothing is concluded"),
    "no example": (replace(T2, examples=()), "no example meets what is assumed: it would be vacuous"),
    "hypotheses that contradict each other": (
        given(T2, *T2.given, Property("never", Gt(-t2.epsilon, 0))),
        "an example does not meet never",
    ),
    "a condition that is never met": (
        replace(T1, examples=T1.examples[:1]),
        "no example meets k < R: it would be vacuous",
    ),
    "an example that is no such point": (
        replace(T2, examples=(Example(replace(RAYS, z=[[1, 0], [0, 1], [0, 0]])),)),
        "the counterexample is no optimum",
    ),
    "an example of a lower level": (
        replace(t5.theorem, examples=(Example(replace(RAYS, D=[[1, 0], [0, -1]], z=[[1, 0], [0, 0], [0, 0]])),)),
        "the counterexample is no global minimum",
    ),
    "an example that says too little": (
        replace(T2, examples=(Example(RAYS, {t2.epsilon: 1}),)),
        "the example does not say what delta is, of which beyond speaks",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_twins_are_refused_with_the_fault(case):
    twin, fault = BROKEN[case]
    with pytest.raises(NotProved) as refusal:
        twin.prove()
    assert str(refusal.value).startswith(fault)


def test_two_properties_of_one_name_are_refused():
    twice = replace(T1, common=(*T1.common, Step(Property("least", Ge(best(k), E(bound))), t1.theorem.common[-1].by)))
    with pytest.raises(NotProved, match="two properties are called least"):
        twice.prove()


SILENT = Counterexample(x=[[1]], D=[[1]], z=[[0]], lam=1, b=[0], bias=False)


def tiny(*steps, target, given=(), **options):
    return Theorem(
        level=Level.STATIONARY,
        given=given,
        conditions={"t": (target,)},
        implications=(Implication("", "t", steps),),
        concludes=("t",),
        **{"examples": (Example(SILENT),), **options},
    )


def test_what_is_said_of_all_samples_is_not_said_of_the_mean_of_two():
    polar = Property("mean", Eq(E(x[a]), b[a]))
    claim = Property("all", Eq(x[a], b[a]))
    with pytest.raises(NotProved, match="the two sides of its certificate differ"):
        tiny(Step(claim, Algebra(polar.at())), target=claim, given=(polar,)).prove()


def test_a_mean_does_not_run_over_second_samples():
    here = Property("here", Eq(z[j], 0))
    claim = Property("there", Eq(E(z[j]), 0))
    with pytest.raises(NotProved, match="means run over first samples"):
        tiny(Step(claim, Algebra(E(here.at(j, second=True)))), target=claim, given=(here,)).prove()


def test_division_needs_what_is_known_to_be_positive():
    product = Property("product", Eq(lam * z[j], 0))
    claim = Property("zero", Eq(z[j], 0))
    step = Step(claim, Algebra(product.at() / lam))
    with pytest.raises(NotProved, match="λ may be zero, and is divided by"):
        tiny(step, target=claim, given=(product,)).prove()
    tiny(step, target=claim, given=(product, Property("positive", Gt(lam, 0)))).prove()


def test_a_sum_over_part_of_an_axis_is_not_read():
    claim = Property("part", Ge(Sum(z[m], (m, 0, 1)), 0))
    with pytest.raises(NotProved, match="sums run over a whole axis"):
        tiny(Step(claim, Algebra(Sum(z[m], (m, 0, 1)))), target=claim).prove()


def test_a_lone_value_for_all_samples_does_not_follow_each_sample():
    """s is one number for all samples: under a mean it may not become another for each."""
    from theory.statements.width.w4_penalty_over_scalings import statement as w4

    claim = Property("claim", Le(lam, excess))
    with pytest.raises(NotProved, match="its value differs from sample to sample"):
        tiny(Step(claim, Lemma(w4, values={s: excess})), target=claim).prove()


def test_a_value_whose_index_the_lemma_has_is_refused():
    """Σ_j … u_a with u_a = D_aj would be summed over j, which is another one."""
    claim = Property("claim", Ge(lam, excess))
    values = {w: lambda i: D[i, j]}
    with pytest.raises(NotProved, match="the value of w has the index j, as the lemma has"):
        tiny(Step(claim, Lemma(w7, values=values)), target=claim).prove()


def test_codes_of_another_point_may_speak_of_the_own_ones():
    """W1 at codes 2z: they are doubled once, in the residual as in the price."""
    twice = Point((Atoms(lambda i: D[i, m], 2 * z[m], m),))
    unit = Property("unit", Eq(Sum(D[a, j] ** 2, a), 1))
    claim = Property("claim", Ge(twice.cost, bound))
    tiny(Step(unit, Condition("unit")), Step(claim, Lemma(t1.w1, at=twice)), target=claim).prove()
    wrong = Property("wrong", Ge(OWN.cost, bound + lam))
    with pytest.raises(NotProved, match="what follows is"):
        tiny(Step(unit, Condition("unit")), Step(wrong, Lemma(t1.w1, at=twice)), target=wrong).prove()


def test_a_condition_that_divides_by_what_may_be_zero_is_refused():
    positive = Property("positive", Ge(z[j] / lam, excess))
    with pytest.raises(NotProved, match="λ may be zero, and is divided by"):
        tiny(Step(positive, Algebra(z[j] / lam)), target=positive).prove()


def test_what_is_assumed_must_be_readable():
    claim = Property("claim", Ge(z[j], 0))
    assumed = Property("assumed", Gt(lookalike, 0))
    with pytest.raises(NotProved, match="assumed: lambda only looks like the theory's lam"):
        tiny(Step(claim, Algebra(z[j])), target=claim, given=(assumed,)).prove()


def test_a_theorem_is_cited_where_its_hypotheses_hold_only():
    weaker = replace(t5.theorem, level=Level.LOCAL_MINIMUM)
    with pytest.raises(NotProved, match="along: T1 is of a global minimum, and only a local minimum is assumed"):
        weaker.prove()
    fewer = replace(t5.theorem, given=t1.theorem.given)
    with pytest.raises(NotProved, match="along: T1 asks for enough, which is not known"):
        fewer.prove()


def test_rays_that_may_be_the_same_may_share_an_atom():
    with pytest.raises(NotProved, match="apart: distinct is not known here"):
        replace(t5.theorem, supposing=(t5.on_p, t5.on_q)).prove()


def test_farkas_needs_that_no_turn_lowers_the_activation():
    one_way = replace(t7.no_descent, relation=Ge(-t7.change, 0))
    conditions = {**t7.theorem.conditions, "no descent": (one_way,)}
    swapped = tuple(
        replace(each, steps=(Step(t7.cone, Farkas(t7.first_order, one_way)),)) if each.target == "cone" else each
        for each in t7.theorem.implications
    )
    with pytest.raises(NotProved, match="no descent ⇒ cone: cone: what follows is"):
        replace(
            t7.theorem,
            conditions=conditions,
            implications=swapped[1:],
            equivalent=(),
            implies=(("no descent", "cone"),),
        ).prove()


def test_a_property_of_two_samples_speaks_of_what_both_have():
    own = SampledBase("t", real=True)
    here = Property("here", Eq(own[a] - x[a], 0))
    claim = Property("claim", Eq(z[j] * own[a], z[j] * x[a]))
    with pytest.raises(NotProved, match="speaks of t, which a second sample has no name for"):
        tiny(Step(claim, Algebra(z[j] * here.at(a, second=True))), target=claim, given=(here,)).prove()


def test_the_own_point_is_no_minimum_because_there_is_one():
    claim = Property("claim", Eq(best(k), E(OWN.cost)))
    positive = Property("positive", Gt(lam, 0))
    with pytest.raises(NotProved, match="D is the theory's own, and is to be new"):
        tiny(Step(claim, t1.Attained(OWN)), target=claim, given=(positive,), bias=frozenset({Bias.FIXED})).prove()


def test_own_symbols_of_one_name_are_one_symbol():
    one, other = IndexedBase("t", real=True), IndexedBase("t", nonnegative=True)
    claim = Property("claim", Eq(one[a] - other[a], 0))
    with pytest.raises(NotProved, match="two symbols are called t"):
        tiny(Step(claim, Algebra(S.Zero)), target=claim).prove()


def test_the_cost_of_the_point_is_that_of_the_lemmas():
    Step(Property("cost", Eq(OWN.cost, cost)), Algebra(S.Zero)).take(Known(Level.STATIONARY, frozenset(Bias)))
