"""Values of everything that a claim is made "for every" value of.

A claim with such a symbol is checked at a few values of each: some that come close to breaking claims (principal axes,
best multipliers, the codes of another sample), some random. They share one axis, so that the n-th value of each belongs
together. All are deterministic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from checks.evaluation.lowering import SAMPLE, Named
from checks.problem.instance import Array
from checks.problem.point import Point

Rows = NDArray[np.intp]
OfRows = Callable[[Rows], Array]

PROBE = "probe"
PROBES = 8
ROOM = 1 << 18  # numbers in one array over samples, probes and atoms
AMPLITUDES = np.ldexp(1.0, np.arange(PROBES) - PROBES // 2)


@dataclass(frozen=True, eq=False)
class Probes:
    """The probes of a point by the name of their symbols, those of samples for a few samples at a time.

    fixed    what does not depend on the sample, or has no probe axis: the probe axis is in front
    sampled  the values at some consecutive samples: their numbers (m,) → (m, PROBES, …)
    """

    fixed: Mapping[str, Named]
    sampled: Mapping[str, OfRows]

    def at(self, rows: Rows) -> dict[str, Callable[[], Named]]:
        """Those of some samples, each computed when it is asked for."""

        def named(values: OfRows) -> Callable[[], Named]:
            return lambda: Named(values(rows), (SAMPLE, PROBE))

        return {name: named(values) for name, values in self.sampled.items()}


def probes(point: Point) -> dict[str, Named]:
    """Every probe by the name of its symbol, the probe axis in front or after the sample axis."""
    found = drawn(point)
    return {**{name: value() for name, value in found.at(np.arange(point.instance.n)).items()}, **found.fixed}


def drawn(point: Point) -> Probes:
    """All probes, with what is random about them."""
    rng = np.random.default_rng(0)
    i, Z = point.instance, point.Z
    ball = _ball(point, rng)
    motion = _atom_motion(point, rng)
    omega = multipliers(Z, point.D.T @ point.D, range(min(i.k, PROBES)), weights=i.weights)
    mixing = _mixing(point, omega, rng)
    sampled = {
        "y": _other_codes(point, rng),
        "w": lambda rows: ball(_same(rows)),
        "room": lambda rows: _room(ball(_same(rows))),
        "z_dot": _code_motion(point, rng),
        "z2": lambda rows: paired(Z, point, rows),
        "x2": lambda rows: paired(i.x, point, rows),
        "r2": lambda rows: paired(point.residual, point, rows),
        "xhat2": lambda rows: paired(point.reconstruction, point, rows),
        "lambda2": lambda rows: paired(i.lam, point, rows),
        "w2": lambda rows: ball(_others(i.n, rows)),
        "room2": lambda rows: _room(ball(_others(i.n, rows))),
        "sigma": _signs(point, motion, rng),
        "rise": lambda rows: _rise(mixing, Z[rows]),
    }
    fixed = {
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
    return Probes(fixed, sampled)


def paired(values: Array, point: Point, rows: Rows | None = None) -> Array:
    """The values of another sample for each sample, one pairing per probe: (n, …) → (n, PROBES, …).

    rows: numbers of the samples, if not all.
    """
    return values[_others(point.instance.n, rows)]


def _same(rows: Rows) -> Rows:
    """The numbers of the samples themselves, for each probe: (m, PROBES)."""
    return np.repeat(rows[:, None], PROBES, axis=1)


def _others(n: int, rows: Rows | None) -> Rows:
    """The numbers of the samples that these are paired with: (m, PROBES)."""
    return ((np.arange(n) if rows is None else rows)[:, None] + _steps(n)) % n


def blocks_of_rows(n: int, k: int) -> Iterator[Rows]:
    """The numbers of n samples, few enough at a time that there is room for their probes of k atoms."""
    length = max(1, ROOM // (PROBES * k))
    for first in range(0, n, length):
        yield np.arange(first, min(n, first + length))


def _room(ball: Array) -> Array:
    return np.maximum(0.0, 1.0 - (ball**2).sum(-1))


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


def _other_codes(point: Point, rng: np.random.Generator) -> OfRows:
    """Nonnegative codes to compete with: the same, none, scaled, of other samples and random ones. (n, PROBES, k)."""
    Z = point.Z
    scale = float(np.abs(Z).mean()) or 1.0
    orders = [rng.permutation(len(Z)) for _ in range(2)]
    drawn = [scale * rng.standard_exponential(Z.shape) for _ in range(PROBES - 5 - len(orders))]

    def at(rows: Rows) -> Array:
        own = Z[rows]
        others = [np.maximum(own, 0.0), 0 * own, own / 2, 2 * own, (own > 0) * scale]
        others += [Z[order[rows]] for order in orders]
        return np.stack([*others, *(values[rows] for values in drawn)], axis=1)

    return at


def _code_motion(point: Point, rng: np.random.Generator) -> OfRows:
    """Random motions of active codes, of which those alone are kept: (n, PROBES, k)."""
    active = point.Z > 0
    starts = np.concatenate([[0], np.cumsum(active.sum(axis=1))])
    kept = rng.standard_normal((starts[-1], PROBES))

    def at(rows: Rows) -> Array:
        values = np.zeros((len(rows), PROBES, active.shape[1]))
        values.swapaxes(1, 2)[active[rows]] = kept[starts[rows[0]] : starts[rows[-1] + 1]]
        return values

    return at


def _ball(point: Point, rng: np.random.Generator) -> OfRows:
    """Points of the unit ball for each sample: the best dual point, every other time a worse one.

    They are asked for by the numbers of the samples for each probe: (m, PROBES) → (m, PROBES, d).
    """
    i = point.instance
    y = i.x - point.b
    reach = np.maximum(np.linalg.norm(y, axis=1), i.lam)[:, None]
    # A hair inside the ball, so that rounding does not put it outside.
    best = np.where(reach > 0, y / np.where(reach > 0, reach, 1.0), 0.0) * (1 - 2.0**-50)
    worse = rng.standard_normal((PROBES // 2, *y.shape))
    worse *= rng.random((PROBES // 2, i.n, 1)) / np.linalg.norm(worse, axis=-1, keepdims=True)
    worse[0] = best / 2

    def at(rows: Rows) -> Array:
        ball = np.empty((*rows.shape, i.d))
        ball[:, ::2], ball[:, 1::2] = best[rows[:, ::2]], worse[np.arange(len(worse)), rows[:, 1::2]]
        return ball

    return at


def _atom_motion(point: Point, rng: np.random.Generator) -> Array:
    """Random motions of the atoms, tangent to their spheres: (PROBES, d, k)."""
    D = point.D
    motion = rng.standard_normal((PROBES, *D.shape))
    return motion - D * (motion * D).sum(1, keepdims=True) / (D**2).sum(0)


def _signs(point: Point, motion: Array, rng: np.random.Generator) -> OfRows:
    """Signs for each sample and atom: every other time that of the residual along the motion. (n, PROBES, k)."""
    n, k = point.Z.shape
    chance = 2 * rng.integers(2, size=(n, PROBES // 2, k), dtype=np.int8) - 1
    along = motion[::2].swapaxes(0, 1).reshape(len(point.D), -1)

    def at(rows: Rows) -> Array:
        signs = np.empty((len(rows), PROBES, k))
        signs[:, ::2] = _sign((point.residual[rows] @ along).reshape(len(rows), -1, k))
        signs[:, 1::2] = chance[rows]
        return signs

    return at


def _sign(values: Array) -> NDArray[np.int8]:
    """−1 for what is negative, 1 for all else."""
    return 1 - 2 * (values < 0).view(np.int8)


def _mixing(point: Point, omega: Array, rng: np.random.Generator) -> Array:
    """C with Σ_l G_lj C_lj = 0, so that D(1 + C) keeps its norms to first order: (PROBES, k, k).

    Each row is moved by a constant until the codes z − Cz of all silent samples are just feasible. The first is made of
    the witnesses that there are no multipliers, or if there are, of where activation falls most.
    """
    G, Z, weights = point.D.T @ point.D, point.Z, point.instance.weights
    off_diagonal = 1.0 - np.eye(len(G))
    C = rng.standard_normal((PROBES, *G.shape)) * off_diagonal
    steepest = (1.0 - G) * (weights @ Z)
    witness = steepest - (weights[:, None] * omega * (Z <= 0)).T @ Z
    outside = np.abs(witness).max(axis=1, keepdims=True) > 1e-8 * np.abs(steepest).max(axis=1, keepdims=True)
    C[0] = (witness * outside if outside.any() else steepest) * off_diagonal
    C = _feasible(C, point) * off_diagonal
    return C - np.eye(len(G)) * ((G * C).sum(1) / np.diag(G))[:, None, :]


def _feasible(C: Array, point: Point) -> Array:
    """C less the largest (Cz)_l / Σ_j z_j over the samples on which l is silent and another atom is on: (PROBES, k, k).

    Rows of zeros stay, and rows that this makes feasible for no amount, as codes of both signs may, become zero.
    """
    Z = point.Z
    total, silent = Z.sum(axis=1), Z <= 0
    largest = np.full(C.shape[:2], -np.inf)
    for rows in blocks_of_rows(*point.Z.shape):
        some = total[rows] > 0
        ratio = _along(C, Z[rows]) / np.where(some, total[rows], 1.0)[:, None, None]
        ratio += np.where(silent[rows] & some[:, None], 0.0, -np.inf)[:, None, :]
        largest = np.maximum(largest, ratio.max(axis=0))
    stuck = (silent & ((total <= 0) & Z.any(axis=1))[:, None]).any(axis=0)
    moved = C - np.where(np.isfinite(largest), largest, 0.0)[:, :, None]
    return moved * (C.any(axis=-1) & ~stuck)[:, :, None]


def _rise(C: Array, Z: Array) -> Array:
    """By how much z − Cz activates each silent unit: (n, PROBES, k)."""
    rise = -_along(C, Z)
    np.maximum(rise, 0.0, out=rise)  # in place, as all of this is for an array over samples, probes and atoms
    rise *= (Z <= 0)[:, None, :]
    return rise


def _along(C: Array, Z: Array) -> Array:
    """Cz of each sample: (n, PROBES, k)."""
    return np.einsum("plj,nj->npl", C, Z, optimize=True)


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
            a = nearest_in_cone(Z[np.ix_(rows, others)] / size[rows, None], v / np.linalg.norm(v))
            omega[rows, l] = a * np.linalg.norm(v) / (size[rows] * weights[rows])
    return omega


def nearest_in_cone(rays: Array, v: Array) -> Array:
    """a ≥ 0 (n,) that makes Σ_i a_i rays_i as near to v (d,) as can be, for many rays (n, d).

    Few rays span the nearest point: those that point most towards what is left over are taken in until none would help,
    by the measure that non-negative least squares has of it.
    """
    n, d = rays.shape
    tolerance = 10 * max(n, d) * np.finfo(np.float64).eps * np.abs(rays).sum(axis=1).max()
    a, chosen, left = np.zeros(n), np.zeros(n, dtype=bool), v
    while True:
        towards = np.where(chosen, -np.inf, rays @ left)
        helping = np.argsort(-towards, kind="stable")[: 2 * d]
        helping = helping[towards[helping] > tolerance]
        if not helping.size:
            return a
        chosen[helping] = True
        own = np.flatnonzero(chosen)
        a[own], _ = nnls(rays[own].T, v)
        left = v - a[own] @ rays[own]
