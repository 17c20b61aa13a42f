"""The widest dictionaries, in closed form: an atom per ray of the data, and the bias that goes with it (THEORY W1-W5).

Σ_i w_i h_λ(‖x_i − b‖), with h_λ the Huber function, bounds the objective from below at every width. It is attained
once every ray with a sample beyond λ has its own atom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from checks.errors import BadInput
from checks.problem.instance import Array, instance
from checks.problem.processor import on_the_processor
from checks.solvers.dictionary import joint
from checks.solvers.dictionary.result import Joint

SAME_RAY = 1e-12
"""Distance between unit vectors below which they are one ray: normalising a sample errs by about 1e-16."""

_Part = tuple[Array, Array, Array]  # samples (m, d), their λ and their weights


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
) -> Float[Array, " d"]:
    """The bias b (d,) that minimises E[h_λ(‖x − b‖)]: the mean for large λ, the geometric median as λ → 0.

    Newton's method, and where that does not descend the reweighted mean, which always does (Weiszfeld 1937; Huber 1981,
    §7.8). At λ = 0 the objective is constant and the mean is returned. Raises BadInput on bad input.
    """
    given = instance(x, 1, lam, weights=weights, name="x")
    scale = _scale(given.x, given.lam)
    whole = [(given.x / scale, given.lam / scale, given.weights)]
    return _median(lambda: whole, max_iterations) * scale


def width_bound_in_blocks(
    x: NDArray[Any], lam: Float[Array, " n"], weights: Float[Array, " n"], *, bias: bool, block: int = 2048
) -> float:
    """`width_bound` with the best bias, if it is free, of samples of which so many are in memory at a time.

    x (n, d), finite, perhaps mapped from a file; lam, weights (n,), weights with sum 1.
    """
    rows = [slice(i, i + block) for i in range(0, len(x), block)]
    unit = max(_scale(np.asarray(x[part], dtype=np.float64), lam[part]) for part in rows)

    def parts() -> Iterator[_Part]:
        return ((np.asarray(x[part], dtype=np.float64) / unit, lam[part] / unit, weights[part]) for part in rows)

    b = _median(parts) if bias else np.zeros(x.shape[1])
    return sum(float(w @ _huber(np.linalg.norm(y - b, axis=1), penalty)) for y, penalty, w in parts()) * unit * unit


def _median(parts: Callable[[], Iterable[_Part]], max_iterations: int = 1000) -> Float[Array, " d"]:
    """`huber_median` of samples that come in parts."""
    b: Array = np.sum([w @ x for x, _, w in parts()], axis=0)
    price = sum(float(w @ lam) for _, lam, w in parts())
    if not price > 0:
        return b
    here = _huber_at(parts(), b)
    for _ in range(max_iterations):
        if np.linalg.norm(here.gradient) <= 1e-15 * price:
            break
        newton: Array = b - np.linalg.lstsq(here.hessian, here.gradient, rcond=1e-12)[0]
        for candidate in (newton, here.reweighted):
            tried = _huber_at(parts(), candidate)
            # where values no longer resolve a step, a smaller gradient decides: the objective is convex
            shorter = np.linalg.norm(tried.gradient) < np.linalg.norm(here.gradient)
            flat = abs(tried.value - here.value) <= 1e-14 * here.value and shorter
            if tried.value < here.value - 1e-14 * here.value or flat:
                b, here = candidate, tried
                break
        else:
            break
    return b


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


def _rays(x: ArrayLike, lam: ArrayLike, b: ArrayLike | None) -> Float[Array, "d rays"]:
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


def _bias(b: ArrayLike | None, d: int) -> Float[Array, "{d}"]:
    b = np.zeros(d) if b is None else np.asarray(b, dtype=np.float64)
    if b.shape != (d,) or not np.isfinite(b).all():
        raise BadInput(f"b: expected {d} finite numbers, got shape {b.shape}")
    return b


def _scale(x: Float[Array, "n d"], lam: Float[Array, " n"]) -> float:
    return max(float(np.abs(x).max()), float(lam.max())) or 1.0


def _huber(t: Float[Array, " n"], lam: Float[Array, " n"]) -> Float[Array, " n"]:
    return np.where(t <= lam, 0.5 * t * t, lam * t - 0.5 * lam * lam)


def _pull(t: Float[Array, " n"], lam: Float[Array, " n"]) -> Float[Array, " n"]:
    """h_λ′(t)/t, 1 inside."""
    return np.where(t <= lam, 1.0, lam / np.where(t > 0, t, 1.0))


@dataclass(frozen=True, eq=False)
class _Huber:
    """E[h_λ(‖x − b‖)] with its gradient (d,) and Hessian (d, d) in b, and the reweighted mean (d,)."""

    value: float
    gradient: Float[Array, " d"]
    hessian: Float[Array, "d d"]
    reweighted: Float[Array, " d"]


def _huber_at(parts: Iterable[_Part], b: Float[Array, " d"]) -> _Huber:
    value, mass, pulled, off, bent = 0.0, 0.0, np.zeros_like(b), np.zeros_like(b), np.zeros((b.size, b.size))
    for x, lam, w in parts:
        y = x - b
        t = np.linalg.norm(y, axis=1)
        pull = w * _pull(t, lam)
        outer = np.where(t > lam, pull / np.where(t > 0, t * t, 1.0), 0.0)
        value, mass = value + float(w @ _huber(t, lam)), mass + float(pull.sum())
        pulled, off, bent = pulled + pull @ x, off + pull @ y, bent + (outer[:, None] * y).T @ y
    return _Huber(value, -off, mass * np.eye(b.size) - bent, pulled / mass)
