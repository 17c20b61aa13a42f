"""The closed-form points are stationary, judged from the definition alone."""

import numpy as np
import pytest
from hypothesis import given, settings

from checks.distributions.families import StationaryGrid
from checks.distributions.strategies import stationary_specs
from checks.errors import BadInput

EXACT = {"rtol": 0, "atol": 1e-12}


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(stationary_specs())
def test_stationary(spec):
    point = spec.point()
    problem, r, Z, D = point.instance, point.residual, point.Z, point.D
    size = np.abs(problem.x).max() + problem.lam.max()
    slope = (r @ D - problem.lam[:, None]) / size
    assert (Z >= 0).all()
    assert slope.max() <= 1e-12
    np.testing.assert_allclose(slope[Z > 0], 0, **EXACT)
    np.testing.assert_allclose(np.linalg.norm(D, axis=0), 1, **EXACT)
    w = problem.weights
    pull = (r * w[:, None]).T @ Z - D * ((w * problem.lam) @ Z)
    np.testing.assert_allclose(pull / size**2, 0, **EXACT)
    if problem.bias:
        np.testing.assert_allclose(w @ r / size, 0, **EXACT)


def test_a_grid_has_every_pattern_once():
    Z = StationaryGrid(d=4, k=3, seed=0, lam=0.1).point().Z
    assert len(np.unique(Z > 0, axis=0)) == len(Z) == 8


def test_a_grid_needs_room():
    with pytest.raises(BadInput, match="orthonormal"):
        StationaryGrid(d=2, k=3, seed=0, lam=0.1).build()
