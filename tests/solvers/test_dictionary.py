"""Joint optima: what is reported is recomputed here from the data, and hard or degenerate problems end well."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from checks.errors import BadInput
from checks.solvers.codes import codes
from checks.solvers.codes.result import Outcome
from checks.solvers.dictionary import joint
from checks.solvers.dictionary.newton import _by_chance, _Model, _Problem, _subsets, smallest_curvature
from checks.solvers.dictionary.result import TARGET
from tests.solvers.planted import planted, unit


def assert_joint_optimum(x, lam, solved, *, weights=None, bias=False, target=TARGET):
    """Every number of the result, measured again."""
    n = len(x)
    w = np.full(n, 1 / n) if weights is None else np.asarray(weights) / np.sum(weights)
    lam = np.broadcast_to(np.asarray(lam, dtype=float), n)
    assert solved.outcome is Outcome.CONVERGED
    assert solved.stationarity <= target
    np.testing.assert_allclose(np.linalg.norm(solved.D, axis=0), 1.0, atol=1e-14)
    r = x - solved.b - solved.Z @ solved.D.T
    F = w @ (0.5 * (r * r).sum(axis=1) + lam * solved.Z.sum(axis=1))
    assert solved.objective == pytest.approx(F, rel=1e-12, abs=1e-300)
    pull, slope = (w[:, None] * r).T @ solved.Z, (w * lam) @ solved.Z
    live = slope > 0
    if live.any():
        assert (np.linalg.norm(pull - slope * solved.D, axis=0)[live] / slope[live]).max() <= target
    if bias:
        assert np.linalg.norm(w @ r) <= target * (np.linalg.norm(x - w @ x, axis=1).max() or 1.0)
    else:
        assert not solved.b.any()
    again = codes(x - solved.b, solved.D, lam, start=solved.Z, max_iterations=0)
    assert again.residual <= 1e-12


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_planted(seed, bias):
    x = planted(500, 8, 12, seed)
    assert_joint_optimum(x, 0.1, joint(x, 12, 0.1, bias=bias, seed=seed), bias=bias)


def test_digits():
    x = load_digits().data
    x = x * np.sqrt(64 / ((x - x.mean(axis=0)) ** 2).sum(axis=1).mean())
    solved = joint(x, 32, 1.0, bias=True)
    assert_joint_optimum(x, 1.0, solved, bias=True)
    assert smallest_curvature(x, solved.D, 1.0, b=solved.b, bias=True) > -1e-6


def test_weights_and_a_penalty_per_sample():
    rng = np.random.default_rng(0)
    x, lam, w = planted(200, 6, 8), rng.exponential(0.2, 200), rng.exponential(1, 200)
    w[:20] = 0.0
    assert_joint_optimum(x, lam, joint(x, 8, lam, weights=w, bias=True), weights=w, bias=True)


def test_a_weight_is_a_number_of_copies():
    x = planted(60, 4, 5)
    copies = np.random.default_rng(0).integers(0, 4, 60)
    D = unit(np.random.default_rng(1).standard_normal((4, 5)))
    weighted = joint(x, 5, 0.1, weights=copies, start=D)
    copied = joint(np.repeat(x, copies, axis=0), 5, 0.1, start=D)
    np.testing.assert_allclose(weighted.D, copied.D, atol=1e-8)
    assert weighted.objective == pytest.approx(copied.objective, rel=1e-12)


@pytest.mark.parametrize("scale", [1e-140, 1e-6, 1e100])
def test_scale(scale):
    x = planted(100, 4, 6)
    plain, scaled = joint(x, 6, 0.1), joint(x * scale, 6, 0.1 * scale)
    assert scaled.outcome is Outcome.CONVERGED
    np.testing.assert_allclose(scaled.D, plain.D, atol=1e-7)
    np.testing.assert_allclose(scaled.Z / scale, plain.Z, atol=1e-7)


def test_same_seed_same_point_other_seed_other_point():
    x = planted(100, 4, 6)
    first, second, other = joint(x, 6, 0.1, seed=1), joint(x, 6, 0.1, seed=1), joint(x, 6, 0.1, seed=2)
    assert (first.D == second.D).all()
    assert (first.Z == second.Z).all()
    assert not (first.D == other.D).all()


def test_more_restarts_never_hurt():
    x = planted(100, 4, 6)
    values = [joint(x, 6, 0.1, restarts=restarts).objective for restarts in (1, 3, 6)]
    assert values == sorted(values, reverse=True)


def test_starting_at_an_optimum_stays_there():
    x = planted(200, 5, 7)
    solved = joint(x, 7, 0.1, bias=True)
    again = joint(x, 7, 0.1, bias=True, start=(3.0 * solved.D, solved.b))
    np.testing.assert_allclose(again.D, solved.D, atol=1e-10)


def test_progress_is_told_falling_objectives():
    told = []
    x = planted(200, 5, 7)
    solved = joint(x, 7, 0.1, progress=lambda *row: told.append(row))
    objectives = [row[1] for row in told]
    assert len(told) > 1
    assert all(a >= b - 1e-12 for a, b in pairwise(objectives))
    assert told[-1][1:] == (solved.objective, solved.stationarity)


def test_running_out_is_an_outcome():
    x = planted(200, 5, 7)
    stopped = joint(x, 7, 0.1, max_iterations=1)
    assert stopped.outcome is Outcome.OUT_OF_ITERATIONS
    assert stopped.stationarity > TARGET


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(
    "x",
    [
        np.zeros((5, 3)),
        np.ones((5, 3)),
        np.ones((1, 1)),
        np.eye(4),
        np.outer([1.0, 2.0, 3.0, -1.0], [1.0, 2.0]),
        np.array([[1.0], [2.0], [-3.0]]),
        np.repeat(np.random.default_rng(0).standard_normal((3, 4)), 5, axis=0),
    ],
    ids=["zero", "constant", "one", "axes", "a line", "one dimension", "copies"],
)
def test_degenerate_data(x, bias):
    for k in (1, 3, 7):
        for lam in (0.05, 100.0):
            assert_joint_optimum(x, lam, joint(x, k, lam, bias=bias), bias=bias)


def test_without_a_penalty_atoms_may_close_up_and_codes_grow_but_stay_finite():
    """The infimum need not be attained at λ = 0: whatever comes back says how stationary it is."""
    x = planted(50, 4, 3)
    solved = joint(x, 3, 0.0)
    assert np.isfinite(solved.D).all()
    assert np.isfinite(solved.stationarity)
    r = x - solved.Z @ solved.D.T
    assert solved.objective == pytest.approx(0.5 * (r * r).sum(axis=1).mean(), rel=1e-9)


def test_a_minimum_that_is_not_attained_is_named():
    x = np.random.default_rng(2).standard_normal((22, 2))  # two atoms for the plane: they open to a half-plane
    solved = joint(x, 2, 0.0, max_iterations=100)
    assert solved.outcome is Outcome.NOT_ATTAINED
    assert solved.D[:, 0] @ solved.D[:, 1] < -1 + 1e-9
    assert solved.Z.max() > 1e3 * np.abs(x).max()
    assert solved.stationarity > TARGET


def test_beyond_what_float64_resolves_it_stalls():
    x = np.random.default_rng(0).standard_normal((24, 1))
    solved = joint(x, 1, 1e-11)
    assert solved.outcome is Outcome.STALLED
    assert solved.stationarity > TARGET


@pytest.mark.parametrize("seed", range(4))
def test_small_penalties_are_reached_from_larger_ones(seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((25, 3))
    assert_joint_optimum(x, 1e-4, joint(x, 5, 1e-4, bias=True, seed=seed), bias=True)


def test_many_samples_are_begun_on_some_of_them():
    x = planted(4000, 6, 8)
    problem = _Problem(x, np.full(4000, 0.1), np.full(4000, 1 / 4000), False)
    subsets = _subsets(problem, 8, np.random.default_rng(0))
    assert [len(part.x) for part in subsets] == [148, 444, 1333]
    assert all(part.w.sum() == pytest.approx(1.0) for part in subsets)
    solved = joint(x, 8, 0.1)
    assert_joint_optimum(x, 0.1, solved)
    assert not any(not _by_chance(part, part.at(solved.D, solved.b)) for part in subsets)
    assert not any(_by_chance(part, part.at(np.roll(solved.D, 1, axis=0), solved.b)) for part in subsets)
    again = joint(x, 8, 0.1, start=solved.D)
    np.testing.assert_allclose(again.D, solved.D, atol=1e-9)  # the subsets do not lead away from an optimum


def test_samples_without_weight_are_not_drawn():
    w = np.zeros(900)
    w[::3] = 1 / 300
    problem = _Problem(planted(900, 4, 3), np.full(900, 0.1), w, True)
    assert all((part.w > 0).all() for part in _subsets(problem, 3, np.random.default_rng(0)))


def test_unused_atoms_stay_unit_vectors():
    x = np.eye(3)
    solved = joint(x, 6, 0.2, seed=3)
    assert (np.abs(np.linalg.norm(solved.D, axis=0) - 1.0) < 1e-14).all()
    assert solved.objective == pytest.approx(0.2 - 0.02, rel=1e-12)  # the width bound of an atom per ray


def test_hessian_is_the_derivative_of_the_gradient():
    x, rng = planted(80, 4, 5), np.random.default_rng(0)
    problem = _Problem(x, np.full(80, 0.1), np.full(80, 1 / 80), True)
    D, b = unit(rng.standard_normal((4, 5))), 0.1 * rng.standard_normal(4)
    state = problem.at(D, b)
    V, c = rng.standard_normal((4, 5)), rng.standard_normal(4)
    V -= D * (D * V).sum(axis=0)
    H, h = _Model(problem, state).hessian((V, c))
    step = 1e-6
    sides = [problem.at(unit(D + s * step * V), b + s * step * c) for s in (1, -1)]
    assert all(((side.Z > 0) == (state.Z > 0)).all() for side in sides)  # no kink in between
    gradients = [side.gradient for side in sides]
    slope = (gradients[0][0] - gradients[1][0]) / (2 * step)
    np.testing.assert_allclose(slope - D * (D * slope).sum(axis=0), H, atol=1e-7)
    np.testing.assert_allclose((gradients[0][1] - gradients[1][1]) / (2 * step), h, atol=1e-7)


def test_curvature_tells_minima_from_saddles():
    x = np.array([[np.cos(1.2), np.sin(1.2)], [np.cos(1.2), -np.sin(1.2)]])
    assert smallest_curvature(x, np.array([[1.0], [0.0]]), 0.05) < -0.1  # between two far samples: a ridge
    solved = joint(x, 1, 0.05)
    assert smallest_curvature(x, solved.D, 0.05) > 0.1
    narrow = x * [4.0, 1.0]
    assert smallest_curvature(narrow, np.array([[1.0], [0.0]]), 0.05) > 0.1


def test_newton_leaves_a_saddle():
    x = np.array([[np.cos(1.2), np.sin(1.2)], [np.cos(1.2), -np.sin(1.2)]])
    solved = joint(x, 1, 0.05, start=unit(np.array([[1.0], [1e-5]])))
    assert smallest_curvature(x, solved.D, 0.05) > 0.1


@pytest.mark.parametrize(("d", "k", "bias"), [(4, 6, True), (20, 30, False)])
def test_optima_are_local_minima(d, k, bias):
    """Both the dense and the Lanczos route; and no small move finds a lower objective."""
    x = planted(400, d, k)
    solved = joint(x, k, 0.1, bias=bias)
    assert smallest_curvature(x, solved.D, 0.1, b=solved.b, bias=bias) > 0
    rng = np.random.default_rng(0)
    problem = _Problem(x, np.full(400, 0.1), np.full(400, 1 / 400), bias)
    for size in (1e-3, 1e-2):
        nearby = problem.at(unit(solved.D + size * rng.standard_normal((d, k))), solved.b)
        assert nearby.f > solved.objective


def test_bad_input():
    x = planted(10, 3, 4)
    with pytest.raises(BadInput, match="k = 0"):
        joint(x, 0, 0.1)
    with pytest.raises(BadInput, match="weights"):
        joint(x, 2, 0.1, weights=np.zeros(10))
    with pytest.raises(BadInput, match="start"):
        joint(x, 2, 0.1, start=np.ones((3, 3)))
    with pytest.raises(BadInput, match="direction"):
        joint(x, 2, 0.1, start=np.zeros((3, 2)))
    x[4] = np.nan
    with pytest.raises(BadInput, match="row 4"):
        joint(x, 2, 0.1)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 30),
    d=st.integers(1, 4),
    k=st.integers(1, 6),
    share=st.sampled_from([0.01, 0.1, 0.5]),
    bias=st.booleans(),
    grid=st.booleans(),
)
def test_any_small_problem(seed, n, d, k, share, bias, grid):
    """Where codes are unique the optimum is reached; in any case the reported residuals are the truth."""
    rng = np.random.default_rng(seed)
    x = rng.integers(-2, 3, (n, d)).astype(float) if grid else rng.standard_normal((n, d))
    solved = joint(x, k, share, bias=bias, seed=seed)
    assert codes(x - solved.b, solved.D, share, start=solved.Z, max_iterations=0).residual <= 1e-12
    assert np.isfinite(solved.stationarity)
    if not grid:
        assert_joint_optimum(x, share, solved, bias=bias)


@pytest.mark.parametrize("dense", [0, 100])
def test_steps_keep_within_the_radius_and_fall_as_promised(dense, monkeypatch):
    monkeypatch.setattr("checks.solvers.dictionary.newton._DENSE", dense)
    x = planted(400, 6, 9)
    problem = _Problem(x, np.full(400, 0.1), np.full(400, 1 / 400), True)
    solved = joint(x, 9, 0.1, bias=True)
    D = unit(solved.D + 1e-3 * np.random.default_rng(0).standard_normal(solved.D.shape))
    state = problem.at(D, solved.b)
    model = _Model(problem, state)
    free, promised, length = model.minimise(1e3)
    assert (model.inverse is None) == (dense == 0)
    assert promised == pytest.approx(state.f - problem.at(unit(D + free[0]), solved.b + free[1]).f, rel=0.1)
    _, less, shorter = model.minimise(0.5 * length)
    assert 0 < less < promised
    assert shorter == 0.5 * length
    assert joint(x, 9, 0.1, bias=True, start=(D, solved.b)).objective == pytest.approx(solved.objective, rel=1e-12)
