"""Sources whose supports depend on each other exactly: parents and children, alternatives, chains (THEORY H1, K2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from checks.data.synthetic.atoms import orthogonal_directions
from checks.data.synthetic.family import Family
from checks.problem.instance import Array


@dataclass(frozen=True)
class Hierarchy(Family):
    """A parent that is on at rate `present` and then is `alone`, with this probability, or joined by one child.

    tied: the child's amplitude equals the parent's. Directions are orthogonal where they fit.
    """

    children: int = 1
    present: float = 1.0
    alone: float = 0.5
    tied: bool = True

    def samples(self, n: int, d: int, rng: np.random.Generator) -> Float[Array, "{n} {d}"]:
        parent = (rng.random(n) < self.present) * rng.standard_exponential(n)
        child = parent if self.tied else (parent > 0) * rng.standard_exponential(n)
        joined = rng.random(n) >= self.alone
        which = rng.integers(self.children, size=n)
        Z = np.zeros((n, 1 + self.children))
        Z[:, 0] = parent
        Z[np.arange(n), 1 + which] = joined * child
        return Z @ orthogonal_directions(d, 1 + self.children, rng).T


@dataclass(frozen=True)
class ExclusiveGroups(Family):
    """Groups of sources; in each sample exactly one member of every group is on."""

    groups: int = 2
    size: int = 2

    def samples(self, n: int, d: int, rng: np.random.Generator) -> Float[Array, "{n} {d}"]:
        chosen = rng.integers(self.size, size=(n, self.groups, 1))
        Z = (chosen == np.arange(self.size)) * rng.standard_exponential((n, self.groups, 1))
        return Z.reshape(n, -1) @ orthogonal_directions(d, self.groups * self.size, rng).T


@dataclass(frozen=True)
class NestedGroups(Family):
    """A chain of sources: each is on only where the one before it is."""

    depth: int = 2

    def samples(self, n: int, d: int, rng: np.random.Generator) -> Float[Array, "{n} {d}"]:
        level = rng.integers(self.depth + 1, size=(n, 1))
        Z = (level > np.arange(self.depth)) * rng.standard_exponential((n, self.depth))
        return Z @ orthogonal_directions(d, self.depth, rng).T
