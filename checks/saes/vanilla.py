"""The vanilla sparse autoencoder: one linear layer and a ReLU in, one linear layer out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from checks.errors import BadInput
from checks.problem.instance import Array, Instance, samples
from checks.problem.point import Encoder, Point


@dataclass(frozen=True, eq=False)
class SAE:
    """z = ReLU(W_enc(x − b) + b_enc) and x̂ + b = Dz + b, with ‖d_j‖ = 1.

    Shapes: W_enc (k, d), b_enc (k,), D (d, k) with atoms as columns, b (d,); float64. Raises BadInput on other shapes.
    """

    W_enc: Array
    b_enc: Array
    D: Array
    b: Array

    def __post_init__(self) -> None:
        d, k = self.D.shape
        for letter, shape in (("W_enc", (k, d)), ("b_enc", (k,)), ("b", (d,))):
            if getattr(self, letter).shape != shape:
                raise BadInput(f"{letter} has shape {getattr(self, letter).shape}, a decoder {(d, k)} needs {shape}")

    def encode(self, x: ArrayLike) -> Array:
        """The codes (n, k) of samples x (n, d). Raises BadInput if x is not a finite (n, d) array."""
        x = samples(x)
        if x.shape[1] != len(self.b):
            raise BadInput(f"samples have {x.shape[1]} dimensions, the SAE {len(self.b)}")
        return np.maximum(0.0, (x - self.b) @ self.W_enc.T + self.b_enc)

    def point(self, problem: Instance) -> Point:
        """This SAE as a candidate solution of `problem`: its own dictionary, bias, amortised codes and encoder."""
        return Point(problem, self.D, self.b, self.encode(problem.x), Encoder(self.W_enc, self.b_enc))
