"""The data of the main job, with the problem posed on each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from checks.data.synthetic.atoms import isometry
from checks.problem.instance import Instance, instance
from checks.problem.parameters import numbers_of
from theory.problem import (
    BATCH_TOP_K,
    ELASTIC_NET,
    L0,
    L1,
    LOG,
    LP,
    MATRYOSHKA,
    NORM_WEIGHTED,
    ROOT,
    TANH,
    TOP_K,
    Objective,
)


@dataclass(frozen=True)
class Dataset:
    """A dataset with the problem posed on it.

    build makes the instance for a seed; steps is the length of the SAE's training, 0 if none is trained on these data.
    others makes further instances, of other objectives, whose optima are judged along with it.
    """

    name: str
    description: str
    build: Callable[[int], Instance]
    steps: int
    others: Callable[[int], Sequence[Instance]] = lambda seed: ()

    def instances(self, seed: int) -> list[Instance]:
        """The problem and the others."""
        return [self.build(seed), *self.others(seed)]


def _planted(seed: int) -> Instance:
    from checks.data.synthetic.planted import planted

    data = planted(500, 8, 12, seed=seed, noise=0.05)
    return instance(data.x, 12, 0.2, name="planted")


def _weighted(seed: int) -> Instance:
    from checks.data.synthetic.planted import planted

    data = planted(400, 6, 9, seed=seed, noise=0.05, offset=1.0)
    rng = np.random.default_rng(seed)
    lam, weights = rng.uniform(0.1, 0.4, 400), rng.uniform(0.0, 1.0, 400)
    return instance(data.x, 9, lam, weights=weights, bias=True, name="weighted")


def _digits(seed: int) -> Instance:
    from checks.data.images import digits

    return instance(digits(), 64, 1.0, bias=True, name="digits")


def _patches(seed: int) -> Instance:
    from checks.data.images import patches

    return instance(patches(2000, 8, seed), 64, 1.0, bias=True, name="patches")


def _antipodal(seed: int) -> Instance:
    rng = np.random.default_rng(seed)
    x = 0.02 * rng.standard_normal((200, 3))
    x[:, 0] += np.where(np.arange(200) % 2 == 0, 1.0, -1.0) * (1.0 + rng.standard_exponential(200))
    return instance(x, 2, 0.5, bias=True, name="antipodal")


def _rays(seed: int) -> Instance:
    kinds = 3.0 * np.vstack([np.eye(3)[:2], -np.eye(3)[:2], np.zeros((1, 3))])
    rows = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(kinds)), 12))
    return instance(kinds[rows], 4, 1.0, bias=True, name="rays")


OTHERS = (ELASTIC_NET, LOG, TANH, ROOT, LP, L0, TOP_K, BATCH_TOP_K, NORM_WEIGHTED)


def _family(seed: int, objective: Objective = L1) -> Instance:
    from checks.data.synthetic.planted import planted

    x = planted(60, 5, 5, seed=seed, noise=0.05, offset=0.5).x
    numbers = numbers_of(objective, 5)
    return instance(x, 5, 0.125, bias=True, name="family", objective=objective, parameters=numbers)


def _hierarchy(seed: int) -> Instance:
    rng = np.random.default_rng(seed)
    parent = (rng.random(48) < 0.8) * rng.uniform(1.0, 2.0, 48)
    child = rng.uniform(0.5, 1.5, 48) * (parent > 0)
    which = rng.integers(3, size=48)
    sources = np.column_stack([parent, child * (which == 1), child * (which == 2)])
    x = sources @ isometry(4, 3, rng).T + 0.02 * rng.standard_normal((48, 4))
    prefixes = [[1, 0, 0], [1, 1, 1]]
    return instance(x, 3, 0.2, name="hierarchy", objective=MATRYOSHKA, parameters={"M": prefixes})


STANDARD = (
    Dataset(
        "family",
        "sparse codes on random atoms, 60×5, k = 5, with every penalty of the family",
        _family,
        0,
        lambda seed: [_family(seed, objective) for objective in OTHERS],
    ),
    Dataset("hierarchy", "a parent, alone or with one of two children, 48×4, a nested dictionary of 3", _hierarchy, 0),
    Dataset("rays", "samples on two pairs of opposite rays, or zero: nothing left to split, 60×3, k = 4", _rays, 0),
    Dataset("antipodal", "one dense direction used in both senses, 200×3, k = 2", _antipodal, 0),
    Dataset("planted", "sparse nonnegative codes on random atoms, 500×8, k = 12, no bias", _planted, 4000),
    Dataset("weighted", "the same, 400×6, k = 9, with sample weights, one λ per sample and a bias", _weighted, 4000),
    Dataset("digits", "handwritten digits, 1797×64, k = 64", _digits, 4000),
    Dataset("patches", "whitened 8×8 photograph patches, 2000×~40, k = 64", _patches, 4000),
)
