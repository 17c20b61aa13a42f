import numpy as np
import pytest

from checks.data.synthetic.planted import planted
from checks.errors import BadInput


def test_the_parts_make_the_data():
    data = planted(20, 3, 5, seed=0, offset=2.0)
    np.testing.assert_allclose(data.x, data.b + data.Z @ data.D.T, rtol=1e-14)
    np.testing.assert_allclose(np.linalg.norm(data.D, axis=0), 1.0)
    assert np.linalg.norm(data.b) == pytest.approx(2.0)


def test_codes_fire_and_scale_as_asked():
    Z = planted(20_000, 2, 3, seed=0, firing=0.3).Z
    np.testing.assert_allclose((Z > 0).mean(axis=0), 0.3, atol=0.02)
    np.testing.assert_allclose(Z.mean(axis=0), 0.3, atol=0.03)
    assert (Z >= 0).all()


def test_noise_has_the_asked_deviation():
    data = planted(20_000, 2, 3, seed=0, noise=0.5)
    np.testing.assert_allclose((data.x - data.Z @ data.D.T).std(axis=0), 0.5, rtol=0.03)


def test_seed_decides():
    np.testing.assert_array_equal(planted(5, 2, 3, seed=1).x, planted(5, 2, 3, seed=1).x)
    assert np.abs(planted(5, 2, 3, seed=1).D - planted(5, 2, 3, seed=2).D).max() > 1e-3


@pytest.mark.parametrize("change", [{"n": 0}, {"d": 0}, {"k": 0}, {"firing": 1.1}, {"firing": np.nan}, {"noise": -1.0}])
def test_bad_input(change):
    with pytest.raises(BadInput):
        planted(**{"n": 2, "d": 2, "k": 2, "seed": 0} | change)
