"""Values of everything that a claim is made "for every" value of.

A claim with such a symbol is checked at a few values of each: some that come close to breaking claims (principal axes,
best multipliers, the codes of another sample), some random. They share one axis, so that the n-th value of each belongs
together. All are deterministic.
"""

from __future__ import annotations

import numpy as np

from checks.instance import Array
from checks.lowering import SAMPLE, Named
from checks.point import Point

PROBE = "probe"
PROBES = 8
AMPLITUDES = np.ldexp(1.0, np.arange(PROBES) - PROBES // 2)


def probes(point: Point) -> dict[str, Named]:
    """Every probe by the name of its symbol, the probe axis in front or after the sample axis."""
    rng = np.random.default_rng(0)
    i = point.instance
    ball = _ball(point, rng)
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
    }
    return {
        **{name: Named(value, (SAMPLE, PROBE)) for name, value in sampled.items()},
        "alpha": Named(_representation(point), (SAMPLE,)),
        **_sources(point),
        "u": Named(_directions(point, rng), (PROBE,)),
        "v": Named(np.concatenate([np.ones((1, i.k)), rng.standard_normal((PROBES - 1, i.k))]), (PROBE,)),
        "s": Named(AMPLITUDES, (PROBE,)),
        "D_dot": Named(_atom_motion(point, rng), (PROBE,)),
        "W": Named(rng.standard_normal((PROBES, i.k, i.d)), (PROBE,)),
        "C": Named(_mixing(point, rng), (PROBE,)),
        "Q": Named(np.stack([np.linalg.qr(rng.standard_normal((i.d, i.d)))[0] for _ in range(PROBES)]), (PROBE,)),
    }


def paired(values: Array, point: Point) -> Array:
    """The values of another sample for each sample, one pairing per probe: (n, …) → (n, PROBES, …)."""
    n = point.instance.n
    steps = np.linspace(1, max(n - 1, 1), PROBES).astype(int)
    return np.stack([np.roll(values, -step, axis=0) for step in steps], axis=1)


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
    """Points of the unit ball for each sample: the best dual point first, then worse ones. (n, PROBES, d)."""
    i = point.instance
    y = i.x - point.b
    reach = np.maximum(np.linalg.norm(y, axis=1), i.lam)[:, None]
    # A hair inside the ball, so that rounding does not put it outside.
    best = np.where(reach > 0, y / np.where(reach > 0, reach, 1.0), 0.0) * (1 - 2.0**-50)
    random = rng.standard_normal((PROBES - 2, *y.shape))
    random *= rng.random((PROBES - 2, i.n, 1)) / np.linalg.norm(random, axis=-1, keepdims=True)
    return np.stack([best, best / 2, *random], axis=1)


def _atom_motion(point: Point, rng: np.random.Generator) -> Array:
    """Random motions of the atoms, tangent to their spheres: (PROBES, d, k)."""
    D = point.D
    motion = rng.standard_normal((PROBES, *D.shape))
    return motion - D * (motion * D).sum(1, keepdims=True) / (D**2).sum(0)


def _mixing(point: Point, rng: np.random.Generator) -> Array:
    """Random C with Σ_l G_lj C_lj = 0, so that D(1 + C) keeps its norms to first order: (PROBES, k, k)."""
    G = point.D.T @ point.D
    diagonal = np.eye(len(G))
    C = rng.standard_normal((PROBES, *G.shape)) * (1 - diagonal)
    return C - diagonal * ((G * C).sum(1) / np.diag(G))[:, None, :]


def _sources(point: Point) -> dict[str, Named]:
    """Principal axes of the data as sources that make it up: (d, d), and the amount of each in a sample (n, d)."""
    x = point.instance.x - point.b
    axes = np.linalg.eigh(x.T @ (point.instance.weights[:, None] * x))[1]
    return {"source": Named(axes), "amount": Named(x @ axes, (SAMPLE,))}


def _representation(point: Point) -> Array:
    """Least-norm coefficients α with x − b = Dα, where the atoms span the sample: (n, k)."""
    return (point.instance.x - point.b) @ np.linalg.pinv(point.D).T
