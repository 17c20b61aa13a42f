"""The convex form agrees with the closed form, its two bounds enclose the optimum, and neither can be fooled."""

import sys

import numpy as np
import pytest

from checks.errors import BadInput, MissingExtra
from checks.solvers import convex as solver
from checks.solvers.convex import _dual_value, _feasible, _value, convex
from checks.solvers.dictionary import joint
from checks.solvers.wide import huber_median, wide, width_bound

CONIC = 1e-6
"""What a conic solver is asked for, relative."""


def data(n, d, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d)) + 0.5


def assert_encloses(solved, optimum):
    assert solved.bound <= optimum * (1 + 1e-12)
    assert optimum * (1 - 1e-12) <= solved.objective
    assert solved.objective - solved.bound <= CONIC * optimum
    assert (solved.Q >= 0).all()
    assert np.linalg.eigvalsh(solved.Q)[0] >= -1e-12 * np.trace(solved.Q)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("n", "d", "lam"), [(2, 3, 0.2), (4, 3, 0.001), (5, 2, 10.0), (9, 3, 0.3), (15, 4, 1.0)])
def test_weak_and_strong_duality_enclose_the_closed_form(n, d, lam, bias):
    """Also beyond n = 4, where doubly nonnegative matrices need not be completely positive."""
    x = data(n, d)
    b = huber_median(x, lam) if bias else None
    assert_encloses(convex(x, lam, bias=bias), width_bound(x, lam, b=b))


def test_weights_and_penalties_per_sample():
    rng = np.random.default_rng(1)
    x, lam, w = data(7, 3), rng.exponential(0.5, 7) + 0.01, rng.exponential(1, 7)
    w[2] = 0.0
    solved = convex(x, lam, weights=w)
    assert_encloses(solved, width_bound(x, lam, weights=w))
    assert not solved.X[2].any()
    centred = convex(x, lam, weights=w, bias=True)
    assert_encloses(centred, width_bound(x, lam, weights=w, b=huber_median(x, lam, weights=w)))


def test_its_reconstructions_are_those_of_the_widest_dictionary():
    x = data(8, 3)
    solved, widest = convex(x, 0.3, bias=True), wide(x, 0.3, bias=True)
    np.testing.assert_allclose(solved.X, widest.Z @ widest.D.T, atol=1e-4)  # F is flat: √1e-8
    np.testing.assert_allclose(solved.b, widest.b, atol=1e-4)


def test_no_dictionary_goes_below_the_bound():
    x = data(6, 3)
    bound = convex(x, 0.2).bound
    assert all(joint(x, k, 0.2, restarts=3).objective >= bound for k in (1, 3, 6, 9))


@pytest.mark.parametrize("scale", [1e-140, 1e-3, 1e100])
def test_scale(scale):
    x = data(5, 2)
    assert convex(x * scale, 0.3 * scale).objective / scale**2 == pytest.approx(convex(x, 0.3).objective, rel=1e-12)


@pytest.mark.parametrize("x", [np.zeros((3, 2)), np.ones((3, 2)), np.ones((1, 1)), np.array([[1.0, 0], [-2.0, 0]])])
def test_degenerate_data(x):
    solved, bound = convex(x, 0.1), width_bound(x, 0.1)
    assert solved.bound - 1e-12 <= bound <= solved.objective <= solved.bound + CONIC


def test_wrong_points_open_the_gap():
    """Any feasible point is worth at least the optimum, any dual point at most; a wrong one by far."""
    x, rng = data(6, 3), np.random.default_rng(0)
    solved, lam, w = convex(x, 0.3), np.full(6, 0.3), np.full(6, 1 / 6)
    optimum = width_bound(x, 0.3)
    for _ in range(20):
        X, Q = solved.X + 0.1 * rng.standard_normal(x.shape), _feasible(solved.Q + rng.standard_normal((6, 6)))
        assert _value(x, w, w * lam, X, Q) > optimum * (1 + 1e-3)
        assert _dual_value(x, lam, w, x - X, False) < optimum * (1 - 1e-3)
    assert _value(x, w, w * lam, solved.X, solved.Q) == solved.objective
    assert np.isnan(_value(x, w, w * lam, solved.X * np.nan, solved.Q))
    assert np.isnan(_dual_value(x, lam, w, x * np.nan, False))


def test_a_dual_point_is_made_feasible():
    x, lam, w = data(6, 3), np.full(6, 0.3), np.full(6, 1 / 6)
    assert _dual_value(x, lam, w, 100.0 * x, False) <= width_bound(x, 0.3)
    assert _dual_value(x, lam, w, 100.0 * x, True) <= width_bound(x, 0.3, b=huber_median(x, 0.3))


def test_without_cvxpy_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "cvxpy", None)
    with pytest.raises(MissingExtra, match=r"sae-laws\[convex\]"):
        convex(data(3, 2), 0.1)


def test_bad_input():
    x = data(5, 2)
    with pytest.raises(BadInput, match="λ = 0 at sample 1"):
        convex(x, [0.1, 0.0, 0.1, 0.1, 0.1])
    with pytest.raises(BadInput, match=f"up to {solver.LARGEST}"):
        convex(data(solver.LARGEST + 1, 2), 0.1)
    x[3] = np.nan
    with pytest.raises(BadInput, match="row 3"):
        convex(x, 0.1)
