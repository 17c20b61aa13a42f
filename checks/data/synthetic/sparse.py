"""Sources that are silent most of the time: independent, correlated, or persistent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from checks.data.synthetic.atoms import directions
from checks.data.synthetic.family import Family
from checks.problem.instance import Array


def mixed(
    on: Bool[np.ndarray, "n k"], amplitudes: Float[Array, "n k"], d: int, rng: np.random.Generator
) -> Float[Array, "n {d}"]:
    """Σ_j of the sources that are on times their amplitude along random directions. on, amplitudes (n, s) → (n, d)."""
    return (on * amplitudes) @ directions(d, on.shape[1], rng).T


@dataclass(frozen=True)
class Sparse(Family):
    """Independent sources. tail: amplitudes are E^tail for a standard exponential E: 0 constant, 1 light, 3 heavy."""

    sources: int = 3
    firing: float = 0.3
    tail: float = 1.0
    noise: float = 0.0

    def samples(self, n: int, d: int, rng: np.random.Generator) -> Float[Array, "{n} {d}"]:
        on = rng.random((n, self.sources)) < self.firing
        x = mixed(on, rng.standard_exponential((n, self.sources)) ** self.tail, d, rng)
        return x + self.noise * rng.standard_normal((n, d))


@dataclass(frozen=True)
class CorrelatedSupports(Family):
    """Sources are on where equicorrelated Gaussians exceed a threshold: at correlation 1 they all fire together."""

    sources: int = 3
    firing: float = 0.3
    correlation: float = 0.5

    def samples(self, n: int, d: int, rng: np.random.Generator) -> Float[Array, "{n} {d}"]:
        from scipy.special import ndtri

        shared, own = rng.standard_normal((n, 1)), rng.standard_normal((n, self.sources))
        drive = np.sqrt(self.correlation) * shared + np.sqrt(1 - self.correlation) * own
        return mixed(drive > -ndtri(self.firing), rng.standard_exponential((n, self.sources)), d, rng)


@dataclass(frozen=True)
class Markov(Family):
    """Sources that stay on from one sample to the next with probability `stay`, and are on at rate `firing`."""

    sources: int = 3
    firing: float = 0.3
    stay: float = 0.8

    def samples(self, n: int, d: int, rng: np.random.Generator) -> Float[Array, "{n} {d}"]:
        start = min(1.0, self.firing * (1 - self.stay) / (1 - self.firing)) if self.firing < 1 else 1.0
        on = np.empty((n, self.sources), dtype=bool)
        on[0] = rng.random(self.sources) < self.firing
        for i in range(1, n):
            on[i] = rng.random(self.sources) < np.where(on[i - 1], self.stay, start)
        return mixed(on, rng.standard_exponential((n, self.sources)), d, rng)
