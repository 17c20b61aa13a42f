"""More features than dimensions: sources with a known dictionary, of which some imply others, or meet in new ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.data.synthetic.atoms import directions
from checks.data.synthetic.planted import Planted
from checks.errors import BadInput
from checks.problem.instance import Array


def superposition(
    n: int, d: int, m: int, *, seed: int, firing: float = 1 / 32, nested: float = 0.0, fresh: int = 0
) -> Planted:
    """n samples of m random features in d dimensions, on with probability `firing`, with amplitudes uniform in [1, 2].

    nested: the share of pairs (2i, 2i + 1) whose second feature, the child, is on only if its own coin and its
    parent's both come up. fresh: of the samples; the features depend on `seed` alone.
    Source: problem O43 of L. Levine's MAIS agenda, A3 (2026). Raises BadInput if a share is not in [0, 1].
    """
    if not (0 <= nested <= 1 and 0 <= firing <= 1):
        raise BadInput(f"nested = {nested}, firing = {firing}: shares lie between 0 and 1")
    D = directions(d, m, np.random.default_rng(seed))
    rng = np.random.default_rng([seed, fresh, 1])
    on = rng.random((n, m)) < firing
    children = 2 * np.arange(int(m // 2 * nested)) + 1
    on[:, children] &= on[:, children - 1]
    Z = on * rng.uniform(1.0, 2.0, (n, m))
    return Planted(Z @ D.T, D, Z, np.zeros(d))


@dataclass(frozen=True, eq=False)
class Compositions:
    """The same dictionary D (d, m) behind three samples: to train on, of the same kind, and of unseen combinations."""

    D: Array
    train: Planted
    same: Planted
    other: Planted


def compositions(n: int, d: int, m: int, active: int, *, seed: int) -> Compositions:
    """Sources of which exactly `active` are on, with amplitudes uniform in [0, 1].

    Half of the samples to train on have source 0 with others of the first half, and half have any others without it;
    those of unseen combinations have source 0 with others of the second half.
    Source: arXiv:2603.28744. Raises BadInput unless 2·active ≤ m.
    """
    if not 1 <= 2 * active <= m:
        raise BadInput(f"{active} of {m} sources: each half needs as many")
    rng = np.random.default_rng(seed)
    D = directions(d, m, rng)
    first, second = np.arange(1, m - m // 2), np.arange(m - m // 2, m)

    def drawn(with_first: NDArray[np.bool_], companions: NDArray[np.int_]) -> Planted:
        Z = np.zeros((n, m))
        for row, led in zip(Z, with_first):
            rest = rng.choice(companions if led else np.arange(1, m), active - led, replace=False)
            on = np.concatenate([np.zeros(int(led), dtype=int), rest])
            row[on] = rng.random(active)
        return Planted(Z @ D.T, D, Z, np.zeros(d))

    coin, always = (lambda: rng.random(n) < 0.5), np.ones(n, dtype=bool)
    return Compositions(D, drawn(coin(), first), drawn(coin(), first), drawn(always, second))
