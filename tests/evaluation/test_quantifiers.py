"""What claims are made "for every" value of: values that are what they should be."""

import numpy as np
import pytest
from scipy.optimize import nnls

from checks.evaluation.quantifiers import nearest_in_cone


@pytest.mark.parametrize("n", [3, 12, 4000])
@pytest.mark.parametrize("inside", [True, False])
def test_nearest_in_a_cone_of_many_rays(n, inside):
    """As non-negative least squares with all rays at once finds it."""
    rng = np.random.default_rng(n)
    rays = rng.exponential(1, (n, 8)) * (rng.random((n, 8)) < 0.5)
    rays = rays / np.maximum(np.linalg.norm(rays, axis=1), 1e-9)[:, None]
    v = rays.mean(axis=0) if inside else rng.standard_normal(8)
    v = v / np.linalg.norm(v)
    a = nearest_in_cone(rays, v)
    assert (a >= 0).all()
    apart = np.linalg.norm(a @ rays - v)
    assert (apart < 1e-9) == inside
    assert apart == pytest.approx(nnls(rays.T, v)[1], abs=1e-9)
