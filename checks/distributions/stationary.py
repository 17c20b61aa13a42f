"""Instances built backwards: codes and dictionary first, then data that make them stationary in closed form.

They test a certificate without a solver, and a solver by whether it ends at least as low.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.distributions.atoms import directions, isometry
from checks.errors import BadInput
from checks.instance import Instance, instance
from checks.point import Point


@dataclass(frozen=True)
class StationaryRays:
    """n one-sparse samples x = (z + λ)d_j for k random atoms in d dimensions, without bias.

    The residual λd_j obeys d_l·r = λ G_lj ≤ λ (C1), and E[r z_j] = λE[z_j]d_j (A1) holds term by term. lam: λ in units
    of the mean code.
    """

    n: int
    d: int
    k: int
    seed: int
    lam: float

    def build(self) -> Instance:
        """The instance."""
        return self.point().instance

    def point(self) -> Point:
        """A stationary point of it."""
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
class StationaryGrid:
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

    def build(self) -> Instance:
        """The instance; n = 2^k."""
        return self.point().instance

    def point(self) -> Point:
        """A stationary point of it. Raises BadInput if k > d."""
        if self.k > self.d:
            raise BadInput(f"k = {self.k}, d = {self.d}: more atoms than dimensions cannot be orthonormal")
        rng = np.random.default_rng(self.seed)
        D = isometry(self.d, self.k, rng)
        rate, amplitude = rng.uniform(0.1, 0.9, self.k), rng.standard_exponential(self.k)
        on = _patterns(self.k)
        projected = self.lam * np.where(on, 1.0, -rate / (1 - rate))
        Z = on * amplitude
        weights = np.where(on, rate, 1 - rate).prod(axis=1)
        x = (Z + projected) @ D.T
        problem = instance(x, self.k, self.lam, weights=weights, bias=self.bias, name=repr(self))
        return Point(problem, D, np.zeros(self.d), Z)


def _patterns(k: int) -> NDArray[np.bool_]:
    """All on–off patterns of k sources, (2^k, k)."""
    return (np.arange(2**k)[:, None] >> np.arange(k)) % 2 == 1
