"""Values of everything that a claim is made "for every" value of.

A claim with such a symbol is checked at a few values of each: some that come close to breaking claims (principal axes,
best multipliers, the codes of another sample), some random. They share one axis, so that the n-th value of each belongs
together. All are deterministic.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from checks.evaluation.lowering import SAMPLE, Named
from checks.problem.instance import Array
from checks.problem.point import Point

PROBE = "probe"
PROBES = 8
AMPLITUDES = np.ldexp(1.0, np.arange(PROBES) - PROBES // 2)


def probes(point: Point) -> dict[str, Named]:
    """Every probe by the name of its symbol, the probe axis in front or after the sample axis."""
    rng = np.random.default_rng(0)
    i = point.instance
    ball = _ball(point, rng)
    motion = _atom_motion(point, rng)
    omega = multipliers(point.Z, point.D.T @ point.D, range(min(i.k, PROBES)), weights=i.weights)
    mixing = _mixing(point, omega, rng)
    sampled = {
        "y": _other_codes(point, rng),
        "w": ball,
        "room": np.maximum(0.0, 1.0 - (ball**2).sum(-1)),
        "z_dot": rng.standard_normal((i.n, PROBES, i.k)) * (point.Z > 0)[:, None, :],
        "z2": paired(point.Z, point),
        "x2": paired(i.x, point),
        "r2": paired(point.residual, point),
        "xhat2": paired(point.reconstruction, point),
        "lambda2": paired(i.lam, point),
        "w2": _paired_probes(ball),
        "room2": np.maximum(0.0, 1.0 - (_paired_probes(ball) ** 2).sum(-1)),
        "sigma": _signs(point, motion, rng),
        "rise": np.maximum(0.0, -_along(mixing, point)) * (point.Z <= 0)[:, None, :],
    }
    return {
        **{name: Named(value, (SAMPLE, PROBE)) for name, value in sampled.items()},
        "alpha": Named(_representation(point), (SAMPLE,)),
        **_sources(point),
        "u": Named(_directions(point, rng), (PROBE,)),
        "v": Named(np.concatenate([np.ones((1, i.k)), rng.standard_normal((PROBES - 1, i.k))]), (PROBE,)),
        "s": Named(AMPLITUDES, (PROBE,)),
        "D_dot": Named(motion, (PROBE,)),
        "W": Named(rng.standard_normal((PROBES, i.k, i.d)), (PROBE,)),
        "C": Named(mixing, (PROBE,)),
        "omega": Named(omega, (SAMPLE,)),
        "apart": Named(1.0 - np.eye(i.k)),
        "Q": Named(np.stack([np.linalg.qr(rng.standard_normal((i.d, i.d)))[0] for _ in range(PROBES)]), (PROBE,)),
    }


def paired(values: Array, point: Point) -> Array:
    """The values of another sample for each sample, one pairing per probe: (n, …) → (n, PROBES, …)."""
    n = point.instance.n
    return values[(np.arange(n)[:, None] + _steps(n)) % n]


def _paired_probes(values: Array) -> Array:
    """The same for what has its probes already: (n, PROBES, …)."""
    n = len(values)
    return values[(np.arange(n)[:, None] + _steps(n)) % n, np.arange(PROBES)]


def _steps(n: int) -> NDArray[np.intp]:
    return np.linspace(1, max(n - 1, 1), PROBES).astype(int)


def _directions(point: Point, rng: np.random.Generator) -> Array:
    """Principal axes of the data, atoms and random directions, from short to long: (PROBES, d)."""
    i = point.instance
    centred = i.x - i.weights @ i.x
    axes = np.linalg.eigh(centred.T @ (i.weights[:, None] * centred))[1].T[::-1]
    chosen = [*axes[: PROBES // 4], *point.D.T[: PROBES // 4]]
    chosen += list(rng.standard_normal((PROBES - len(chosen), i.d)))
    lengths = np.ldexp(1.0, np.arange(PROBES) - PROBES)
    return np.array([length * u / np.linalg.norm(u) for length, u in zip(lengths, chosen, strict=True)])


def _other_codes(point: Point, rng: np.random.Generator) -> Array:
    """Nonnegative codes to compete with: the same, none, scaled, of other samples and random ones. (n, PROBES, k)."""
    Z = point.Z
    scale = float(np.abs(Z).mean()) or 1.0
    others = [np.maximum(Z, 0.0), 0 * Z, Z / 2, 2 * Z, (Z > 0) * scale]
    others += [rng.permutation(Z) for _ in range(2)]
    others += [scale * rng.standard_exponential(Z.shape) for _ in range(PROBES - len(others))]
    return np.stack(others, axis=1)


def _ball(point: Point, rng: np.random.Generator) -> Array:
    """Points of the unit ball for each sample: the best dual point, every other time a worse one. (n, PROBES, d)."""
    i = point.instance
    y = i.x - point.b
    reach = np.maximum(np.linalg.norm(y, axis=1), i.lam)[:, None]
    # A hair inside the ball, so that rounding does not put it outside.
    best = np.where(reach > 0, y / np.where(reach > 0, reach, 1.0), 0.0) * (1 - 2.0**-50)
    worse = rng.standard_normal((PROBES // 2, *y.shape))
    worse *= rng.random((PROBES // 2, i.n, 1)) / np.linalg.norm(worse, axis=-1, keepdims=True)
    worse[0] = best / 2
    return np.stack([ball for pair in zip([best] * len(worse), worse, strict=True) for ball in pair], axis=1)


def _atom_motion(point: Point, rng: np.random.Generator) -> Array:
    """Random motions of the atoms, tangent to their spheres: (PROBES, d, k)."""
    D = point.D
    motion = rng.standard_normal((PROBES, *D.shape))
    return motion - D * (motion * D).sum(1, keepdims=True) / (D**2).sum(0)


def _signs(point: Point, motion: Array, rng: np.random.Generator) -> Array:
    """Signs for each sample and atom: every other time that of the residual along the motion. (n, PROBES, k)."""
    along = np.einsum("na,paj->npj", point.residual, motion)
    random = rng.standard_normal(along.shape)
    return np.where(np.where(np.arange(PROBES)[:, None] % 2 == 0, along, random) < 0, -1.0, 1.0)


def _mixing(point: Point, omega: Array, rng: np.random.Generator) -> Array:
    """C with Σ_l G_lj C_lj = 0, so that D(1 + C) keeps its norms to first order: (PROBES, k, k).

    Each row is moved by a constant until the codes z − Cz of all silent samples are just feasible. The first is made of
    the witnesses that there are no multipliers, or if there are, of where activation falls most.
    """
    G, Z, weights = point.D.T @ point.D, point.Z, point.instance.weights
    off_diagonal = 1.0 - np.eye(len(G))
    C = rng.standard_normal((PROBES, *G.shape)) * off_diagonal
    steepest = (1.0 - G) * (weights @ Z)
    witness = steepest - np.einsum("n,nl,nj->lj", weights, omega * (Z <= 0), Z)
    outside = np.abs(witness).max(axis=1, keepdims=True) > 1e-8 * np.abs(steepest).max(axis=1, keepdims=True)
    C[0] = (witness * outside if outside.any() else steepest) * off_diagonal
    C = _feasible(C, point) * off_diagonal
    return C - np.eye(len(G)) * ((G * C).sum(1) / np.diag(G))[:, None, :]


def _feasible(C: Array, point: Point) -> Array:
    """C less the largest (Cz)_l / Σ_j z_j over the samples on which l is silent and another atom is on: (PROBES, k, k).

    Rows of zeros stay, and rows that this makes feasible for no amount, as codes of both signs may, become zero.
    """
    total, silent = point.Z.sum(axis=1), point.Z <= 0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where((silent & (total > 0)[:, None])[:, None, :], _along(C, point) / total[:, None, None], -np.inf)
    largest = ratio.max(axis=0)
    stuck = (silent & ((total <= 0) & point.Z.any(axis=1))[:, None]).any(axis=0)
    moved = C - np.where(np.isfinite(largest), largest, 0.0)[:, :, None]
    return moved * (C.any(axis=-1) & ~stuck)[:, :, None]


def _along(C: Array, point: Point) -> Array:
    """Cz of each sample: (n, PROBES, k)."""
    return np.einsum("plj,nj->npl", C, point.Z, optimize=True)


def _sources(point: Point) -> dict[str, Named]:
    """Principal axes of the data as sources that make it up: (d, d), and the amount of each in a sample (n, d)."""
    x = point.instance.x - point.b
    axes = np.linalg.eigh(x.T @ (point.instance.weights[:, None] * x))[1]
    return {"source": Named(axes), "amount": Named(x @ axes, (SAMPLE,))}


def _representation(point: Point) -> Array:
    """Least-norm coefficients α with x − b = Dα, where the atoms span the sample: (n, k)."""
    return (point.instance.x - point.b) @ np.linalg.pinv(point.D).T


def multipliers(Z: Array, G: Array, atoms: Iterable[int], *, weights: Array) -> Array:
    """ω ≥ 0 (n, k) with E[ω_l z_j 1{z_l=0}] as near to v⁽ˡ⁾ as can be, for some of the atoms; 0 for all others.

    Z (n, k) codes, G (k, k), weights (n,). They explain v⁽ˡ⁾ exactly if it is in the cone, and leave over a witness
    (up to its sign) if it is not.
    """
    omega = np.zeros_like(Z)
    mean, size = weights @ Z, np.linalg.norm(Z, axis=1)
    usable = (weights > 0) & (size > np.finfo(np.float64).eps * size.max())
    for l in atoms:
        others, rows = np.arange(Z.shape[1]) != l, np.flatnonzero(usable & (Z[:, l] <= 0))
        v = (1.0 - G[l, others]) * mean[others]
        if rows.size and np.linalg.norm(v) > 0:
            a, _ = nnls((Z[np.ix_(rows, others)] / size[rows, None]).T, v / np.linalg.norm(v))
            omega[rows, l] = a * np.linalg.norm(v) / (size[rows] * weights[rows])
    return omega
