"""The rules of theorems by calculation: what each accepts, and a wrong line that it refuses."""

from dataclasses import replace

import pytest
from sympy import Symbol, cos, pi, sin, sqrt, symbols, tan

from theory.calculus import Assumed, Calculation, Derivative, Identity, Integral, Line, Sign, Tends, vanishes
from theory.certificate import NotProved
from theory.statement import Eq, Ge, Gt
from theory.theorems import t10_width_law_on_a_circle as t10

s, t = symbols("s t", positive=True)
name, another = Symbol("name", real=True), Symbol("another", real=True)
circle = t10.theorem


@pytest.mark.parametrize(
    ("expr", "is_zero"),
    [
        (sin(s + t) - sin(s) * cos(t) - cos(s) * sin(t), True),
        (sin(2 * t) ** 2 + cos(2 * t) ** 2 - 1, True),
        (tan(t) * cos(t) - sin(t), True),
        (s * sin(t) - sin(s * 0 + t) * s, True),
        (sin(s + t) - sin(s) - sin(t), False),
        (cos(t) - 1 + t**2 / 2, False),
    ],
)
def test_identities_are_decided(expr, is_zero):
    assert vanishes(expr) is is_zero


def test_an_angle_that_is_no_sum_is_refused():
    with pytest.raises(NotProved, match="is no sum of angles"):
        vanishes(sin(sqrt(t)) - 1)


positive = Line("positive", Gt(s, t), Assumed("s beyond t"))
sine = Line("sine", Eq(name, cos(t)), Derivative(sin(t), t))
REFUSED = {
    "no identity": (Line("f", Eq(sin(t), t), Identity()), "not the same function"),
    "another derivative": (Line("f", Eq(another, sin(t)), Derivative(sin(t), t)), "is not the derivative"),
    "another integral": (Line("f", Eq(another, 1), Integral(((sine, 0, pi / 6),))), "not the sum of the integrals"),
    "another limit": (Line("f", Eq(another, 2), Tends(sin(t) / t, t)), "the limit is 1"),
    "another margin": (Line("f", Ge(s, 2 * t), Sign(positive.fact, (positive,))), "not its certificate"),
    "a sign that is not manifest": (Line("f", Ge(t, s), Sign(-positive.fact, (positive,))), "is not manifest"),
    "an equality by sign": (Line("f", Eq(s, t), Sign(positive.fact, (positive,))), "is not manifest"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_lines_are_refused(case):
    line, fault = REFUSED[case]
    calculation = Calculation((positive, sine, line), ("f",), {s: 2, t: 1})
    with pytest.raises(NotProved, match=fault):
        calculation.prove()


def test_right_lines_are_accepted():
    area = Line("area", Eq(Symbol("area"), Symbol("F") * 0 + 1), Integral(((sine, 0, pi / 2),)))
    near = Line("near", Eq(Symbol("near"), 1), Tends(sin(t) / t, t))
    Calculation((positive, sine, area, near), ("area", "near"), {s: 2, t: 1}).prove()


def changed(line, **changes):
    """The circle's theorem with another line in the place of one."""
    other = replace(line, **changes)
    return replace(circle, lines=tuple(other if each is line else each for each in circle.lines))


def test_the_circle_needs_each_line_that_it_uses():
    kept = tuple(line for line in circle.lines if line is not t10.convex)
    with pytest.raises(NotProved, match="convex has not been found"):
        replace(circle, lines=kept).prove()


def test_the_circle_needs_two_cases_that_are_all():
    narrower = replace(t10.broad, relation=Ge(t10.t**2 - 2 - 2 * t10.sigma, 0))
    steep = replace(t10.steep, by=replace(t10.steep.by, facts=(t10.angle_above, narrower)))
    with pytest.raises(NotProved, match="the two cases are not all"):
        replace(t10.tangent, by=replace(t10.tangent.by, beyond=steep)).by.check(t10.tangent)


def test_the_circle_is_refused_with_another_rate():
    twice = Eq(t10.fall.relation.lhs, 2 * t10.fall.relation.rhs)
    with pytest.raises(NotProved, match="fall of the gap: the limit is"):
        changed(t10.fall, relation=twice).prove()


def test_what_holds_in_one_case_is_no_theorem():
    with pytest.raises(NotProved, match="convex holds in one case only, narrow"):
        replace(circle, concludes=("convex",)).prove()


def test_hypotheses_that_the_example_does_not_meet_are_vacuous():
    with pytest.raises(NotProved, match="the example does not meet longer: it would be vacuous"):
        changed(t10.longer, relation=Gt(t10.lam, t10.A)).prove()
