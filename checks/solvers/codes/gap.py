"""How far codes are from optimal at most, from samples, dictionary, λ and codes alone: a duality gap, also at λ = 0.

Every u with Dᵀu ≤ λ1 bounds the optimum of a sample from below by u·x − ½‖u‖², so the objective at z is too high by at
most ½‖r − u‖² + Σ_j z_j (λ − d_j·u), all of whose terms are nonnegative. The residual r breaks Dᵀr ≤ λ1 by rounding.
With λ > 0, shrinking it helps. Without, let p be the point nearest to 0 of the convex hull of the atoms (Wolfe 1976):
as d_j·p ≥ ‖p‖² for all atoms, r less a little p will do. If p = 0, the atoms that make it up have d_j·u = 0 for every
admissible u: project them out, and look again at those that remain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from checks.errors import BadInput
from checks.problem.instance import Array, per_sample, samples
from checks.problem.processor import on_the_processor
from checks.solvers.codes import codes
from checks.solvers.codes.active_set import sizes

_NOTHING = 1e-10  # length of a part of a unit atom that is rounding error


@dataclass(frozen=True, eq=False)
class _Cone:
    """{u : Dᵀu ≤ 0}: it lies in the span of `basis` (d, m), and contains −`inner` (d,), for which d_j·inner ≥ 1 unless
    d_j is orthogonal to that span.
    """

    basis: Float[Array, "d m"]
    inner: Float[Array, " d"]


@on_the_processor
def duality_gaps(x: ArrayLike, D: ArrayLike, lam: ArrayLike, Z: ArrayLike) -> Float[Array, " n"]:
    """Bounds (n,) on F(z_i) − min F, where F is ½‖x − Dz‖² + λ1ᵀz, relative to ½(‖x‖ + λ)².

    x (n, d), D (d, k), λ ≥ 0 one or one per sample, Z ≥ 0 (n, k). Raises BadInput on other input; a code that is
    negative or not finite is no code, and has gap NaN. So has one for which no admissible u was found, should a solver
    fail on which the search for it relies at λ = 0.
    """
    x, D = samples(x, "x"), samples(D, "D")
    Z = np.asarray(Z, dtype=np.float64)
    if D.shape[0] != x.shape[1] or Z.shape != (x.shape[0], D.shape[1]):
        raise BadInput(f"x, D and Z have shapes {x.shape}, {D.shape} and {Z.shape}, which do not fit")
    lam = per_sample(lam, x.shape[0], "λ")
    size = sizes(x, lam)
    x, lam, Z = x / size[:, None], lam / size, Z / size[:, None]
    r = x - Z @ D.T
    u = _shrunk(r, D, lam)
    free = lam == 0
    if free.any():
        u[free] = _pushed_inside(r[free], D, _cone(D))
    gaps = ((r - u) ** 2).sum(axis=1) + 2.0 * (Z * (lam[:, None] - u @ D)).sum(axis=1)
    length = np.linalg.norm(D, axis=0)
    admissible = u @ D <= lam[:, None] + _NOTHING * length * (1.0 + np.linalg.norm(u, axis=1, keepdims=True))
    return np.where((admissible & (Z >= 0)).all(axis=1), gaps, np.nan)


def _shrunk(r: Float[Array, "n d"], D: Float[Array, "d k"], lam: Float[Array, " n"]) -> Float[Array, "n d"]:
    """t·r with the largest t ≤ 1 for which Dᵀu ≤ λ."""
    steepest = (r @ D).max(axis=1)
    return np.where(steepest > lam, lam / np.where(steepest > lam, steepest, 1.0), 1.0)[:, None] * r


def _pushed_inside(r: Float[Array, "n d"], D: Float[Array, "d k"], cone: _Cone) -> Float[Array, "n d"]:
    u = r @ cone.basis @ cone.basis.T
    left = np.linalg.norm(cone.basis.T @ D, axis=0) > _NOTHING * np.linalg.norm(D, axis=0)
    excess = (u @ D[:, left]).max(axis=1, initial=0.0)
    return u - excess[:, None] * cone.inner


def _cone(D: Float[Array, "d k"]) -> _Cone:
    d = D.shape[0]
    basis, rest = np.eye(d), D[:, D.any(axis=0)]
    rest = rest / np.linalg.norm(rest, axis=0)
    while basis.shape[1] and rest.shape[1]:
        # the nearest point p of the hull: codes of (0, 1) for the atoms (d_j, 1) are, when normalised, its weights
        target = np.append(np.zeros(d), 1.0)
        weights = codes(target[None], np.vstack([rest, np.ones(rest.shape[1])]), 0.0).Z[0]
        weights /= weights.sum()
        p = rest @ weights
        if np.linalg.norm(p) > _NOTHING:
            return _Cone(basis, p / ((rest.T @ p).min() * _shortest(D, basis)))
        within = np.linalg.svd(rest[:, weights > _NOTHING], full_matrices=True)
        rank = int((within[1] > _NOTHING).sum())
        basis = basis @ np.linalg.svd(basis.T @ within[0][:, :rank], full_matrices=True)[0][:, rank:]
        rest = basis @ (basis.T @ rest)
        length = np.linalg.norm(rest, axis=0)
        rest = rest[:, length > _NOTHING] / length[length > _NOTHING]
    return _Cone(basis, np.zeros(d))


def _shortest(D: Float[Array, "d k"], basis: Float[Array, "d m"]) -> float:
    """The length of the shortest atom within the span, but for those of none."""
    length, whole = np.linalg.norm(basis.T @ D, axis=0), np.linalg.norm(D, axis=0)
    return float(length[length > _NOTHING * whole].min())
