"""Codes of tiny problems by trying every support: slow, short, and unlike the active-set solver it is compared with."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from checks.errors import BadInput
from checks.problem.instance import Array, per_sample, samples
from checks.problem.processor import on_the_processor

LARGEST = 16
"""Most atoms accepted: 2^k supports are tried."""


@on_the_processor
def codes_by_enumeration(x: ArrayLike, D: ArrayLike, lam: ArrayLike) -> Float[Array, "n k"]:
    """Optimal nonnegative L1 codes Z (n, k) of samples x (n, d) for D (d, k), k ≤ 16; λ ≥ 0, one or one per sample.

    Some optimal code has linearly independent active atoms, and is the least-squares solution (with the penalty) on
    them. So the best feasible one over all independent supports is optimal. Raises BadInput on bad input.
    """
    x, D = samples(x, "x"), samples(D, "D")
    (n, d), k = x.shape, D.shape[1]
    if k > LARGEST or D.shape[0] != d:
        raise BadInput(f"enumeration takes up to {LARGEST} atoms in {d} dimensions, got D of shape {D.shape}")
    lam = per_sample(lam, n, "λ")
    best, Z = 0.5 * (x * x).sum(axis=1), np.zeros((n, k))
    for size in range(1, min(d, k) + 1):
        for support in map(list, combinations(range(k), size)):
            u, s, vt = np.linalg.svd(D[:, support], full_matrices=False)
            if not s[-1] > 1e-9 * s[0]:
                continue
            z = ((x @ u) / s - lam[:, None] * (vt.sum(axis=1) / s**2)) @ vt
            value = 0.5 * ((x - z @ D[:, support].T) ** 2).sum(axis=1) + lam * z.sum(axis=1)
            better = (z >= 0).all(axis=1) & (value < best)
            best[better] = value[better]
            Z[better] = 0.0
            Z[np.ix_(better, support)] = z[better]
    return Z
