"""The best dictionaries of neighbouring problems: known where W1 says so, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest

from checks.instances.companions import with_split_atom
from checks.instances.stored import stored_counterexample
from checks.judging import nearby_problems
from checks.judging.exact import judge
from checks.judging.nearby_problems import DEARER, HERE, WIDER
from checks.judging.nearby_problems import neighbours as of
from checks.judging.optimality import is_best
from checks.judging.subjects import EXACT
from checks.judging.verdict import Verdict
from checks.problem.instance import instance
from checks.problem.point import Point
from checks.solvers.optimum import exact_optimum
from theory.statement import discover

STATEMENTS = {statement.id: statement for statement in discover()}
X13, X14 = (stored_counterexample(STATEMENTS[name]) for name in ("X13", "X14"))


def values(point, asked):
    return {name: np.asarray(value.array) for name, value in of(point, asked).items()}


def test_only_what_is_asked_for_is_solved(monkeypatch):
    monkeypatch.setattr(nearby_problems, "_solved", lambda problem: pytest.fail("solved"))
    assert set(values(X14, HERE)) == HERE
    assert values(X14, frozenset({"z", "r"})) == {}


def test_rays_are_known_to_be_served_best_and_a_compromise_is_not():
    found = values(X13, HERE | WIDER)
    assert found["known"] == 0
    assert found["known_wider"] == 1
    assert (found["kin"].T @ X13.D).item() == pytest.approx(0.8)
    assert found["cost_wider"] < X13.objective


def test_dead_atoms_at_twice_the_price():
    found = values(X14, HERE | DEARER)
    assert (found["dead"], found["dead_dearer"], found["known_dearer"]) == (0, 2, 1)
    assert values(with_split_atom(X14), HERE)["dead"] == 1  # a copy


def test_a_point_that_is_not_stationary_is_not_known_to_be_best():
    assert is_best(X14)
    assert not is_best(replace(X14, Z=X14.Z * (1 + 1e-9)))
    assert not is_best(replace(X14, Z=X14.Z * np.nan))


def test_a_worse_optimum_is_not_known_to_be_best():
    # One atom for both rays, and the other one dead, is stationary.
    one = stored_counterexample(STATEMENTS["X13"])
    D = np.column_stack([one.D, [0.0, 1.0]])
    Z = np.column_stack([one.Z, [0.0, 0.0]])
    away = Point(replace(one.instance, k=2), D * [1, 1], one.b, Z)
    assert not is_best(away)


def test_of_large_problems_nothing_is_claimed():
    problem = instance(np.random.default_rng(0).standard_normal((65, 2)), 2, 0.5)
    point = exact_optimum(problem, seed=0)
    assert values(point, WIDER)["known_wider"] == 0
    for name in ("X13", "X14"):
        assert judge([STATEMENTS[name]], [point], EXACT.promises(problem))[name].verdict is Verdict.VACUOUS
