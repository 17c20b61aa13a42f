"""Parts of the engine by themselves, where a fault would hide behind a second line of defence."""

from dataclasses import replace

import numpy as np
import pytest
import sympy
from sympy import Expr, Sum

from checks.evaluation.lowering import SAMPLE, Env, Named, evaluate, holds
from checks.evaluation.moments import accumulate
from checks.evaluation.symbols import environment, measure
from checks.instances.companions import with_split_atom
from checks.instances.stationary import StationaryGrid, StationaryRays
from checks.judging import exact as certified
from checks.judging.approximate import sum_of_squares
from checks.judging.certify import Certificate, certify
from checks.judging.subjects import EXACT, JOINTLY_OPTIMAL
from checks.judging.verdict import Judgement, Verdict, violation_of
from checks.problem.point import Point
from theory import certificate
from theory.certificate import NotProved, verify
from theory.derive import BY_CONSTRUCTION, DEFINED, unit
from theory.expectation import E
from theory.instantiate import World, vanishes_at_random_instances
from theory.manifest import is_nonnegative
from theory.normal_form import is_zero
from theory.problem import D, G, a, b, j, l, m, neg, on, pos, r, xhat, z
from theory.statement import Eq, Ge, Le, Status, discover

STATEMENTS = {statement.id: statement for statement in discover()}
B1 = STATEMENTS["B1"]


@pytest.fixture(scope="module")
def exact():
    return StationaryGrid(d=4, k=3, seed=1, lam=0.5).point()


def with_z(*values):
    """An environment in which z, of one atom, has these values at as many samples."""
    return Env({"z": Named(np.array(values)[:, None], (SAMPLE,))}, {"k": 1, "d": 1}, np.full(len(values), 1.0))


# --- lowering --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("relation", [sympy.Eq, sympy.Ne, sympy.Gt, sympy.Ge, sympy.Lt, sympy.Le])
def test_conditions_are_what_they_say(relation):
    compared = {"==": np.equal, "!=": np.not_equal, ">": np.greater, ">=": np.greater_equal}
    compared |= {"<": np.less, "<=": np.less_equal}
    values = np.array([1.0, 2.0, 3.0])
    condition = relation(z[j], 2, evaluate=False)
    found = holds(condition, with_z(*values)).array[:, 0]
    np.testing.assert_array_equal(found, compared[condition.rel_op](values, 2.0))


@pytest.mark.parametrize("part", [pos, neg])
def test_what_is_not_a_number_stays_so(part):
    assert np.isnan(evaluate(part(z[j]), with_z(np.nan, 1.0)).array[0, 0])
    for relation in (Eq(z[j], 0), Le(z[j], 0), Ge(z[j], 0)):
        assert np.isnan(violation_of(relation, with_z(np.nan)).array).all()


def test_parts_of_a_number():
    np.testing.assert_array_equal(evaluate(pos(z[j]), with_z(-2.0, 3.0)).array[:, 0], [0, 3])
    np.testing.assert_array_equal(evaluate(neg(z[j]), with_z(-2.0, 3.0)).array[:, 0], [2, 0])


def test_violations_are_nonnegative_and_one_sided():
    for relation, expected in ((Eq(z[j], 2), [1, 0, 1]), (Le(z[j], 2), [0, 0, 1]), (Ge(z[j], 2), [1, 0, 0])):
        np.testing.assert_array_equal(violation_of(relation, with_z(1.0, 2.0, 3.0)).array[:, 0], expected)


@pytest.mark.parametrize("expr", [1 - G[j, l], -2 * z[j], r[a] - b[a], 1 / (-3 * G[j, j])])
def test_magnitudes_are_at_least_the_values(exact, expr):
    measured = measure(exact, [expr], JOINTLY_OPTIMAL)
    bound, value = evaluate(expr, measured.bounds).array, evaluate(expr, measured.exact).array
    assert (bound * (1 + 1e-12) >= abs(value)).all()


def test_a_magnitude_does_not_know_of_cancellation(exact):
    measured = measure(exact, [r[a]], JOINTLY_OPTIMAL)
    assert (measured.bounds.arrays["r"].array >= abs(exact.instance.x) + abs(exact.Z) @ abs(exact.D).T).all()


def test_a_value_is_computed_once_and_not_carried_over(exact):
    env = environment(exact)
    assert evaluate(G[j, l], env) is evaluate(G[j, l], env)
    other = replace(env, arrays={**env.arrays, "G": Named(2 * env.arrays["G"].array)})
    assert (evaluate(G[j, l], other).array == 2 * evaluate(G[j, l], env).array).all()


def test_squares_are_averaged_over_samples(exact):
    env, i = environment(exact), exact.instance
    expected = i.weights @ (exact.Z**2).sum(axis=1)
    np.testing.assert_allclose(sum_of_squares(violation_of(Eq(z[j], 0), env), env.weights, 0.0), expected)


def test_a_diagonal_has_one_axis(exact):
    assert evaluate(G[j, j], environment(exact)).axes == ("j",)


def test_blocks_add_up_whatever_their_sizes(exact):
    env, i = environment(exact), exact.instance
    moment = E(z[j])
    blocks = [cut(env, part) for part in np.array_split(np.arange(i.n), 3)]
    np.testing.assert_allclose(accumulate([moment], blocks)[moment].array, i.weights @ exact.Z)


def cut(env, part):
    """The environment of some of the samples."""
    arrays = {n: Named(v.array[part], v.axes) if SAMPLE in v.axes else v for n, v in env.arrays.items()}
    return Env(arrays, env.sizes, env.weights[part])


def test_a_multiplier_is_the_slack_where_there_is_some(exact):
    silent = replace(exact, Z=0 * exact.Z)
    slack = exact.instance.lam[:, None] - exact.instance.x @ exact.D
    assert (slack < 0).any()
    np.testing.assert_allclose(environment(silent).arrays["mu"].array, np.maximum(slack, 0), atol=1e-15)


# --- certificates of points ------------------------------------------------------------------------------------------


def test_what_is_no_number_certifies_nothing():
    nothing = Certificate(*(8 * (np.nan,)))
    assert all(nothing.shortfall({name}) for name in ("code", "act", "atom", "scale", "unit", "bias"))


def test_the_gap_of_no_code_at_all(exact):
    silent = replace(exact, Z=0 * exact.Z)
    i = silent.instance
    x, dual = i.x, i.x * (i.lam / np.maximum((i.x @ exact.D).max(axis=1), i.lam))[:, None]
    expected = i.weights @ ((x - dual) ** 2).sum(axis=1) / (i.weights @ (x**2).sum(axis=1))
    np.testing.assert_allclose(certify(silent).gap, expected)


def test_residuals_of_active_units_and_of_scale_are_those_of_the_text(exact):
    Z = exact.Z * np.linspace(0.9, 1.1, exact.Z.size).reshape(exact.Z.shape)
    moved = Point(exact.instance, exact.D, exact.b, Z)
    i, found = exact.instance, certify(moved)
    slack, size = i.lam[:, None] - moved.residual @ exact.D, np.linalg.norm(i.x, axis=1)
    act = ((slack * (Z > 0)).max(axis=1) / (size + i.lam)).max()
    scale = (abs(i.weights @ (Z * slack)) / (i.weights @ (Z * size[:, None]))).max()
    np.testing.assert_allclose([found.act, found.scale], [act, scale])


@pytest.mark.parametrize(("off", "condition"), [(1e-9, "code"), (1e-6, "bias")])
def test_exact_is_meant(exact, off, condition):
    assert certify(exact).shortfall({condition}) == ""
    assert certify(replace(exact, b=exact.b + off)).shortfall({condition})


# --- verdicts at exact points ----------------------------------------------------------------------------------------


def test_a_violation_just_beyond_its_bound_is_one(exact):
    long = replace(exact, D=exact.D * (1 + 1e-12))
    lengths = replace(B1, claim=Eq(G[j, j], 1), proof=unit[j], controls={}, given=())
    wrong = replace(lengths, claim=Eq(5 * G[j, j], 5))
    verdicts = [certified.judge([law], [long], {"unit"})["B1"].verdict for law in (lengths, wrong)]
    assert verdicts == [Verdict.CONFIRMED, Verdict.FALSIFIED]


def test_what_is_not_a_number_exceeds_every_bound():
    violation, bound = np.array([np.nan, 1.0, 1.0, 0.0, 1.0]), np.array([1.0, np.nan, 0.0, 0.0, 2.0])
    np.testing.assert_array_equal(certified._ratio(violation, bound), [np.inf, np.inf, np.inf, 0.0, 0.5])


def test_the_worst_of_several_relations_counts(exact):
    two = replace(B1, claim=(Eq(G[j, j], 1), Eq(G[j, j], 2)), proof=None, status=Status.OPEN, controls={})
    for claim in (two.claims, two.claims[::-1]):
        assert certified.judge([replace(two, claim=claim)], [exact], {"unit"})["B1"].verdict is Verdict.FALSIFIED


def test_the_most_severe_verdict_decides():
    order = (Verdict.VACUOUS, Verdict.CONFIRMED, Verdict.INCONCLUSIVE, Verdict.FALSIFIED)
    for n in range(1, len(order)):
        assert certified.worst([Judgement(verdict) for verdict in order[: n + 1]]).verdict is order[n]


@pytest.mark.parametrize("unit_of_data", [1e-100, 1e100])
def test_verdicts_do_not_depend_on_the_unit(exact, unit_of_data):
    i = exact.instance
    scaled = replace(i, x=unit_of_data * i.x, lam=unit_of_data * i.lam)
    point = Point(scaled, exact.D, unit_of_data * exact.b, unit_of_data * exact.Z)
    proved = [statement for statement in STATEMENTS.values() if statement.status is Status.PROVED]
    before, after = (certified.judge(proved, [p], EXACT.promises(i)) for p in (exact, point))
    assert {id: judged.verdict for id, judged in before.items()} == {id: judged.verdict for id, judged in after.items()}


def test_a_split_atom_leaves_an_optimum(exact):
    for point in (exact, StationaryRays(n=20, d=3, k=4, seed=0, lam=0.3).point()):
        assert certify(with_split_atom(point)).shortfall(EXACT.promises(point.instance)) == ""


def test_silent_and_active_share_out_the_samples(exact):
    env = environment(exact)
    np.testing.assert_array_equal(env.arrays["on"].array, exact.Z > 0)
    np.testing.assert_array_equal(env.arrays["off"].array, exact.Z == 0)


# --- proofs ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identity", [Sum(z[m], m) - z[j], Sum(D[a, j], a) - D[a, j]])
def test_what_holds_in_one_dimension_is_no_identity(identity):
    assert not vanishes_at_random_instances(identity)


def test_being_active_is_an_assumption():
    assert not is_zero(on[j] - 1)
    assert not is_zero(on[j] * r[a] - r[a], DEFINED)
    assert not is_zero(E(on[j]) - 1)


def test_atoms_leave_the_mean_of_a_reconstruction():
    assert is_zero(E(xhat[a]) - Sum(D[a, m] * E(z[m]), m), DEFINED)


def test_an_explicit_mean_is_one():
    world = World(3, 1, 1, seed=0, definitions={})
    values = [world.value(z[j], {j: 0}, i) for i in range(3)]
    assert sum(world.weights) == 1
    assert len(set(world.weights)) > 1
    assert world.value(E(z[j]), {j: 0}) == sum(w * value for w, value in zip(world.weights, values, strict=True))


@pytest.mark.parametrize(
    ("blind", "noticed"),
    [("collect", "explicit small instance"), ("vanishes_at_random_instances", "claim − certificate")],
)
def test_either_check_of_an_identity_suffices(monkeypatch, blind, noticed):
    monkeypatch.setattr(certificate, blind, lambda *_: 0 if blind == "collect" else True)
    with pytest.raises(NotProved, match=noticed):
        verify(Eq(G[j, j], 2), unit[j])


def test_a_sum_is_nonnegative_only_if_all_of_it_is():
    assert is_nonnegative(z[j] + z[l] ** 2)
    nowhere: list[Expr] = [z[j] + D[a, j], z[j] * D[a, j], D[a, j] ** 3]
    assert not any(is_nonnegative(expr) for expr in nowhere)


def test_a_conjecture_needs_all_conditions_that_can_be_promised():
    premises = replace(B1, status=Status.OPEN, proof=None).premises
    assert premises.isdisjoint(BY_CONSTRUCTION)
    assert premises <= EXACT.premises
