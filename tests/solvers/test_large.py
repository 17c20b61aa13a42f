"""The solver in blocks finds what the joint solver finds, in any blocks, and can be interrupted and resumed."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from checks.errors import BadInput
from checks.judging.certify import certify, certify_in_blocks
from checks.problem.instance import instance
from checks.problem.point import Point
from checks.solvers.codes import codes
from checks.solvers.codes.result import Outcome
from checks.solvers.dictionary import joint
from checks.solvers.dictionary import large as module
from checks.solvers.dictionary.large import estimate, large, swept
from checks.solvers.dictionary.newton import smallest_curvature
from checks.solvers.dictionary.result import TARGET
from checks.solvers.wide import huber_median, width_bound, width_bound_in_blocks
from tests.solvers.planted import planted, unit

N, D, K, LAM = 600, 8, 12, 0.1
EXACT = {"code", "act", "atom", "scale", "unit", "bias"}


def point_of(x, lam, found, *, weights=None, bias=False):
    problem = instance(x, found.D.shape[1], lam, weights=weights, bias=bias)
    return Point(problem, found.D, found.b, found.Z.toarray())


def shortfall(x, lam, found, *, weights=None, bias=False):
    return certify(point_of(x, lam, found, weights=weights, bias=bias)).shortfall(EXACT if bias else EXACT - {"bias"})


def descended(x, lam, found, *, bias=False):
    """What the joint solver makes of that dictionary: the minimum of its basin."""
    return joint(x, found.D.shape[1], lam, bias=bias, start=(found.D, found.b))


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_an_exact_optimum_that_the_joint_solver_cannot_improve(seed, bias):
    x = planted(N, D, K, seed)
    found = large(x, K, LAM, bias=bias, seed=seed)
    assert found.outcome is Outcome.CONVERGED
    assert found.stationarity <= TARGET
    assert shortfall(x, LAM, found, bias=bias) == ""
    assert codes(x - found.b, found.D, LAM, start=found.Z.toarray(), max_iterations=0).residual <= 1e-10
    assert found.objective == pytest.approx(point_of(x, LAM, found, bias=bias).objective, rel=1e-12)
    there = descended(x, LAM, found, bias=bias)
    assert found.objective <= there.objective * (1 + TARGET)
    np.testing.assert_allclose(found.D, there.D, atol=1e-7)
    assert bias == found.b.any()


def test_the_optimum_of_the_joint_solver_is_its_own():
    """From the same start near an optimum both end in it."""
    x = planted(N, D, K)
    best = joint(x, K, LAM)
    assert smallest_curvature(x, best.D, LAM) > 0
    near = unit(best.D + 0.02 * unit(np.random.default_rng(0).standard_normal(best.D.shape)))
    found = large(x, K, LAM, start=(near, np.zeros(D)), online=False)
    np.testing.assert_allclose(found.D, best.D, atol=1e-7)
    np.testing.assert_allclose(found.Z.toarray(), best.Z, atol=1e-6)
    assert found.objective == pytest.approx(best.objective, rel=1e-12)


@pytest.mark.parametrize("bias", [False, True])
def test_any_blocks_give_the_same(bias):
    x, start = planted(N, D, K), (unit(np.random.default_rng(1).standard_normal((D, K))), np.zeros(D))
    whole, *parts = (
        large(x, K, LAM, bias=bias, start=start, online=False, block=block) for block in (N, 1, 37, 100, 10 * N)
    )
    for part in parts:
        np.testing.assert_allclose(part.D, whole.D, atol=1e-9)
        np.testing.assert_allclose(part.Z.toarray(), whole.Z.toarray(), atol=1e-8)
        assert part.objective == pytest.approx(whole.objective, rel=1e-12)


def test_weights_and_a_penalty_per_sample():
    rng = np.random.default_rng(0)
    x, lam, w = planted(N, D, K), rng.exponential(0.2, N), rng.exponential(1, N)
    w[:20] = 0.0
    found = large(x, K, lam, weights=w, bias=True, block=50)
    assert found.outcome is Outcome.CONVERGED
    assert shortfall(x, lam, found, weights=w, bias=True) == ""


@pytest.mark.parametrize("dtype", [np.float32, np.int16])
def test_numbers_of_any_kind_are_read_from_a_file(tmp_path, dtype):
    x = (1000 * planted(N, D, K)).astype(dtype)
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    found, there = (large(each, K, 100.0) for each in (mapped, x.astype(np.float64)))
    np.testing.assert_array_equal(found.D, there.D)
    assert shortfall(x.astype(np.float64), 100.0, found) == ""


def test_it_is_deterministic_and_depends_on_the_seed():
    x = planted(N, D, K)
    first, second, other = (large(x, K, LAM, seed=seed).D for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, second)
    assert np.abs(first - other).max() > 1e-3


def test_of_several_starts_the_lowest_objective_wins():
    x = planted(N, D, K)
    assert large(x, K, LAM, restarts=3).objective <= large(x, K, LAM).objective


@pytest.mark.parametrize("scale", [1e-120, 1e-3, 1e120])
def test_units_do_not_matter(scale):
    x = planted(N, D, K)
    found, scaled = large(x, K, LAM, bias=True), large(scale * x, K, scale * LAM, bias=True)
    np.testing.assert_allclose(scaled.D, found.D, atol=1e-7)
    assert scaled.objective / scale / scale == pytest.approx(found.objective, rel=1e-10)


@pytest.mark.parametrize(
    ("x", "k", "lam"),
    [(np.zeros((5, 3)), 2, 1.0), (np.ones((1, 1)), 3, 0.1), (planted(30, 3, 4), 2, 100.0), (planted(9, 3, 4), 20, 0.1)],
    ids=["zeros", "one", "all silent", "more atoms than samples"],
)
@pytest.mark.parametrize("bias", [False, True])
def test_strange_data(x, k, lam, bias):
    found = large(x, k, lam, bias=bias)
    assert found.outcome is Outcome.CONVERGED
    assert shortfall(x, lam, found, bias=bias) == ""


def test_without_a_penalty_nothing_is_claimed():
    found = large(planted(60, 3, 4), 4, 0.0, max_iterations=5)
    assert found.outcome in (Outcome.NOT_ATTAINED, Outcome.CONVERGED)


def test_unused_atoms_start_again():
    """Four of six atoms are at right angles to all samples."""
    x = np.abs(planted(3000, 6, 6)) * [1, 1, 1, 1, 1, 0]
    start = unit(np.array([[1, 1, 1, 1, 1, 0], [1, 0, 0, 0, 0, 0], *4 * [[0, 0, 0, 0, 0, 1]]], dtype=float).T)
    used, stuck = (
        large(x, 6, LAM, start=(start, np.zeros(6)), online=online).Z.toarray().any(axis=0) for online in (True, False)
    )
    assert used.all()
    assert not stuck[2:].any()


# --- the parts -------------------------------------------------------------------------------------------------------


def test_a_sweep_moves_each_atom_to_its_best_place():
    """As the textbook does it, one atom at a time: more atoms than are moved together."""
    rng, k = np.random.default_rng(0), 2 * module._TOGETHER + 3
    atoms, Z, x = unit(rng.standard_normal((5, k))), rng.exponential(1, (50, k)), rng.standard_normal((50, 5))
    Z[:, 7] = 0.0
    expected = atoms.copy()
    for j in range(k):
        target = (x - Z @ expected.T + np.outer(Z[:, j], expected[:, j])).T @ Z[:, j]
        if target.any():
            expected[:, j] = target / np.linalg.norm(target)
    np.testing.assert_allclose(swept(atoms, Z.T @ (x - Z @ atoms.T), Z.T @ Z, 1), expected, atol=1e-10)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("block", [1, 7, 1000])
def test_the_certificate_in_blocks_is_the_certificate(block, bias):
    """At a point that is no optimum, where every residual says something."""
    rng = np.random.default_rng(0)
    x, lam, w = planted(40, D, K), rng.exponential(0.2, 40), rng.exponential(1, 40)
    atoms, b = unit(rng.standard_normal((D, K))), rng.standard_normal(D)
    Z = rng.exponential(1, (40, K)) * (rng.random((40, K)) < 0.3)
    problem = instance(x, K, lam, weights=w, bias=bias)
    whole = certify(Point(problem, atoms, b, Z))
    seen = certify_in_blocks(x, lam, problem.weights, atoms, b, csr_array(Z), bias=bias, block=block)
    for name in ("codes", "gap", "atoms", "act", "scale", "norms", "bias"):
        assert getattr(seen.certificate, name) == pytest.approx(getattr(whole, name), rel=1e-12, abs=1e-15), name
    assert seen.certificate.others >= whole.others > 0
    assert seen.objective == pytest.approx(Point(problem, atoms, b, Z).objective, rel=1e-12)
    assert seen.live == (Z > 0).any(axis=0).sum()
    assert seen.mean_active == pytest.approx(problem.weights @ (Z > 0).sum(axis=1))


@pytest.mark.parametrize("broken", ["Z", "D", "b"])
def test_what_is_not_finite_is_not_certified(broken):
    x = planted(40, D, K)
    found = large(x, K, LAM)
    arrays = {"Z": found.Z.toarray(), "D": found.D, "b": found.b}
    arrays[broken].flat[0] = np.nan
    seen = certify_in_blocks(
        x, np.full(40, LAM), np.full(40, 1 / 40), arrays["D"], arrays["b"], csr_array(arrays["Z"]), bias=False, block=9
    )
    assert seen.certificate.bad_row == 0
    assert seen.certificate.shortfall(EXACT)


@pytest.mark.parametrize("bias", [False, True])
def test_the_width_bound_in_blocks_is_the_width_bound(bias):
    rng = np.random.default_rng(0)
    x, lam, w = planted(90, 4, 5) + 3.0, rng.exponential(2, 90), rng.exponential(1, 90)
    b = huber_median(x, lam, weights=w) if bias else None
    for block in (1, 20, 100):
        bound = width_bound_in_blocks(x, lam, w / w.sum(), bias=bias, block=block)
        assert bound == pytest.approx(width_bound(x, lam, b=b, weights=w), rel=1e-12)


def test_the_estimate_grows_with_what_it_is_of():
    x = planted(2000, 8, 12)
    small, wide, long = estimate(x, 12, LAM), estimate(x, 1200, LAM), estimate(np.tile(x, (50, 1)), 12, LAM)
    assert small.memory < long.memory
    assert small.memory < wide.memory
    assert 0 < small.seconds < long.seconds


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (np.ones(3), "shape"),
        (np.ones((0, 3)), "shape"),
        (np.array([["a"]]), "numbers"),
        (np.array([[0.0], [1.0], [np.nan]]), "the first is row 2"),
    ],
)
def test_bad_samples_are_refused(x, said):
    with pytest.raises(BadInput, match=said):
        large(x, 2, 1.0, block=2)


# --- broken twins ----------------------------------------------------------------------------------------------------


def skipped(problem, D, b, before=None):
    """What is measured without the first half of the samples."""
    lighter = np.where(np.arange(N) < N // 2, 0.0, problem.w)
    return AT(replace(problem, w=lighter), D, b, before)


def repeated(problem, D, b, before=None):
    """What is measured if the first half of the samples counts twice."""
    heavier = np.where(np.arange(N) < N // 2, 2 * problem.w, problem.w)
    return AT(replace(problem, w=heavier), D, b, before)


AT = module._Blocks.at


@pytest.mark.parametrize("at", [skipped, repeated])
def test_the_certificate_notices_blocks_that_are_skipped_or_repeated(monkeypatch, at):
    x = planted(N, D, K)
    monkeypatch.setattr(module._Blocks, "at", at)
    assert "atoms" in shortfall(x, LAM, large(x, K, LAM, block=N // 2, max_iterations=5))


def test_the_certificate_notices_wrong_weights(monkeypatch):
    x, w = planted(N, D, K), np.linspace(0, 1, N)
    monkeypatch.setattr(module, "shares_of", lambda _, n: np.full(n, 1 / n))
    assert "atoms" in shortfall(x, LAM, large(x, K, LAM, weights=w), weights=w)


# --- interrupted -----------------------------------------------------------------------------------------------------


def interrupting(after):
    """A progress that presses Ctrl-C once."""
    calls = iter(range(after))

    def progress(*_):
        if next(calls, None) is None:
            raise KeyboardInterrupt

    return progress


def test_interrupted_among_the_mini_batches_it_keeps_the_dictionary():
    x = planted(N, D, K)
    found = large(x, K, LAM, block=100, progress=interrupting(10))
    assert found.outcome is Outcome.INTERRUPTED
    assert found.Z is None
    np.testing.assert_allclose(np.linalg.norm(found.D, axis=0), 1.0)
    went_on = large(x, K, LAM, start=(found.D, found.b))
    assert went_on.outcome is Outcome.CONVERGED


def test_interrupted_later_it_keeps_the_last_full_pass():
    x, start = planted(N, D, K), (unit(np.random.default_rng(1).standard_normal((D, K))), np.zeros(D))
    seen = []

    def watch(objective, stationarity):
        seen.append((objective, stationarity))
        if len(seen) == 5:
            raise KeyboardInterrupt

    found = large(x, K, LAM, start=start, online=False, watch=watch)
    assert found.outcome is Outcome.INTERRUPTED
    assert (found.objective, found.stationarity) == seen[-1]
    assert found.objective == pytest.approx(point_of(x, LAM, found).objective, rel=1e-12)
    whole = large(x, K, LAM, start=start, online=False)
    went_on = large(x, K, LAM, start=(found.D, found.b), online=False)
    assert went_on.outcome is Outcome.CONVERGED
    assert went_on.objective < found.objective
    assert went_on.objective == pytest.approx(whole.objective, rel=0.1)
