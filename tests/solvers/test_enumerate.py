"""The enumeration oracle: against closed forms."""

import numpy as np
import pytest

from checks.errors import BadInput
from checks.solvers.codes.enumerate import codes_by_enumeration


def test_orthogonal_atoms_are_thresholded_one_by_one():
    x = np.random.default_rng(0).standard_normal((20, 4))
    np.testing.assert_allclose(codes_by_enumeration(x, np.eye(4), 0.3), np.maximum(x - 0.3, 0.0), atol=1e-14)


def test_a_single_atom():
    x, d = np.array([[3.0, 4.0], [-3.0, -4.0]]), np.array([[0.6], [0.8]])
    np.testing.assert_allclose(codes_by_enumeration(x, d, [1.0, 1.0]), [[4.0], [0.0]])


def test_too_many_atoms_and_wrong_shapes_are_refused():
    with pytest.raises(BadInput, match="16"):
        codes_by_enumeration(np.ones((1, 2)), np.ones((2, 17)), 0.1)
    with pytest.raises(BadInput, match="shape"):
        codes_by_enumeration(np.ones((1, 2)), np.ones((3, 2)), 0.1)
