"""How much of a known dictionary was found, where the answer is known."""

import numpy as np
import pytest

from checks.data.synthetic.atoms import directions, isometry
from checks.studies.common.truth import correlation, cosines, merged, recovered

TRUTH = isometry(12, 6, np.random.default_rng(0))


def test_the_truth_recovers_itself_in_any_order():
    order = np.random.default_rng(1).permutation(6)
    assert recovered(TRUTH[:, order], TRUTH) == 1.0
    np.testing.assert_allclose(cosines(TRUTH[:, order], TRUTH), 1.0)
    assert merged(TRUTH, TRUTH, np.array([[0, 1], [2, 3]])) == 0.0


def test_one_atom_recovers_one_feature():
    assert recovered(TRUTH[:, [0, 0, 0]], TRUTH) == pytest.approx(1 / 6)


def test_an_opposite_atom_recovers_nothing():
    assert recovered(-TRUTH, TRUTH) == 0.0


def test_the_sum_of_a_pair_is_a_merge_and_no_recovery():
    both = (TRUTH[:, :1] + TRUTH[:, 1:2]) / 2**0.5
    assert merged(both, TRUTH, np.array([[0, 1], [2, 3]])) == 0.5
    assert recovered(both, TRUTH) == 0.0


def test_no_pairs_have_no_merges():
    assert merged(TRUTH, TRUTH, np.empty((0, 2), dtype=int)) == 0.0


def test_codes_correlate_with_their_sources_whatever_their_order_and_scale():
    Z = np.random.default_rng(2).random((300, 4))
    assert correlation(3.0 * Z[:, [2, 0, 3, 1]], Z) == pytest.approx(1.0)


def test_sources_that_do_not_occur_do_not_count_and_silent_units_do():
    Z = np.random.default_rng(3).random((300, 4))
    absent = np.column_stack([Z, np.zeros(300)])
    assert correlation(Z, absent) == pytest.approx(1.0)
    silent = Z * np.array([1.0, 1.0, 0.0, 0.0])
    assert correlation(silent, Z) < 0.6


def test_random_atoms_are_no_recovery():
    assert recovered(directions(12, 6, np.random.default_rng(4)), TRUTH) == 0.0
