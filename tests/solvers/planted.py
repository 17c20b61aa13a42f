"""Data with a sparse dictionary in them."""

import numpy as np


def unit(D):
    return D / np.linalg.norm(D, axis=0)


def planted(n, d, k, seed=0):
    rng = np.random.default_rng(seed)
    Z = (rng.random((n, k)) < 0.25) * rng.exponential(1, (n, k))
    return Z @ unit(rng.standard_normal((d, k))).T + 0.05 * rng.standard_normal((n, d))
