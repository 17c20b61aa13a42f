"""The data of the main job, with the problem posed on each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from checks.instance import Instance, instance


@dataclass(frozen=True)
class Workload:
    """A data set with the problem posed on it.

    build makes the instance for a seed; steps is the length of the SAE's training, 0 if none is trained on these data.
    """

    name: str
    description: str
    build: Callable[[int], Instance]
    steps: int


def _planted(seed: int) -> Instance:
    from checks.distributions.planted import planted

    data = planted(500, 8, 12, seed=seed, noise=0.05)
    return instance(data.x, 12, 0.2, name="planted")


def _weighted(seed: int) -> Instance:
    from checks.distributions.planted import planted

    data = planted(400, 6, 9, seed=seed, noise=0.05, offset=1.0)
    rng = np.random.default_rng(seed)
    lam, weights = rng.uniform(0.1, 0.4, 400), rng.uniform(0.0, 1.0, 400)
    return instance(data.x, 9, lam, weights=weights, bias=True, name="weighted")


def _digits(seed: int) -> Instance:
    from checks.distributions.real import digits

    return instance(digits(), 64, 1.0, bias=True, name="digits")


def _patches(seed: int) -> Instance:
    from checks.distributions.real import patches

    return instance(patches(2000, 8, seed), 64, 1.0, bias=True, name="patches")


def _antipodal(seed: int) -> Instance:
    rng = np.random.default_rng(seed)
    x = 0.1 * rng.standard_normal((200, 3))
    x[:, 0] += np.where(np.arange(200) % 2 == 0, 1.0, -1.0) * (1.0 + rng.standard_exponential(200))
    return instance(x, 2, 0.5, bias=True, name="antipodal")


def _rays(seed: int) -> Instance:
    kinds = 3.0 * np.vstack([np.eye(3)[:2], -np.eye(3)[:2], np.zeros((1, 3))])
    rows = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(kinds)), 12))
    return instance(kinds[rows], 4, 1.0, bias=True, name="rays")


STANDARD = (
    Workload("rays", "samples on two pairs of opposite rays, or zero: nothing left to split, 60×3, k = 4", _rays, 0),
    Workload("antipodal", "one dense direction used in both senses, 200×3, k = 2", _antipodal, 0),
    Workload("planted", "sparse nonnegative codes on random atoms, 500×8, k = 12, no bias", _planted, 4000),
    Workload("weighted", "the same, 400×6, k = 9, with sample weights, one λ per sample and a bias", _weighted, 4000),
    Workload("digits", "handwritten digits, 1797×64, k = 64", _digits, 4000),
    Workload("patches", "whitened 8×8 photograph patches, 2000×~40, k = 64", _patches, 4000),
)
