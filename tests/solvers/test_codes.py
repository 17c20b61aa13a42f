"""Codes of a fixed dictionary: against unlike solvers, and on inputs made to break an active-set method."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Lasso

from checks.errors import BadInput
from checks.solvers.codes import codes
from checks.solvers.codes.active_set import natural_residual
from checks.solvers.codes.enumerate import codes_by_enumeration
from checks.solvers.codes.result import TARGET, Outcome, outcome_of


def unit(D):
    return D / np.linalg.norm(D, axis=0)


def objective(x, D, lam, Z):
    return 0.5 * ((x - Z @ D.T) ** 2).sum(axis=1) + lam * Z.sum(axis=1)


def problem(n, d, k, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)), unit(rng.standard_normal((d, k)))


def assert_optimal(x, D, lam, *, target=TARGET):
    """Solved, and the residual that was reported is the one that an independent formula measures."""
    solved = codes(x, D, lam)
    lam = np.broadcast_to(np.asarray(lam, dtype=float), len(x))
    scale = np.linalg.norm(x, axis=1) + lam
    scale[scale == 0] = 1.0
    z = solved.Z / scale[:, None]
    r = x / scale[:, None] - z @ D.T
    measured = np.abs(z - np.maximum(0.0, z + r @ D - (lam / scale)[:, None])).max()
    assert solved.outcome is Outcome.CONVERGED
    assert (solved.Z >= 0).all()
    assert solved.residual <= target
    assert measured <= target
    return solved.Z


@pytest.mark.filterwarnings("ignore:Objective did not converge")  # its gap, 1e-13, is rounding
@pytest.mark.parametrize("share", [0.3, 0.05, 0.005])
@pytest.mark.parametrize(("d", "k"), [(16, 32), (40, 20), (8, 64)])
def test_agrees_with_coordinate_descent(d, k, share):
    x, D = problem(20, d, k)
    lam = share * (x @ D).max()
    Z = assert_optimal(x, D, lam)
    lasso = Lasso(alpha=lam / d, positive=True, precompute=D.T @ D, fit_intercept=False, tol=1e-15, max_iter=20_000)
    theirs = np.stack([lasso.fit(D, row).coef_ for row in x])
    excess = objective(x, D, lam, theirs) - objective(x, D, lam, Z)
    assert (excess >= -1e-13).all()
    assert (excess <= 1e-6).all()  # theirs may still be on its way
    apart = ((Z @ D.T - theirs @ D.T) ** 2).sum(axis=1)
    assert (apart <= 2 * excess + 1e-12).all()  # the objective is 1-strongly convex in the reconstruction


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("d", "k"), [(1, 4), (2, 7), (4, 4), (5, 3), (3, 9)])
def test_agrees_with_enumeration(d, k, seed):
    x, D = problem(30, d, k, seed)
    lam = np.random.default_rng(seed).exponential(0.5, 30)
    theirs = codes_by_enumeration(x, D, lam)
    assert natural_residual(x, D, lam, theirs).max() < 1e-11
    Z = assert_optimal(x, D, lam)
    np.testing.assert_allclose(Z @ D.T, theirs @ D.T, atol=1e-9)  # unique where the codes may not be


@pytest.mark.parametrize("lam", [0.0, 1e-8, 0.1, 3.0])
@pytest.mark.parametrize("seed", range(5))
def test_duplicate_antipodal_and_dependent_atoms(seed, lam):
    x, D = problem(100, 3, 4, seed)
    D = np.hstack([D, D, -D, unit(D[:, :1] + D[:, 1:2]), unit(D[:, :1] + 1e-9 * D[:, 1:2])])
    assert_optimal(x, D, lam)


@pytest.mark.parametrize("distance", [1e-3, 1e-5, 1e-6, 1e-7, 1e-8, 1e-12])
def test_nearly_equal_atoms(distance):
    x, D = problem(200, 6, 8)
    E = np.random.default_rng(1).standard_normal(D.shape)
    assert_optimal(x, np.hstack([D, unit(D + distance * E), unit(D - distance * E)]), 0.05)


def test_scales_are_solved_one_sample_at_a_time():
    x, D = problem(301, 5, 12)
    powers = np.linspace(-150, 150, 301)
    lam = 0.1 * np.linalg.norm(x, axis=1) * 10.0**powers
    Z = assert_optimal(x * 10.0 ** powers[:, None], D, lam)
    plain = codes(x, D, 0.1 * np.linalg.norm(x, axis=1)).Z
    np.testing.assert_allclose(Z / 10.0 ** powers[:, None], plain, atol=1e-12)


def test_scale_is_equivariant_within_one_problem():
    x, D = problem(50, 5, 12)
    for scale in (1e-150, 1e-90, 1e-3, 1e90, 1e150):
        np.testing.assert_allclose(codes(x * scale, D, 0.1 * scale).Z / scale, codes(x, D, 0.1).Z, atol=1e-13)


def test_dead_zone_is_exact():
    x, D = problem(50, 6, 9)
    top = (x @ D).max(axis=1)
    assert not assert_optimal(x, D, np.maximum(top, 0.0)).any()
    barely = codes(x, D, np.maximum(top, 0.0) * (1 - 1e-9)).Z
    assert (barely.any(axis=1) == (top > 0)).all()


def test_zero_samples_and_no_penalty():
    x, D = problem(40, 4, 10)
    x[::3] = 0.0
    assert not assert_optimal(x, D, 0.0)[::3].any()
    assert_optimal(np.zeros((2, 4)), D, 1.0)


def test_exact_fit_without_penalty():
    _, D = problem(1, 12, 12)
    Z = np.random.default_rng(0).exponential(1, (50, 12)) * (np.random.default_rng(1).random((50, 12)) < 0.3)
    np.testing.assert_allclose(assert_optimal(Z @ D.T, D, 0.0), Z, atol=1e-10)


def test_one_dimension():
    Z = assert_optimal(np.array([[2.0], [-3.0], [0.1], [0.0]]), np.array([[1.0, -1.0]]), 0.5)
    np.testing.assert_allclose(Z, [[1.5, 0], [0, 2.5], [0, 0], [0, 0]])


def test_correlated_dictionary_with_dense_codes():
    rng = np.random.default_rng(0)
    D = unit(np.abs(rng.standard_normal((64, 128))) + 1.0)
    assert_optimal(np.abs(rng.standard_normal((100, 64))) * 3, D, 1e-3)


def test_atoms_need_not_be_normalised():
    x, D = problem(100, 8, 20)
    assert_optimal(x, D * np.linspace(0.1, 3, 20), 0.1)
    D[:, 3] = 0.0
    assert not assert_optimal(x, D, 0.1)[:, 3].any()


def test_any_start_leads_to_the_optimum():
    x, D = problem(200, 8, 20)
    cold = codes(x, D, 0.1)
    rng = np.random.default_rng(0)
    for start in (cold.Z, rng.exponential(1, cold.Z.shape), np.full(cold.Z.shape, 1e6), cold.Z[::-1]):
        np.testing.assert_allclose(codes(x, D, 0.1, start=start).Z, cold.Z, atol=1e-11)


def test_many_samples_are_solved_like_few():
    x, D = problem(3000, 6, 10)
    together = codes(x, D, 0.2).Z
    np.testing.assert_allclose(together[1700:1705], codes(x[1700:1705], D, 0.2).Z, atol=1e-13)
    assert (together == codes(x, D, 0.2).Z).all()


def test_running_out_is_an_outcome():
    x, D = problem(50, 20, 60)
    stopped = codes(x, D, 0.01, max_iterations=1)
    assert stopped.outcome is Outcome.OUT_OF_ITERATIONS
    assert stopped.residual > TARGET
    assert np.isfinite(stopped.Z).all()


def test_what_cannot_be_improved_is_no_running_out():
    assert outcome_of(None, 1e-9, True).outcome is Outcome.STALLED
    assert outcome_of(None, 1e-9, False).outcome is Outcome.OUT_OF_ITERATIONS
    assert outcome_of(None, TARGET, False).outcome is Outcome.CONVERGED
    assert outcome_of(None, np.nan, True).outcome is Outcome.STALLED


def test_the_residual_sees_errors_and_what_is_no_number():
    x, D = problem(20, 5, 9)
    lam = np.full(20, 0.1)
    Z = codes(x, D, lam).Z
    assert natural_residual(x, D, lam, Z).max() <= 1e-14
    expected = np.abs(np.minimum(Z + 0.1, lam[:, None] - (x - (Z + 0.1) @ D.T) @ D)).max(axis=1)
    measured = natural_residual(x, D, lam, Z + 0.1) * (np.linalg.norm(x, axis=1) + 0.1)
    np.testing.assert_allclose(measured, expected, rtol=1e-12)
    for bad in (np.nan, np.inf, -np.inf):
        Z[3, 2] = bad
        with np.errstate(invalid="ignore"):
            residual = natural_residual(x, D, lam, Z)
        assert not residual[3] < np.inf
        assert np.isfinite(residual[4])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_bad_rows_are_named(bad):
    x, D = problem(10, 3, 4)
    x[7, 1] = bad
    with pytest.raises(BadInput, match="row 7"):
        codes(x, D, 0.1)
    with pytest.raises(BadInput, match="D"):
        codes(x[:5], np.full((3, 4), bad), 0.1)
    with pytest.raises(BadInput, match="λ"):
        codes(x[:5], D, [0.1, bad, 0.1, 0.1, 0.1])
    with pytest.raises(BadInput, match="sample 1"):
        codes(x[:2], D, [0.1, -1.0])
    with pytest.raises(BadInput, match="rows"):
        codes(x[:5], D[:2], 0.1)
    with pytest.raises(BadInput, match="start"):
        codes(x[:5], D, 0.1, start=np.zeros((4, 4)))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 6),
    d=st.integers(1, 5),
    k=st.integers(1, 9),
    share=st.sampled_from([0.0, 1e-6, 0.01, 0.3, 1.0, 2.0]),
    grid=st.booleans(),
)
def test_any_small_problem(seed, n, d, k, share, grid):
    """On a grid of small integers ties, duplicates, dependent and opposite atoms are the rule."""
    rng = np.random.default_rng(seed)
    D = rng.integers(-1, 2, (d, k)).astype(float) if grid else rng.standard_normal((d, k))
    D[0, ~D.any(axis=0)] = 1.0
    D = unit(D)
    x = rng.integers(-2, 3, (n, d)).astype(float) if grid else rng.standard_normal((n, d))
    lam = share * np.abs(x).max(axis=1)
    Z = assert_optimal(x, D, lam)
    theirs = codes_by_enumeration(x, D, lam)
    excess = objective(x, D, lam, Z) - objective(x, D, lam, theirs)
    assert excess.max() <= 1e-10 * (1 + (x * x).sum())
