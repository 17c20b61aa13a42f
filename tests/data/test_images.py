import numpy as np
import pytest

from checks.data.images import digits, patches, unit_power
from checks.errors import BadInput


def power(x):
    return ((x - x.mean(axis=0)) ** 2).sum(axis=1).mean()


def test_digits():
    x = digits()
    assert x.shape == (1797, 64)
    assert power(x) == pytest.approx(64)
    assert x.min() == 0  # a scaling only: black stays black


def test_patches_are_white_and_lose_their_null_direction():
    x = patches(400, 5, seed=0)
    n, d = x.shape
    assert n == 400
    assert d < 25
    np.testing.assert_allclose(x.T @ x / n, np.eye(d), atol=1e-9)
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-12)
    assert power(x) == pytest.approx(d)


def test_patches_follow_the_seed():
    np.testing.assert_array_equal(patches(50, 3, seed=1), patches(50, 3, seed=1))
    one, other = (patches(50, 2, seed=seed)[:, 0] for seed in (1, 2))
    assert np.abs(one - other).max() > 0.1


@pytest.mark.parametrize(("n", "size"), [(1, 8), (10, 1), (10, 10_000)])
def test_patches_refuse(n, size):
    with pytest.raises(BadInput):
        patches(n, size, seed=0)


def test_constant_data_has_no_power():
    with pytest.raises(BadInput, match="equal"):
        unit_power(np.ones((3, 2)))
