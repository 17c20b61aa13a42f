"""Data described by their shape: rays, repeated points, lines, ellipsoids, curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from checks.data.synthetic.atoms import directions, isometry
from checks.data.synthetic.family import Family
from checks.problem.instance import Array


@dataclass(frozen=True)
class Rays(Family):
    """Samples on rays from the origin, at distance 1 plus `spread` times an exponential (THEORY W2).

    paired: every ray comes with its opposite, which no atom can share (R3).
    """

    rays: int = 2
    spread: float = 0.0
    paired: bool = False

    def samples(self, n: int, d: int, rng: np.random.Generator) -> Float[Array, "{n} {d}"]:
        distance = 1 + self.spread * rng.standard_exponential((n, 1))
        rays = directions(d, self.rays, rng).T
        if self.paired:
            rays = np.concatenate([rays, -rays])
        return distance * rays[np.arange(n) % len(rays)]


@dataclass(frozen=True)
class Duplicates(Family):
    """A few Gaussian points repeated in turn, each repetition moved by `distance` in a random direction."""

    distinct: int = 1
    distance: float = 0.0

    def samples(self, n: int, d: int, rng: np.random.Generator) -> Float[Array, "{n} {d}"]:
        points = rng.standard_normal((self.distinct, d))
        return points[np.arange(n) % self.distinct] + self.distance * directions(d, n, rng).T


@dataclass(frozen=True)
class SymmetricDirection(Family):
    """Gaussian along one line, with fainter isotropic noise: a dense direction that needs two antipodal atoms (D2)."""

    noise: float = 0.0

    def samples(self, n: int, d: int, rng: np.random.Generator) -> Float[Array, "{n} {d}"]:
        line = rng.standard_normal((n, 1)) * directions(d, 1, rng).T
        return line + self.noise * rng.standard_normal((n, d))


@dataclass(frozen=True)
class Gaussian(Family):
    """Gaussian with at most `rank` directions, whose deviations fall geometrically from 1 to 1/condition."""

    condition: float = 1.0
    rank: int = 6

    def samples(self, n: int, d: int, rng: np.random.Generator) -> Float[Array, "{n} {d}"]:
        rank = min(self.rank, d)
        deviations = np.geomspace(1.0, 1.0 / self.condition, rank)
        return (rng.standard_normal((n, rank)) * deviations) @ isometry(d, rank, rng).T


@dataclass(frozen=True)
class Helix(Family):
    """Uniform on a helix of radius 1, embedded isometrically where it fits: a circle if pitch = 0."""

    turns: float = 1.0
    pitch: float = 0.0

    def samples(self, n: int, d: int, rng: np.random.Generator) -> Float[Array, "{n} {d}"]:
        turn = self.turns * rng.random(n)
        curve = [np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)]
        if self.pitch:
            curve.append(self.pitch * turn)
        return np.column_stack(curve) @ isometry(d, len(curve), rng).T
