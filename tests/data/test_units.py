"""Units can be undone, and what does not vary is found."""

import numpy as np
import pytest

from checks.data.units import Units, null_directions, scaled, white
from checks.errors import BadInput

N, D = 200, 5


@pytest.fixture
def raw():
    """Samples that vary in all directions but one."""
    rng = np.random.default_rng(0)
    x = 3.0 + rng.standard_normal((N, D)) * [4.0, 3.0, 2.0, 1.0, 1.0]
    direction = np.ones(D) / np.sqrt(D)
    return x - np.outer((x - x.mean(axis=0)) @ direction, direction), direction


def moments(x):
    return x.mean(axis=0), np.cov(x.T, bias=True)


@pytest.mark.parametrize("units", [scaled, white])
def test_power_is_the_dimension_and_units_can_be_undone(raw, units):
    x, _ = raw
    own = units(*moments(x))
    y = own.of(x)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-12)
    assert (y**2).sum(axis=1).mean() == pytest.approx(y.shape[1])
    np.testing.assert_allclose(own.undone(y), x, rtol=1e-9)
    again = Units.from_json(own.json())
    np.testing.assert_array_equal(again.of(x), y)
    np.testing.assert_array_equal(again.undone(y), own.undone(y))


def test_white_is_white_and_drops_what_does_not_vary(raw):
    x, _ = raw
    y = white(*moments(x)).of(x)
    assert y.shape == (N, D - 1)
    np.testing.assert_allclose(y.T @ y / N, np.eye(D - 1), atol=1e-9)


def test_the_null_direction_is_found(raw):
    x, direction = raw
    (found,) = null_directions(moments(x)[1]).T
    assert abs(found @ direction) == pytest.approx(1)
    rounded = np.float32(x).astype(float)
    assert null_directions(moments(rounded)[1]).shape == (D, 1)
    assert null_directions(np.diag([1.0, 1e-6])).shape == (2, 0)


@pytest.mark.parametrize("covariance", [np.zeros((2, 2)), np.full((2, 2), np.nan), np.full((2, 2), np.inf)])
@pytest.mark.parametrize("units", [scaled, white])
def test_no_variance(units, covariance):
    with pytest.raises(BadInput, match="no variance"):
        units(np.zeros(2), covariance)
