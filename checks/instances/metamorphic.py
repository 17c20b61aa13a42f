"""Metamorphic relations: another instance that has the same solutions, up to a known map (THEORY A7).

A law that holds at a point must hold at its image, and a solver must reach the same objective up to `factor`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from checks.data.synthetic.atoms import directions, isometry
from checks.errors import BadInput
from checks.problem.instance import Array, Instance
from checks.problem.point import Point


class MetamorphicRelation(ABC):
    """A map of instances, and of their points, under which stationary points stay stationary and optima optimal."""

    @abstractmethod
    def instance(self, problem: Instance) -> Instance:
        """The image of an instance. Raises BadInput if it has none of this kind."""

    @abstractmethod
    def point(self, point: Point) -> Point:
        """The image of a point of `problem`: a point of `self.instance(problem)`."""

    def factor(self, problem: Instance) -> float:
        """F(image of the point) / F(point), the same for all points."""
        return 1.0


@dataclass(frozen=True)
class Rotate(MetamorphicRelation):
    """x → Qx for a random orthogonal Q."""

    seed: int

    def _map(self, d: int) -> Array:
        return isometry(d, d, np.random.default_rng(self.seed))

    def instance(self, problem: Instance) -> Instance:
        return replace(problem, x=problem.x @ self._map(problem.d).T)

    def point(self, point: Point) -> Point:
        Q = self._map(point.instance.d)
        return Point(self.instance(point.instance), Q @ point.D, Q @ point.b, point.Z)


@dataclass(frozen=True)
class Scale(MetamorphicRelation):
    """x → ax, λ → aλ for a > 0."""

    by: float

    def instance(self, problem: Instance) -> Instance:
        return replace(problem, x=self.by * problem.x, lam=self.by * problem.lam)

    def point(self, point: Point) -> Point:
        return Point(self.instance(point.instance), point.D, self.by * point.b, self.by * point.Z)

    def factor(self, problem: Instance) -> float:
        return self.by**2


@dataclass(frozen=True)
class Translate(MetamorphicRelation):
    """x → x + c for a random c, `by` times as long as the longest sample; needs a free bias to absorb it."""

    by: float
    seed: int

    def _shift(self, problem: Instance) -> Array:
        length = self.by * np.linalg.norm(problem.x, axis=1).max()
        return length * directions(problem.d, 1, np.random.default_rng(self.seed))[:, 0]

    def instance(self, problem: Instance) -> Instance:
        if not problem.bias:
            raise BadInput("a problem without bias has no translated image")
        return replace(problem, x=problem.x + self._shift(problem))

    def point(self, point: Point) -> Point:
        return Point(self.instance(point.instance), point.D, point.b + self._shift(point.instance), point.Z)


@dataclass(frozen=True)
class Permute(MetamorphicRelation):
    """The samples in another order."""

    seed: int

    def _order(self, n: int) -> NDArray[np.intp]:
        return np.random.default_rng(self.seed).permutation(n)

    def instance(self, problem: Instance) -> Instance:
        return _rows(problem, self._order(problem.n))

    def point(self, point: Point) -> Point:
        order = self._order(point.instance.n)
        return Point(self.instance(point.instance), point.D, point.b, point.Z[order])


@dataclass(frozen=True)
class PermuteAtoms(MetamorphicRelation):
    """The same instance; the atoms of a point in another order."""

    seed: int

    def instance(self, problem: Instance) -> Instance:
        return problem

    def point(self, point: Point) -> Point:
        order = np.random.default_rng(self.seed).permutation(point.instance.k)
        return Point(point.instance, point.D[:, order], point.b, point.Z[:, order])


@dataclass(frozen=True)
class Duplicate(MetamorphicRelation):
    """Every sample several times, at a share of its weight."""

    times: int

    def _order(self, n: int) -> NDArray[np.intp]:
        return np.repeat(np.arange(n), self.times)

    def instance(self, problem: Instance) -> Instance:
        repeated = _rows(problem, self._order(problem.n))
        return replace(repeated, weights=repeated.weights / self.times)

    def point(self, point: Point) -> Point:
        order = self._order(point.instance.n)
        return Point(self.instance(point.instance), point.D, point.b, point.Z[order])


@dataclass(frozen=True)
class AppendZeros(MetamorphicRelation):
    """More samples x = 0, each as heavy as the average one; without a bias they cost nothing but their weight."""

    rows: int

    def instance(self, problem: Instance) -> Instance:
        if problem.bias:
            raise BadInput("a zero sample is not silent when there is a bias")
        return replace(
            problem,
            x=_padded(problem.x, self.rows),
            lam=np.append(problem.lam, np.full(self.rows, problem.lam.mean())),
            weights=self.factor(problem) * np.append(problem.weights, np.full(self.rows, 1.0 / problem.n)),
        )

    def point(self, point: Point) -> Point:
        return Point(self.instance(point.instance), point.D, point.b, _padded(point.Z, self.rows))

    def factor(self, problem: Instance) -> float:
        return problem.n / (problem.n + self.rows)


@dataclass(frozen=True)
class Embed(MetamorphicRelation):
    """More coordinates, all zero."""

    extra: int

    def instance(self, problem: Instance) -> Instance:
        return replace(problem, x=_padded(problem.x.T, self.extra).T)

    def point(self, point: Point) -> Point:
        b = np.append(point.b, np.zeros(self.extra))
        return Point(self.instance(point.instance), _padded(point.D, self.extra), b, point.Z)


def _rows(problem: Instance, order: NDArray[np.intp]) -> Instance:
    return replace(problem, x=problem.x[order], lam=problem.lam[order], weights=problem.weights[order])


def _padded(rows: Array, count: int) -> Array:
    """`count` rows of zeros below."""
    return np.vstack([rows, np.zeros((count, rows.shape[1]))])
