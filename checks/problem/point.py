"""A candidate solution of an instance: dictionary, decoder bias and codes, and the encoder that they are of, if any."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from jaxtyping import Float

from checks.errors import BadInput
from checks.problem.instance import Array, Instance
from theory.problem import L1


@dataclass(frozen=True, eq=False)
class Encoder:
    """z = ReLU(W_enc(x − b) + b_enc). Shapes: W_enc (k, d), b_enc (k,)."""

    W_enc: Float[Array, "k d"]
    b_enc: Float[Array, " k"]


@dataclass(frozen=True, eq=False)
class Point:
    """(D, b, Z) for an instance. Shapes: D (d, k) with atoms as columns, b (d,), Z (n, k).

    encoder: that of the SAE whose point it is; None if the codes are not those of an encoder.
    """

    instance: Instance
    D: Float[Array, "d k"]
    b: Float[Array, " d"]
    Z: Float[Array, "n k"]
    encoder: Encoder | None = None

    def __post_init__(self) -> None:
        n, d, k = self.instance.n, self.instance.d, self.instance.k
        needed = {"D": (self.D, (d, k)), "b": (self.b, (d,)), "Z": (self.Z, (n, k))}
        if self.encoder is not None:
            needed |= {"W_enc": (self.encoder.W_enc, (k, d)), "b_enc": (self.encoder.b_enc, (k,))}
        for letter, (array, shape) in needed.items():
            if array.shape != shape:
                raise BadInput(f"{letter} has shape {array.shape}, the instance needs {shape}")

    @cached_property
    def reconstruction(self) -> Array:
        """x̂ = Dz without the bias, (n, d)."""
        return self.Z @ self.D.T

    @cached_property
    def residual(self) -> Array:
        """r = x − b − Dz, (n, d)."""
        return self.instance.x - self.b - self.reconstruction

    @cached_property
    def objective(self) -> float:
        """F(D, b, Z) of the L1 problem. Raises ValueError for another."""
        if self.instance.objective is not L1:
            raise ValueError(f"the loss of {self.instance.objective.name} is not that of L1")
        per_sample = 0.5 * (self.residual**2).sum(axis=1) + self.instance.lam * self.Z.sum(axis=1)
        return float(self.instance.weights @ per_sample)

    @cached_property
    def in_unit_scale(self) -> Point:
        """The same point in units where the largest entry of x − b or λ lies between 1 and 2.

        No square overflows there. The unit is a power of two, so nothing is rounded. A point that is not finite stays,
        and so does one whose penalty knows a scale of its own.
        """
        i = self.instance
        if not i.objective.scales_with_data:
            return self
        largest = float(np.max([np.abs(i.x - self.b).max(), i.lam.max()]))
        return self.scaled(unit_exponent(largest))

    def scaled(self, exponent: int) -> Point:
        """The same point in units of 2^−exponent."""
        if exponent == 0:
            return self
        i = self.instance
        scaled = replace(i, x=np.ldexp(i.x, exponent), lam=np.ldexp(i.lam, exponent))
        encoder = self.encoder and replace(self.encoder, b_enc=np.ldexp(self.encoder.b_enc, exponent))
        return Point(scaled, self.D, np.ldexp(self.b, exponent), np.ldexp(self.Z, exponent), encoder)

    @cached_property
    def first_bad_row(self) -> int | None:
        """Index of the first sample whose code is not finite; None if all are, and D and b too."""
        if not (np.isfinite(self.D).all() and np.isfinite(self.b).all()):
            return 0
        bad = np.flatnonzero(~np.isfinite(self.Z).all(axis=1))
        return int(bad[0]) if bad.size else None


def unit_exponent(largest: float) -> int:
    """The power of two that takes the largest entry to between 1 and 2; 0 if it is 0 or not finite."""
    return int(1 - np.frexp(largest)[1]) if np.isfinite(largest) and largest > 0 else 0
