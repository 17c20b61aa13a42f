"""Directions from which data are built."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from checks.problem.instance import Array


def directions(d: int, count: int, rng: np.random.Generator) -> Float[Array, "{d} {count}"]:
    """`count` independent uniform unit vectors as columns, (d, count)."""
    return unit_columns(rng.standard_normal((d, count)))


def orthogonal_directions(d: int, count: int, rng: np.random.Generator) -> Array:
    """`count` random orthonormal columns, (d, count), where they fit (count ≤ d); else as `directions`."""
    return isometry(d, count, rng) if count <= d else directions(d, count, rng)


def isometry(d: int, m: int, rng: np.random.Generator) -> Float[Array, "{d} {m}"]:
    """A random linear map R^m → R^d as (d, m): it keeps all lengths if m ≤ d, else it is an orthogonal projection."""
    Q, R = np.linalg.qr(rng.standard_normal((max(d, m), max(d, m))))
    return (Q * np.sign(np.diag(R)))[:d, :m]


def unit_columns(D: Float[Array, "d k"]) -> Float[Array, "d k"]:
    """The columns of D scaled to length 1; a zero column becomes the first coordinate axis."""
    length = np.linalg.norm(D, axis=0)
    D = D / np.where(length > 0, length, 1.0)
    D[0, length == 0] = 1.0
    return D
