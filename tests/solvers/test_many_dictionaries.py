"""Many tiny joint problems at once: the same optima as one at a time."""

import numpy as np
import pytest

from checks.errors import BadInput
from checks.solvers.dictionary import joint
from checks.solvers.dictionary.many import joint_batch
from checks.solvers.dictionary.newton import smallest_curvature
from checks.solvers.dictionary.result import TARGET


def instances(m, n=60, d=4, k=6):
    rng = np.random.default_rng(0)
    D = rng.standard_normal((m, d, k))
    D /= np.linalg.norm(D, axis=1, keepdims=True)
    Z = (rng.random((m, n, k)) < 0.3) * rng.exponential(1, (m, n, k))
    return Z @ D.transpose(0, 2, 1) + 0.05 * rng.standard_normal((m, n, d))


@pytest.mark.parametrize("bias", [False, True])
def test_all_are_certified(bias):
    batch = joint_batch(instances(100), 6, 0.1, bias=bias)
    assert batch.stationarity.max() <= TARGET
    assert batch.code_residual.max() <= 1e-12


@pytest.mark.parametrize("bias", [False, True])
def test_each_is_an_optimum_of_the_joint_solver(bias):
    x, rng = instances(12), np.random.default_rng(1)
    lam, w = rng.exponential(0.15, (12, 60)), rng.exponential(1, (12, 60))
    batch = joint_batch(x, 6, lam, weights=w, bias=bias)
    for i in range(12):
        again = joint(x[i], 6, lam[i], weights=w[i], bias=bias, start=(batch.D[i], batch.b[i]))
        np.testing.assert_allclose(again.D, batch.D[i], atol=1e-7)
        assert again.objective == pytest.approx(batch.objective[i], rel=1e-11)
        assert smallest_curvature(x[i], batch.D[i], lam[i], b=batch.b[i], weights=w[i], bias=bias) > -1e-6


def test_scales_and_seeds():
    x = instances(5)
    plain, again, huge = joint_batch(x, 6, 0.1), joint_batch(x, 6, 0.1), joint_batch(x * 1e90, 6, 1e89)
    assert (plain.Z == again.Z).all()
    np.testing.assert_allclose(huge.Z / 1e90, plain.Z, atol=1e-6)
    penalties = joint_batch(x, 6, [0.05, 0.1, 0.2, 0.4, 50.0])
    assert not penalties.Z[4].any()
    assert penalties.stationarity.max() <= TARGET


@pytest.mark.parametrize("x", [np.zeros((2, 3, 2)), np.ones((2, 3, 2)), np.ones((1, 1, 1)), np.eye(3)[None]])
def test_degenerate_data(x):
    for k in (1, 5):
        for bias in (False, True):
            batch = joint_batch(x, k, 0.1, bias=bias)
            assert batch.stationarity.max() <= TARGET
            np.testing.assert_allclose(np.linalg.norm(batch.D, axis=1), 1.0, atol=1e-14)


def test_bad_input():
    x = instances(3)
    x[1, 5, 0] = np.nan
    with pytest.raises(BadInput, match="problem 1"):
        joint_batch(x, 6, 0.1)
    with pytest.raises(BadInput, match="shape"):
        joint_batch(x[0], 6, 0.1)
    with pytest.raises(BadInput, match="fit"):
        joint_batch(x[:1], 6, np.ones((4, 4)))
