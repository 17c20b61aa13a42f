"""Data with a known sparse dictionary: the ground truth that a sparse autoencoder is hoped to find."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from checks.data.synthetic.atoms import directions
from checks.errors import BadInput
from checks.problem.instance import Array


@dataclass(frozen=True, eq=False)
class Planted:
    """x = b + ZDᵀ + noise. Shapes: x (n, d), D (d, k) with unit-norm columns, Z (n, k) ≥ 0, b (d,)."""

    x: Float[Array, "n d"]
    D: Float[Array, "d k"]
    Z: Float[Array, "n k"]
    b: Float[Array, " d"]


def planted(
    n: int, d: int, k: int, *, seed: int, firing: float = 0.2, noise: float = 0.0, offset: float = 0.0
) -> Planted:
    """n samples from k random atoms in d dimensions, each on independently with probability `firing`.

    The amplitude of a source that is on is exponential with mean 1, so that ‖x‖ is of order √(k · firing · 2).
    noise: standard deviation of each coordinate of the Gaussian noise; offset: length of the bias b, which points in a
    random direction. Raises BadInput if a size is not positive, `firing` not in [0, 1] or a scale negative.

    Source: the Bernoulli–exponential variant of the model of R. Gribonval and K. Schnass (2010), arXiv:0904.4774.
    """
    if min(n, d, k) < 1:
        raise BadInput(f"n = {n}, d = {d}, k = {k}: each must be at least 1")
    if not 0 <= firing <= 1:
        raise BadInput(f"firing = {firing}: a probability lies between 0 and 1")
    if not (noise >= 0 and offset >= 0):
        raise BadInput(f"noise = {noise}, offset = {offset}: neither may be negative")
    rng = np.random.default_rng(seed)
    D = directions(d, k, rng)
    Z = (rng.random((n, k)) < firing) * rng.standard_exponential((n, k))
    b = offset * directions(d, 1, rng)[:, 0]
    return Planted(b + Z @ D.T + noise * rng.standard_normal((n, d)), D, Z, b)
