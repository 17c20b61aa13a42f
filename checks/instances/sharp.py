"""Points at which inequalities are equalities, or nearly so: small ones, built from codes and atoms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from checks.problem.instance import Array, Instance, instance
from checks.problem.point import Point
from theory.problem import BATCH_TOP_K, L1, LP, NORM_WEIGHTED, TOP_K, Objective


@dataclass(frozen=True)
class _Spec:
    def build(self) -> Instance:
        """The instance."""
        return self.point().instance

    def point(self) -> Point:
        raise NotImplementedError

    def _point(
        self,
        x: Array,
        D: Array,
        Z: Array,
        lam: float | Array,
        *,
        bias: bool = False,
        objective: Objective = L1,
        **parameters: float,
    ) -> Point:
        built = instance(x, D.shape[1], lam, bias=bias, name=repr(self), objective=objective, parameters=parameters)
        return Point(built, D, np.zeros(len(D)), Z)


@dataclass(frozen=True)
class OneRay(_Spec):
    """Samples on the ray of the one atom, or in the dead zone, each with its λ. Codes are optimal.

    The ray is the diagonal of R^d. If the atom has unit length, the dictionary is optimal too.
    """

    lengths: tuple[float, ...]
    lams: tuple[float, ...]
    d: int = 1
    atom: float = 1.0

    def point(self) -> Point:
        """z = (length·atom − λ)₊ / atom²."""
        ray, length, lam = np.full((self.d, 1), self.d**-0.5), np.array(self.lengths), np.array(self.lams)
        Z = np.maximum(0.0, length * self.atom - lam)[:, None] / self.atom**2
        return self._point(length[:, None] * ray.T, self.atom * ray, Z, lam)


@dataclass(frozen=True)
class Antipodes(_Spec):
    """Two opposite samples on the diagonal of R^d, with an atom for each: an optimum with and without a free bias."""

    length: float
    lam: float
    d: int = 1

    def point(self) -> Point:
        """z = length − λ > 0 for the one or the other."""
        D = np.full((self.d, 1), self.d**-0.5) * [[1.0, -1.0]]
        return self._point(self.length * D.T, D, (self.length - self.lam) * np.eye(2), self.lam, bias=True)


@dataclass(frozen=True)
class OneForTwoRays(_Spec):
    """Two samples of equal length at an angle, and one atom between them: stationary by symmetry."""

    angle: float
    length: float
    lam: float

    def point(self) -> Point:
        """z = length·cos(angle/2) − λ > 0 for both."""
        half = self.angle / 2
        x = self.length * np.array([[np.cos(half), np.sin(half)], [np.cos(half), -np.sin(half)]])
        return self._point(x, np.eye(2)[:, :1], np.full((2, 1), self.length * np.cos(half) - self.lam), self.lam)


@dataclass(frozen=True)
class TwoForOneRay(_Spec):
    """One sample between two atoms at an angle, which it uses alike: its code is optimal, the atoms are not."""

    angle: float
    code: float
    lam: float

    def point(self) -> Point:
        """z = (code, code), and x such that both atoms have d·r = λ."""
        half = self.angle / 2
        D = np.array([[np.cos(half), np.cos(half)], [np.sin(half), -np.sin(half)]])
        x = np.array([[2 * self.code * np.cos(half) + self.lam / np.cos(half), 0.0]])
        return self._point(x, D, np.full((1, 2), self.code), self.lam)


@dataclass(frozen=True)
class OnOrOff(_Spec):
    """Two equal samples on the ray of one atom at the price λ√t: one uses it, one does not, and both are at their best.

    So long a sample that silence and the best code cost the same: an optimum of Lp with p = ½.
    """

    code: float

    def point(self) -> Point:
        """z = code and 0, with λ such that φ(z) = z²/2 + zφ'(z)."""
        lam, length = self.code**1.5, 1.5 * self.code
        Z = np.array([[self.code], [0.0]])
        return self._point(np.full((2, 1), length), np.eye(1), Z, lam, objective=LP, p=0.5)


@dataclass(frozen=True)
class Twins(_Spec):
    """One sample on the ray of two equal atoms, of which top-k may use one: an optimum, and so is the exchange.

    Nothing is left to explain, so that it is one with and without a free bias.
    """

    length: float

    def point(self) -> Point:
        """z = (length, 0)."""
        Z = np.array([[self.length, 0.0]])
        return self._point(np.full((1, 1), self.length), np.ones((1, 2)), Z, 0.0, bias=True, objective=TOP_K, K=1)


@dataclass(frozen=True)
class SharedLimit(_Spec):
    """Two samples and two units for both of them: the one with two features takes them, the other does without.

    One of these units would explain as much of the other sample: a stationary point of batch top-k.
    """

    length: float

    def point(self) -> Point:
        """z = (length, length) and 0."""
        x = self.length * np.array([[1.0, 1.0], [1.0, 0.0]])
        return self._point(x, np.eye(2), x * [[1.0], [0.0]], 0.0, objective=BATCH_TOP_K, K=1)


@dataclass(frozen=True)
class FreeNorm(_Spec):
    """One sample on the ray of one atom of any length, whose penalty is weighted by it: an optimum."""

    length: float
    lam: float
    atom: float

    def point(self) -> Point:
        """z·atom = length − λ > 0."""
        x, Z = np.full((1, 1), self.length), np.full((1, 1), (self.length - self.lam) / self.atom)
        return self._point(x, np.full((1, 1), self.atom), Z, self.lam, objective=NORM_WEIGHTED)


@dataclass(frozen=True)
class Anything(_Spec):
    """No solution of anything: random data, nonnegative codes and atoms, of unit length or not."""

    n: int
    d: int
    k: int
    seed: int
    unit: bool = False

    def point(self) -> Point:
        """Of unit size, with codes up to a few units and a λ for each sample."""
        rng = np.random.default_rng(self.seed)
        D = rng.standard_normal((self.d, self.k))
        if self.unit:
            D /= np.linalg.norm(D, axis=0)
        Z = rng.exponential(2.0, (self.n, self.k)) * (rng.random((self.n, self.k)) < 0.6)
        return self._point(rng.standard_normal((self.n, self.d)), D, Z, rng.uniform(0.1, 2.0, self.n))
