"""The widest dictionaries, in closed form: an atom per ray of the data, and the bias that goes with it (THEORY W1-W5).

Σ_i w_i h_λ(‖x_i − b‖), with h_λ the Huber function, bounds the objective from below at every width. It is attained
once every ray with a sample beyond λ has its own atom.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from checks.errors import BadInput
from checks.problem.instance import Array, instance
from checks.problem.processor import on_the_processor
from checks.solvers.dictionary import joint
from checks.solvers.dictionary.result import Joint

SAME_RAY = 1e-12
"""Distance between unit vectors below which they are one ray: normalising a sample errs by about 1e-16."""


@on_the_processor
def width_bound(x: ArrayLike, lam: ArrayLike, *, b: ArrayLike | None = None, weights: ArrayLike | None = None) -> float:
    """E[h_λ(‖x − b‖)], which no dictionary of any width can beat with the bias b (0 if not given).

    x (n, d), λ ≥ 0 one or one per sample, b (d,); in squared units of x. Raises BadInput on bad input.
    """
    given = instance(x, 1, lam, weights=weights, name="x")
    scale = _scale(given.x, given.lam)
    t = np.linalg.norm(given.x / scale - _bias(b, given.d) / scale, axis=1)
    return float(given.weights @ _huber(t, given.lam / scale)) * scale * scale


@on_the_processor
def huber_median(
    x: ArrayLike, lam: ArrayLike, *, weights: ArrayLike | None = None, max_iterations: int = 1000
) -> Array:
    """The bias b (d,) that minimises E[h_λ(‖x − b‖)]: the mean for large λ, the geometric median as λ → 0.

    Newton's method, and where that does not descend the reweighted mean, which always does (Weiszfeld 1937; Huber 1981,
    §7.8). At λ = 0 the objective is constant and the mean is returned. Raises BadInput on bad input.
    """
    given = instance(x, 1, lam, weights=weights, name="x")
    scale = _scale(given.x, given.lam)
    x, lam, w = given.x / scale, given.lam / scale, given.weights
    b = w @ x
    if not (w @ lam) > 0:
        return b * scale
    value, gradient, hessian = _huber_at(x, lam, w, b)
    for _ in range(max_iterations):
        if np.linalg.norm(gradient) <= 1e-15 * (w @ lam):
            break
        newton = b - np.linalg.lstsq(hessian, gradient, rcond=1e-12)[0]
        pull = w * _pull(np.linalg.norm(x - b, axis=1), lam)
        for candidate in (newton, (pull @ x) / pull.sum()):
            tried = _huber_at(x, lam, w, candidate)
            # where values no longer resolve a step, a smaller gradient decides: the objective is convex
            flat = abs(tried[0] - value) <= 1e-14 * value and np.linalg.norm(tried[1]) < np.linalg.norm(gradient)
            if tried[0] < value - 1e-14 * value or flat:
                b, (value, gradient, hessian) = candidate, tried
                break
        else:
            break
    return b * scale


@on_the_processor
def saturation_width(x: ArrayLike, lam: ArrayLike, *, b: ArrayLike | None = None) -> int:
    """The number of distinct rays with ‖x − b‖ > λ: at this width, and not before, more atoms stop helping."""
    return _rays(x, lam, b).shape[1]


@on_the_processor
def wide(x: ArrayLike, lam: ArrayLike, *, weights: ArrayLike | None = None, bias: bool = False) -> Joint:
    """The optimum over all widths: one atom per ray with ‖x − b‖ > λ, b the Huber median if it is free.

    Measured like any other joint optimum; its objective is `width_bound`. One arbitrary atom if there is no such ray.
    Raises BadInput on bad input.
    """
    given = instance(x, 1, lam, weights=weights, bias=bias, name="x")
    b = huber_median(given.x, given.lam, weights=given.weights) if bias else np.zeros(given.d)
    beyond = given.weights > 0
    D = _rays(given.x[beyond], given.lam[beyond], b)
    if D.shape[1] == 0:
        D = np.eye(given.d, 1)
    return joint(given.x, D.shape[1], given.lam, weights=given.weights, bias=bias, start=(D, b), max_iterations=0)


def _rays(x: ArrayLike, lam: ArrayLike, b: ArrayLike | None) -> Array:
    """The distinct directions of samples beyond λ, as columns."""
    given = instance(x, 1, lam, name="x")
    scale = _scale(given.x, given.lam)
    y = given.x / scale - _bias(b, given.d) / scale
    t = np.linalg.norm(y, axis=1)
    far = t > given.lam / scale
    rest = y[far] / t[far, None]
    found: list[Array] = []
    while rest.size:
        found.append(rest[0])
        rest = rest[np.linalg.norm(rest - rest[0], axis=1) > SAME_RAY]
    return np.stack(found, axis=1) if found else np.empty((given.d, 0))


def _bias(b: ArrayLike | None, d: int) -> Array:
    b = np.zeros(d) if b is None else np.asarray(b, dtype=np.float64)
    if b.shape != (d,) or not np.isfinite(b).all():
        raise BadInput(f"b: expected {d} finite numbers, got shape {b.shape}")
    return b


def _scale(x: Array, lam: Array) -> float:
    return max(float(np.abs(x).max()), float(lam.max())) or 1.0


def _huber(t: Array, lam: Array) -> Array:
    return np.where(t <= lam, 0.5 * t * t, lam * t - 0.5 * lam * lam)


def _pull(t: Array, lam: Array) -> Array:
    """h_λ′(t)/t, 1 inside."""
    return np.where(t <= lam, 1.0, lam / np.where(t > 0, t, 1.0))


def _huber_at(x: Array, lam: Array, w: Array, b: Array) -> tuple[float, Array, Array]:
    """E[h_λ(‖x − b‖)] with its gradient and Hessian in b."""
    y = x - b
    t = np.linalg.norm(y, axis=1)
    pull = w * _pull(t, lam)
    outer = np.where(t > lam, pull / np.where(t > 0, t * t, 1.0), 0.0)
    hessian = pull.sum() * np.eye(b.size) - (outer[:, None] * y).T @ y
    return float(w @ _huber(t, lam)), -(pull @ y), hessian
