"""Data described by the values that occur in them: bounded, rounded, or with a few of another order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from checks.data.synthetic.family import Family
from checks.problem.instance import Array


@dataclass(frozen=True)
class Bounded(Family):
    """Uniform in a cube, [low, 1] in every coordinate."""

    low: float = 0.0

    def samples(self, n: int, d: int, rng: np.random.Generator) -> Float[Array, "{n} {d}"]:
        return rng.uniform(self.low, 1.0, (n, d))


@dataclass(frozen=True)
class Quantised(Family):
    """Each coordinate one of the integers 0, …, levels − 1: exact ties, equal rows, rows of zeros."""

    levels: int = 2

    def samples(self, n: int, d: int, rng: np.random.Generator) -> Float[Array, "{n} {d}"]:
        return rng.integers(self.levels, size=(n, d)).astype(np.float64)


@dataclass(frozen=True)
class Outliers(Family):
    """Gaussian, with the first `count` samples `size` times as far away."""

    count: int = 1
    size: float = 1e6

    def samples(self, n: int, d: int, rng: np.random.Generator) -> Float[Array, "{n} {d}"]:
        x = rng.standard_normal((n, d))
        x[: self.count] *= self.size
        return x
