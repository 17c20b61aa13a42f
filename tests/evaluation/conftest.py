"""Exact optima that several tests look at."""

import numpy as np
import pytest

from checks.data.synthetic.planted import planted
from checks.problem.instance import instance
from checks.solvers.optimum import exact_optimum


@pytest.fixture(scope="session")
def optimum():
    """A certified optimum with bias, sample weights and a λ of its own for each sample."""
    data = planted(120, 4, 6, seed=3, noise=0.05, offset=1.0)
    rng = np.random.default_rng(3)
    problem = instance(
        data.x, 6, rng.choice([0.05, 0.1, 0.2], 120), weights=rng.uniform(0.5, 1.5, 120), bias=True, name="planted"
    )
    return exact_optimum(problem, seed=0)
