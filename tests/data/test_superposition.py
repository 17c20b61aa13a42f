"""Sources in superposition are on as often, and together as rarely, as they are said to be."""

import numpy as np
import pytest

from checks.data.synthetic.superposition import compositions, superposition
from checks.errors import BadInput


def test_samples_are_sums_of_unit_features():
    data = superposition(50, 8, 20, seed=0)
    np.testing.assert_allclose(np.linalg.norm(data.D, axis=0), 1.0)
    np.testing.assert_allclose(data.x, data.Z @ data.D.T)
    on = data.Z > 0
    assert on.any()
    assert ((data.Z[on] >= 1) & (data.Z[on] <= 2)).all()


def test_children_never_come_without_their_parent():
    on = superposition(4000, 4, 8, seed=1, firing=0.5, nested=0.5).Z > 0
    assert not (on[:, [1, 3]] & ~on[:, [0, 2]]).any()
    assert (on[:, [5, 7]] & ~on[:, [4, 6]]).any()


def test_rates_are_those_that_were_asked_for():
    n, firing = 20_000, 0.1
    rates = (superposition(n, 4, 10, seed=2, firing=firing, nested=1.0).Z > 0).mean(axis=0)
    expected = np.tile([firing, firing**2], 5)
    assert (np.abs(rates - expected) < 5 * np.sqrt(expected / n)).all()


def test_fresh_samples_have_the_same_features():
    one, other = (superposition(20, 4, 6, seed=3, fresh=fresh) for fresh in (0, 1))
    np.testing.assert_array_equal(one.D, other.D)
    assert not np.array_equal(one.Z, other.Z)


def test_unseen_combinations_are_unseen():
    data = compositions(200, 6, 12, 3, seed=0)
    for part in (data.train, data.same, data.other):
        assert ((part.Z > 0).sum(axis=1) == 3).all()
    seen = data.train.Z[data.train.Z[:, 0] > 0] > 0
    assert not seen[:, 6:].any()
    assert (data.other.Z[:, 0] > 0).all()
    assert not (data.other.Z[:, 1:6] > 0).any()


@pytest.mark.parametrize("wrong", [{"nested": 1.5}, {"firing": -0.1}])
def test_shares_out_of_range_are_bad_input(wrong):
    with pytest.raises(BadInput, match="shares lie between 0 and 1"):
        superposition(5, 4, 4, seed=0, **wrong)


def test_too_many_active_sources_are_bad_input():
    with pytest.raises(BadInput, match="each half needs as many"):
        compositions(5, 4, 6, 4, seed=0)
