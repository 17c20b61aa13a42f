"""The closed form of wide dictionaries against the joint solver and against direct minimisation."""

import numpy as np
import pytest
from scipy.optimize import minimize

from checks.errors import BadInput
from checks.solvers.codes.result import Outcome
from checks.solvers.dictionary import joint
from checks.solvers.wide import huber_median, saturation_width, wide, width_bound


@pytest.fixture
def x():
    return np.random.default_rng(0).standard_normal((30, 4)) + 0.5


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("lam", [0.01, 0.5, 1.5, 100.0])
def test_the_bound_is_attained_and_stationary(x, lam, bias):
    solved = wide(x, lam, bias=bias)
    assert solved.outcome is Outcome.CONVERGED
    assert solved.objective == pytest.approx(width_bound(x, lam, b=solved.b), rel=1e-11)


def test_no_dictionary_beats_the_bound_and_a_wide_one_reaches_it(x):
    bound = width_bound(x, 0.3)
    assert all(joint(x, k, 0.3).objective > bound for k in (2, 8, 20))
    assert joint(x, 30, 0.3, start=wide(x, 0.3).D).objective == pytest.approx(bound, rel=1e-12)


def test_weights_and_penalties_per_sample(x):
    rng = np.random.default_rng(1)
    lam, w = rng.exponential(0.5, 30), rng.exponential(1, 30)
    w[:5] = 0.0
    solved = wide(x, lam, weights=w, bias=True)
    assert solved.stationarity < 1e-9
    assert solved.objective == pytest.approx(width_bound(x, lam, b=solved.b, weights=w), rel=1e-11)


@pytest.mark.parametrize("lam", [1e-6, 0.1, 1.0, 10.0])
def test_the_bias_minimises_the_bound(x, lam):
    b = huber_median(x, lam)
    found = minimize(lambda c: width_bound(x, lam, b=c) / lam, b + 0.1, method="Nelder-Mead", tol=1e-12).fun * lam
    assert width_bound(x, lam, b=b) <= found * (1 + 1e-12)
    for direction in np.random.default_rng(0).standard_normal((5, 4)):
        assert width_bound(x, lam, b=b) <= width_bound(x, lam, b=b + 1e-3 * direction)


def test_limits_of_the_bias(x):
    np.testing.assert_allclose(huber_median(x, 100.0), x.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(huber_median(x, 0.0), x.mean(axis=0), atol=1e-12)
    line = np.array([[0.0], [1.0], [10.0]])
    np.testing.assert_allclose(huber_median(line, 1e-9), [1.0], atol=1e-8)
    np.testing.assert_allclose(huber_median(x * 1e120, 1e119) / 1e120, huber_median(x, 0.1), atol=1e-9)
    np.testing.assert_allclose(huber_median(np.ones((4, 2)), 0.1), [1.0, 1.0])


def test_saturation_width_counts_rays_beyond_the_penalty():
    x = np.array([[1.0, 0], [3.0, 0], [0, 2.0], [-1.0, 0], [0.1, 0.1], [0, 0]])
    assert saturation_width(x, 0.5) == 3
    assert saturation_width(x, 1.5) == 2
    assert saturation_width(x, 5.0) == 0
    assert saturation_width(x, [5.0, 0.5, 5, 5, 5, 5]) == 1
    assert saturation_width(x, 0.5, b=[1.0, 0]) == 4
    assert not wide(x, 5.0).Z.any()


def test_bad_input(x):
    with pytest.raises(BadInput, match="b"):
        width_bound(x, 0.1, b=[1.0])
    with pytest.raises(BadInput, match="row 0"):
        huber_median(x * np.nan, 0.1)
