"""Stationary points of every objective, by means that the certificate does not share."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize

from checks.data.datasets import STANDARD
from checks.errors import BadInput
from checks.problem.instance import instance
from checks.solvers import other_objectives
from checks.solvers.codes.result import Outcome
from checks.solvers.dictionary import joint
from checks.solvers.other_objectives import stationary
from theory.problem import BATCH_TOP_K, L0, L1, LOG, LP, MATRYOSHKA, TOP_K, Limit

DATASETS = {dataset.name: dataset for dataset in STANDARD}


def posed(objective):
    """The small problem of the main job under an objective."""
    if objective is MATRYOSHKA:
        return DATASETS["hierarchy"].build(0)
    found = [DATASETS["family"].build(0), *DATASETS["family"].others(0)]
    return next(problem for problem in found if problem.objective is objective)


def test_of_the_l1_problem_it_is_as_good_as_its_own_solver():
    problem = posed(L1)
    found = stationary(problem)
    own = joint(problem.x, problem.k, problem.lam, bias=True)
    assert found.outcome is Outcome.CONVERGED
    r = problem.x - found.b - found.Z @ found.D.T
    loss = problem.weights @ ((r**2).sum(1) / 2 + problem.lam * found.Z.sum(1))
    assert loss <= own.objective * (1 + 1e-12)


@pytest.mark.parametrize("at_once", [1, 2**22])
@pytest.mark.parametrize("limit", [Limit.SAMPLE, Limit.BATCH])
def test_codes_of_limited_support_are_the_best_of_all(limit, at_once, monkeypatch):
    monkeypatch.setattr(other_objectives, "_AT_ONCE", at_once)
    rng = np.random.default_rng(0)
    objective = TOP_K if limit is Limit.SAMPLE else BATCH_TOP_K
    problem = instance(rng.standard_normal((4, 3)), 3, 0.0, objective=objective, parameters={"K": 1})
    D = rng.standard_normal((3, 3))
    D /= np.linalg.norm(D, axis=0)
    Z = other_objectives._codes(problem, D, np.zeros(3), np.zeros((4, 3)))
    loss = lambda Z: ((problem.x - Z @ D.T) ** 2).sum(axis=-1)  # noqa: E731
    supports = [s for size in range(4) for s in combinations(range(3), size)]
    best = np.full((4, 4), np.inf)  # by sample and size
    for support in supports:
        for i, x in enumerate(problem.x):
            z = np.zeros(3)
            z[list(support)] = np.linalg.lstsq(D[:, support], x, rcond=None)[0] if support else []
            if (z >= 0).all():
                best[i, len(support)] = min(best[i, len(support)], ((x - D @ z) ** 2).sum())
    if limit is Limit.SAMPLE:
        expected = best[:, :2].min(axis=1).sum()
    else:
        sizes = np.stack(np.meshgrid(*[range(4)] * 4), axis=-1).reshape(-1, 4)
        expected = min(best[np.arange(4), s].sum() for s in sizes if s.sum() <= 4)
    np.testing.assert_allclose(loss(Z).sum(), expected)


@pytest.mark.parametrize("objective", [LOG, LP, L0], ids=lambda o: o.key)
def test_the_best_code_of_one_atom_is_that_of_a_fine_search(objective):
    x, lam, weights = np.linspace(0.0, 3.0, 40)[:, None], np.full(40, 0.3), np.full(40, 1 / 40)
    problem = replace(posed(objective), x=x, k=1, lam=lam, weights=weights)
    Z = other_objectives._codes(problem, np.ones((1, 1)), np.zeros(1), np.zeros((40, 1)))[:, 0]
    value = other_objectives._penalty(problem)[0]
    grid = np.linspace(1e-6, 3.0, 3001)
    for x, z in zip(problem.x[:, 0], Z, strict=True):
        losses = (x - grid) ** 2 / 2 + value(grid, 0.3)
        own = (x - z) ** 2 / 2 + (value(np.array([z]), 0.3)[0] if z > 0 else 0.0)
        assert own <= min(losses.min(), x**2 / 2) + 1e-9


def test_a_matryoshka_loss_cannot_be_lowered_nearby():
    problem = posed(MATRYOSHKA)
    found = stationary(problem)
    mask = problem.parameters["M"]

    def loss(v):
        D, Z = v[: problem.d * problem.k].reshape(problem.d, -1), v[problem.d * problem.k :].reshape(problem.n, -1)
        D = D / np.linalg.norm(D, axis=0)
        squares = sum(((problem.x - (Z * row) @ D.T) ** 2).sum() for row in mask)
        return squares / 2 + (problem.lam * Z.sum(1)).sum()

    start = np.concatenate([found.D.ravel(), found.Z.ravel()])
    bounds = [(None, None)] * found.D.size + [(0, None)] * found.Z.size
    lower = minimize(loss, start, method="L-BFGS-B", bounds=bounds, options={"maxiter": 3})
    assert loss(start) - lower.fun < 1e-8 * loss(start)


def test_running_out_is_said_and_not_raised(monkeypatch):
    monkeypatch.setattr(other_objectives, "_ROUNDS", 1)
    monkeypatch.setattr(other_objectives, "_NEWTON", 0)
    monkeypatch.setattr(other_objectives, "_SWEEPS", 1)
    found = stationary(posed(LOG))
    assert found.outcome is Outcome.OUT_OF_ITERATIONS
    assert found.residual > other_objectives.TARGET


def test_too_many_supports_are_refused():
    problem = instance(np.ones((30, 12)), 11, 0.1, objective=L0)
    with pytest.raises(BadInput, match="up to 10 atoms"):
        stationary(problem)


def test_the_same_seed_gives_the_same_point():
    first, second = (stationary(posed(LOG), seed=1) for _ in range(2))
    np.testing.assert_array_equal(first.D, second.D)
