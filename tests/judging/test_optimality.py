"""How good a point is beyond being stationary, against brute force, the joint solver and certificates in fractions."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Symbol, lambdify, sympify

from checks.campaigns.falsify import judge_case
from checks.campaigns.outcome import outcome_at
from checks.instances.cases import Case
from checks.instances.companions import with_split_atom
from checks.instances.stationary import FreeNorms, StationaryGrid, StationaryNest, StationaryOverlap, StationaryRays
from checks.instances.stored import stored_counterexample
from checks.judging import exact, optimality
from checks.judging.optimality import is_best, is_local_minimum, level
from checks.judging.subjects import EXACT
from checks.judging.verdict import Verdict
from checks.problem.instance import instance
from checks.problem.point import Point
from checks.solvers.codes import codes
from checks.solvers.dictionary.newton import smallest_curvature
from theory.optimality import Level
from theory.problem import OBJECTIVES, lam
from theory.statement import Status, discover

BY_ID = {statement.id: statement for statement in discover()}
REFUTED = [statement for statement in BY_ID.values() if statement.counterexample is not None]
OVERLAPS = [StationaryOverlap(n=5, d=3, k=2, seed=seed, lam=0.3).point() for seed in range(12)]
SADDLE = next(point for point in OVERLAPS if level(point) < Level.LOCAL_MINIMUM)
MINIMUM = next(point for point in OVERLAPS if level(point) is Level.LOCAL_MINIMUM)


def least_curvature(point):
    return np.linalg.eigvalsh(optimality._second_order(point.in_unit_scale))[0]


def lowest_nearby(point, distance, directions):
    """The smallest change of the objective, relative to distance², along great circles of the atoms and a free bias."""
    rng, i = np.random.default_rng([0, 1]), point.instance  # another stream than the points were drawn from
    changes = []
    for _ in range(directions):
        E = rng.standard_normal(point.D.shape)
        E -= point.D * (E * point.D).sum(0)
        D = point.D + distance * E
        D /= np.linalg.norm(D, axis=0)
        b = point.b + distance * rng.standard_normal(i.d) * i.bias
        moved = Point(i, D, b, codes(i.x - b, D, i.lam).Z)
        changes.append((moved.objective - point.objective) / distance**2)
    return min(changes)


# --- the second-order certificate ------------------------------------------------------------------------------------


def test_curvature_is_that_of_the_joint_solver(optimum):
    i = optimum.instance
    theirs = smallest_curvature(i.x, optimum.D, i.lam, b=optimum.b, weights=i.weights, bias=True)
    assert least_curvature(optimum) == pytest.approx(theirs, rel=1e-9)
    assert level(optimum) is Level.LOCAL_MINIMUM


@pytest.mark.parametrize("point", OVERLAPS)
def test_what_is_certified_has_nothing_lower_nearby(point):
    if level(point) is Level.LOCAL_MINIMUM:
        assert lowest_nearby(point, 1e-4, 200) > 0
    else:
        assert least_curvature(point) < 0


def test_a_saddle_has_something_lower_nearby():
    assert level(SADDLE) is Level.BEST_CODES
    assert lowest_nearby(SADDLE, 1e-4, 2000) < 0


@pytest.mark.parametrize("statement", REFUTED, ids=lambda statement: statement.id)
def test_what_is_a_minimum_in_fractions_is_one_in_numbers(statement):
    assert level(stored_counterexample(statement)) >= statement.at


@pytest.mark.parametrize("bias", [False, True])
def test_a_free_bias_may_undo_a_minimum(bias):
    """Two samples on opposite sides of their mean, and one atom for both."""
    point = StationaryGrid(d=3, k=2, seed=1, lam=0.2, bias=bias).point()
    i = point.instance
    theirs = smallest_curvature(i.x, point.D, i.lam, b=point.b, weights=i.weights, bias=bias)
    assert least_curvature(point) == pytest.approx(theirs, rel=1e-9)


def test_where_norms_are_free_the_curvature_is_the_same():
    unit = StationaryOverlap(n=5, d=3, k=2, seed=0, lam=0.3)
    free = FreeNorms(unit, seed=0)
    assert level(free.point()) == level(unit.point())


def test_a_nested_dictionary_has_minima_and_saddles():
    levels = {level(StationaryNest(d=3, k=2, seed=seed, lam=0.3).point()) for seed in range(12)}
    assert levels == {Level.LOCAL_MINIMUM, Level.BEST_CODES}


@pytest.mark.parametrize("key", [key for key in OBJECTIVES if not OBJECTIVES[key].limit])
def test_the_bend_of_a_penalty_is_its_second_derivative(key):
    objective, t = OBJECTIVES[key], Symbol("t", positive=True)
    numbers = {"gamma": 0.3, "p": 0.5, "M": np.ones((1, 2))}
    numbers = {name: np.asarray(numbers[name]) for name in objective.parameters}
    problem = instance(np.ones((1, 1)), 2, 0.7, objective=objective, parameters=numbers)
    point = Point(problem, np.ones((1, 2)), np.zeros(1), np.array([[0.8, 0.0]]))
    values = {"lambda": 0.7, "gamma": 0.3, "p": 0.5}
    penalty = sympify(objective.penalty(t))
    at = lambdify(t, penalty.subs({s: values[str(s)] for s in penalty.free_symbols - {t}} | {lam: 0.7}))
    h = 1e-4
    numerically = (at(0.8 + h) - 2 * at(0.8) + at(0.8 - h)) / h**2
    np.testing.assert_allclose(optimality._bend(point), [[numerically, 0.0]], atol=1e-6)


# --- what is left out, and what is taken to be free ------------------------------------------------------------------


def test_dead_atoms_and_samples_without_weight_do_not_matter():
    i, n = MINIMUM.instance, MINIMUM.instance.n
    x, D = np.column_stack([i.x, np.zeros(n)]), np.zeros((i.d + 1, i.k + 1))
    D[:-1, :-1], D[-1, -1] = MINIMUM.D, 1.0
    dead = Point(replace(i, x=x, k=i.k + 1), D, np.zeros(i.d + 1), np.column_stack([MINIMUM.Z, np.zeros(n)]))
    assert level(dead) is Level.LOCAL_MINIMUM
    x, weights = np.vstack([i.x, 9 * i.x]), np.append(i.weights, 0 * i.weights)
    Z = codes(x, MINIMUM.D, i.lam[0]).Z
    more = Point(replace(i, x=x, lam=np.tile(i.lam, 2), weights=weights), MINIMUM.D, MINIMUM.b, Z)
    assert least_curvature(more) == pytest.approx(least_curvature(MINIMUM), rel=1e-9)


def test_an_atom_on_the_brink_is_not_certified():
    rays = StationaryRays(n=4, d=3, k=2, seed=0, lam=0.2).point()
    copied = Point(
        replace(rays.instance, k=3),
        np.column_stack([rays.D, rays.D[:, 0]]),
        rays.b,
        np.column_stack([rays.Z, np.zeros(4)]),
    )
    assert is_local_minimum(rays)
    assert not is_local_minimum(copied)
    assert is_best(copied)
    # With longer atoms codes cost less, and the objective is below any bound.
    assert not is_best(replace(copied, D=2 * copied.D, Z=copied.Z / 2))


def test_a_split_atom_is_flat_and_so_not_certified():
    assert not is_local_minimum(with_split_atom(MINIMUM))


BROKEN = {
    "not a number": lambda p: replace(p, Z=np.full_like(p.Z, np.nan)),
    "atoms turned": lambda p: replace(p, D=np.roll(p.D, 1, axis=0)),
    "codes off by 1e-6": lambda p: replace(p, Z=p.Z * (1 + 1e-6)),
}


@pytest.mark.parametrize("twin", BROKEN)
def test_what_is_not_stationary_is_nothing(twin):
    broken = BROKEN[twin](MINIMUM)
    assert not is_local_minimum(broken)
    assert not is_best(broken)
    assert level(broken) is Level.STATIONARY


# --- what a claim is judged at ---------------------------------------------------------------------------------------


def test_a_claim_about_minima_is_not_refuted_by_a_saddle():
    X7 = BY_ID["X7"]
    for point, verdict in ((SADDLE, Verdict.VACUOUS), (MINIMUM, Verdict.FALSIFIED)):
        judged = exact.judge([X7], [point], EXACT.promises(point.instance))["X7"]
        assert judged.verdict is verdict
    anywhere = replace(X7, at=Level.STATIONARY)
    premises = EXACT.promises(SADDLE.instance)
    assert exact.judge([anywhere], [SADDLE], premises)["X7"].verdict is Verdict.FALSIFIED
    where = exact.judge([X7], [SADDLE], premises)["X7"].where
    assert where == "a saddle or uncertified: the claim is about local minima"
    everywhere = replace(X7, at=Level.GLOBAL_MINIMUM)
    assert exact.judge([everywhere], [MINIMUM], premises)["X7"].verdict is Verdict.VACUOUS


def test_a_proof_is_held_to_what_it_spends_at_a_saddle_too():
    wrong = replace(BY_ID["A1"], claim=BY_ID["A1"].controls["twice the penalty"])
    judged = exact.judge([wrong], [SADDLE], EXACT.promises(SADDLE.instance))["A1"]
    assert judged.verdict is Verdict.FALSIFIED


def test_second_order_is_looked_at_only_where_a_claim_fails(monkeypatch):
    monkeypatch.setattr(optimality, "level", lambda point: pytest.fail("it is expensive"))
    held = replace(BY_ID["A1"], status=Status.OPEN, proof=None)
    judged = exact.judge([held], [MINIMUM], EXACT.promises(MINIMUM.instance))["A1"]
    assert judged.verdict is Verdict.CONFIRMED


def test_a_search_takes_no_saddle_for_a_counterexample():
    spec = next(
        spec
        for seed in range(12)
        if level((spec := StationaryGrid(d=3, k=2, seed=seed, lam=0.5)).point()) < Level.LOCAL_MINIMUM
    )
    assert judge_case(BY_ID["X1"], Case(spec)).counterexample is None
    (line,) = outcome_at(replace(BY_ID["X1"], status=Status.OPEN), Case(spec)).complaints
    assert line.endswith("a saddle or uncertified: the claim is about local minima")
