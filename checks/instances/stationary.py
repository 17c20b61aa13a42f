"""Instances built backwards: codes and dictionary first, then data that make them stationary in closed form.

They test a certificate without a solver, and a solver by whether it ends at least as low.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.data.synthetic.atoms import directions, isometry
from checks.errors import BadInput
from checks.problem.instance import Array, Instance, instance
from checks.problem.parameters import numbers_of
from checks.problem.point import Point
from theory.problem import BATCH_TOP_K, L1, MATRYOSHKA, NORM_WEIGHTED, OBJECTIVES, Objective


class Stationary(ABC):
    """A description of a point that is stationary by construction; subclasses are frozen dataclasses."""

    @property
    def minimised(self) -> Objective:
        """The objective of the problem."""
        return L1

    @abstractmethod
    def point(self) -> Point:
        """The point. Raises BadInput where there is none of these sizes."""

    def build(self) -> Instance:
        """Its instance."""
        return self.point().instance


@dataclass(frozen=True)
class StationaryRays(Stationary):
    """n one-sparse samples x = (z + λ)d_j for k random atoms in d dimensions, without bias.

    The residual λd_j obeys d_l·r = λ G_lj ≤ λ (C1), and E[r z_j] = λE[z_j]d_j (A1) holds term by term. lam: λ in units
    of the mean code.
    """

    n: int
    d: int
    k: int
    seed: int
    lam: float

    def point(self) -> Point:
        rng = np.random.default_rng(self.seed)
        D = directions(self.d, self.k, rng)
        owner = np.arange(self.n) % self.k
        z = rng.standard_exponential(self.n)
        x = (z + self.lam)[:, None] * D.T[owner]
        return Point(
            instance(x, self.k, self.lam, name=repr(self)),
            D,
            np.zeros(self.d),
            z[:, None] * (owner[:, None] == np.arange(self.k)),
        )


@dataclass(frozen=True)
class StationaryGrid(Stationary):
    """All 2^k on–off patterns of k ≤ d independent sources along orthonormal atoms, weighted by their probability.

    Source l is on with probability p_l, at amplitude a_l. Take d_l·r = λ where it is on and −λp_l/(1 − p_l) where it is
    off: the first is C1 with equality, the second C1 with slack, and both average to d_l·E[r] = 0 (B1). Since sources
    are independent, E[z_j d_l·r] = E[z_j] d_l·E[r] = 0 for l ≠ j, which with d_j·r = λ where z_j > 0 is A1. Hence
    x = Σ_l d_l(z_l + d_l·r). It is stationary whether the bias is free or not. lam: λ in units of the mean amplitude.
    """

    d: int
    k: int
    seed: int
    lam: float
    bias: bool = True

    def point(self) -> Point:
        rng = np.random.default_rng(self.seed)
        D = _orthonormal(self.d, self.k, rng)
        rate, amplitude = rng.uniform(0.1, 0.9, self.k), rng.standard_exponential(self.k)
        on = _patterns(self.k)
        projected = self.lam * np.where(on, 1.0, -rate / (1 - rate))
        Z = on * amplitude
        weights = np.where(on, rate, 1 - rate).prod(axis=1)
        x = (Z + projected) @ D.T
        problem = instance(x, self.k, self.lam, weights=weights, bias=self.bias, name=repr(self))
        return Point(problem, D, np.zeros(self.d), Z)


@dataclass(frozen=True)
class StationaryOverlap(Stationary):
    """Any k ≤ d independent atoms, all of them on in the first n − k samples and each alone in one of the last k.

    Where all are on the residual is λ DG⁻¹1, which meets every atom at λ. Where d_j is alone it is off the atom by as
    much as the others together, in the opposite direction: that is A1, and it meets the other atoms at less than λG_jl.
    Every other point has ten times as much of each atom alone. That stiffens the atom, by E[z_j² + λz_j], so that most
    of these are local minima; of the rest most are saddles. Without bias. lam: λ in units of the mean code.
    """

    n: int
    d: int
    k: int
    seed: int
    lam: float

    def point(self) -> Point:
        if not self.k <= min(self.d, self.n - 1):
            raise BadInput(f"n = {self.n}, d = {self.d}, k = {self.k}: needs k ≤ d independent atoms and n > k samples")
        rng = np.random.default_rng(self.seed)
        D = directions(self.d, self.k, rng)
        together = 0.1 + rng.standard_exponential((self.n - self.k, self.k))
        alone = (0.1 + rng.standard_exponential(self.k)) * rng.choice([1.0, 10.0])
        shared = self.lam * D @ np.linalg.solve(D.T @ D, np.ones(self.k))
        own = self.lam * D - (shared[:, None] - self.lam * D) * (together.sum(axis=0) / alone)
        Z = np.vstack([together, np.diag(alone)])
        r = np.vstack([np.tile(shared, (self.n - self.k, 1)), own.T])
        return Point(instance(Z @ D.T + r, self.k, self.lam, name=repr(self)), D, np.zeros(self.d), Z)


@dataclass(frozen=True)
class StationaryBetween(Stationary):
    """Two orthonormal atoms and a third one above the line that halves their angle; d ≥ 3, without bias.

    The samples are d_1 and d_2 together, each alone, and d_3 alone, all with a code of 1. The residual of the first,
    λ(d_1 + d_2 − he), points far enough away from d_3 = a(d_1 + d_2) + √(1 − 2a²)e that d_3 is silent; the residuals
    λ(d_1 − d_2 + he) and λ(d_2 − d_1 + he) of the next two make up for it, so that A1 holds. At a few times the price
    d_3 takes over from the other two (X9).
    """

    d: int
    seed: int
    lam: float

    def point(self) -> Point:
        if self.d < 3:
            raise BadInput(f"d = {self.d}: an atom above the plane of two others needs three dimensions")
        rng = np.random.default_rng(self.seed)
        first, second, up = isometry(self.d, 3, rng).T
        a = rng.uniform(0.55, 0.69)
        height = np.sqrt(1 - 2 * a**2)
        reach = rng.uniform(2 * a - 1, 0.9)  # d_3·r = reach·λ for the first sample, (2a − reach)λ ≤ λ for the next two
        away = (2 * a - reach) / height * up
        D = np.column_stack([first, second, a * (first + second) + height * up])
        Z = np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
        r = self.lam * np.array([first + second - away, first - second + away, second - first + away, D[:, 2]])
        return Point(instance(Z @ D.T + r, 3, self.lam, name=repr(self)), D, np.zeros(self.d), Z)


@dataclass(frozen=True)
class FreeNorms(Stationary):
    """The same reconstructions by atoms of any length, where the penalty is weighted by it: z_j/s_j and s_j d_j."""

    of: StationaryRays | StationaryGrid | StationaryOverlap
    seed: int

    @property
    def minimised(self) -> Objective:
        return NORM_WEIGHTED

    def point(self) -> Point:
        unit = self.of.point()
        i = unit.instance
        length = np.exp(np.random.default_rng(self.seed).normal(size=i.k))
        problem = instance(i.x, i.k, i.lam, weights=i.weights, bias=i.bias, name=repr(self), objective=self.minimised)
        return Point(problem, unit.D * length, unit.b, unit.Z / length)


@dataclass(frozen=True)
class StationaryNest(Stationary):
    """Parents in the first of two prefixes, each with a child in the second that is never on without it; without bias.

    Each pair has a plane of its own. Where both are on, the late residual is λd_c, so that the early one, (λ + z_c)d_c,
    must meet the parent at λ(1 − G_pc): hence z_c = λ(1/G_pc − 2), for any G_pc < ½ (M4). Where the parent is alone,
    the residual makes up what its atom lacks. With k odd, one early atom has a ray of its own. There are n = k ≤ d
    samples, weighted at random. lam: λ in units of the mean code of parents.
    """

    d: int
    k: int
    seed: int
    lam: float

    @property
    def minimised(self) -> Objective:
        return MATRYOSHKA

    def point(self) -> Point:
        rng = np.random.default_rng(self.seed)
        axes, pairs = _orthonormal(self.d, self.k, rng), self.k // 2
        parents, own, orphans = axes[:, :pairs], axes[:, pairs : 2 * pairs], axes[:, 2 * pairs :]
        weights, code = rng.uniform(0.1, 1.0, self.k), 0.1 + rng.standard_exponential(self.k)
        both, alone = (weights * code)[:pairs], (weights * code)[pairs : 2 * pairs]
        cosine = rng.uniform(0.05, 0.45, pairs)
        children = cosine * parents + np.sqrt(1 - cosine**2) * own
        child = self.lam * (1 / cosine - 2)
        left = (self.lam * (both + alone) * parents - (2 * self.lam + child) * both * children) / (2 * alone)
        residuals = np.column_stack([self.lam * children, left, self.lam / 2 * orphans])
        D = np.column_stack([parents, orphans, children])
        early = D.shape[1] - pairs
        Z = np.zeros((self.k, self.k))
        which = np.arange(pairs)
        Z[which, which], Z[which, early + which] = code[:pairs], child
        Z[pairs + which, which] = code[pairs : 2 * pairs]
        Z[2 * pairs :, pairs:early] = np.diag(code[2 * pairs :])
        x = Z @ D.T + residuals.T
        numbers = numbers_of(MATRYOSHKA, self.k)
        problem = instance(
            x, self.k, self.lam, weights=weights, name=repr(self), objective=MATRYOSHKA, parameters=numbers
        )
        return Point(problem, D, np.zeros(self.d), Z)


@dataclass(frozen=True)
class StationarySelection(Stationary):
    """Pairs of samples that use the same of k ≤ d orthonormal atoms alike, and leave opposite residuals.

    limit: the key of an objective that allows K units for each sample, or for all together. A residual is at right
    angles to the atoms, or along a silent one wherever the limit is used up, and then shorter than what the limit would
    have to be spent on instead. Residuals average to zero over the samples of each atom: A1 and B1. chained: a sample
    with m units uses the first m atoms, so that each atom implies all before it; else any m. n = 2·pairs.
    """

    pairs: int
    d: int
    k: int
    K: int
    seed: int
    limit: str = "top-k"
    chained: bool = True
    bias: bool = False

    @property
    def minimised(self) -> Objective:
        return OBJECTIVES[self.limit]

    def point(self) -> Point:
        rng = np.random.default_rng(self.seed)
        D, beyond = np.split(_orthonormal(self.d, max(self.d, self.k), rng), [self.k], axis=1)
        shared = self.minimised is BATCH_TOP_K
        size = self._sizes(rng, shared)
        order = np.tile(np.arange(self.k), (self.pairs, 1))
        used = (order if self.chained else rng.permuted(order, axis=1)) < size[:, None]
        Z = used * (0.1 + rng.standard_exponential(used.shape))
        least = np.where(used, Z, np.inf).min(axis=1)  # what a silent atom has to beat
        room = np.full(self.pairs, least.min()) if shared else np.where(size == self.K, least, 0.0)
        rival = np.where(used, -1.0, rng.random(used.shape)).argmax(axis=1)
        R = (np.arange(self.k) == rival[:, None]) * ~used * (rng.random(self.pairs) * room)[:, None]
        r = R @ D.T + rng.standard_normal((self.pairs, beyond.shape[1])) @ beyond.T
        x = np.stack([Z @ D.T + r, Z @ D.T - r], axis=1).reshape(-1, self.d)
        problem = instance(
            x,
            self.k,
            0.0,
            bias=self.bias,
            name=repr(self),
            objective=self.minimised,
            parameters={"K": self.K},
        )
        return Point(problem, D, np.zeros(self.d), np.repeat(Z, 2, axis=0))

    def _sizes(self, rng: np.random.Generator, shared: bool) -> NDArray[np.intp]:
        """How many units each pair uses: of a common limit, what one uses beyond its share another does without."""
        most = min(self.K, self.k)
        if not shared:
            return np.where(rng.random(self.pairs) < 0.5, most, rng.integers(0, most + 1, self.pairs))
        more = rng.integers(0, min(most, self.k - most) + 1, self.pairs // 2)
        return most + np.concatenate([more, -more, np.zeros(self.pairs % 2, dtype=np.intp)])


def _orthonormal(d: int, k: int, rng: np.random.Generator) -> Array:
    """k random orthonormal atoms, (d, k). Raises BadInput if k > d."""
    if k > d:
        raise BadInput(f"k = {k}, d = {d}: more atoms than dimensions cannot be orthonormal")
    return isometry(d, k, rng)


def _patterns(k: int) -> NDArray[np.bool_]:
    """All on–off patterns of k sources, (2^k, k)."""
    return (np.arange(2**k)[:, None] >> np.arange(k)) % 2 == 1
