"""The top-k SAE: the K largest codes of each sample are kept, and nothing is penalised.

Which units are kept is constant around almost every point, so that parameters follow the gradient of the top-k problem
at a fixed support: all that is stationary about them holds, without a price. Nothing follows for the silent units.

Atoms are of unit norm in training. Where they are not, after a refit or in a file, who is chosen goes by what the
encoder says and not by what is let through: a `gain` for each unit, which in a file is the norm of its atom.
Reference: L. Gao et al. (2024), arXiv:2406.04093.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from checks.errors import BadInput
from checks.saes.sae import Architecture, Batch, Parameters, Seen
from theory.problem import TOP_K, Objective


@dataclass(frozen=True)
class TopK(Architecture):
    """K: how many units of a sample may be active."""

    objective: ClassVar[Objective] = TOP_K
    shrinks: ClassVar[bool] = False
    is_relu: ClassVar[bool] = False

    K: int = 4

    def numbers(self, k: int) -> dict[str, ArrayLike]:
        return {"K": self.K}

    def check(self, k: int) -> None:
        if not 1 <= self.K <= k:
            raise BadInput(f"K = {self.K}: expected 1 ≤ K ≤ k = {k}")

    def activate(self, pre: Tensor, p: Parameters) -> Tensor:
        # Transposed one by one: a matrix is copied by blocks, a stack of them is not, at four times the time.
        samples = torch.stack([member.T.contiguous() for member in pre])
        value, place = samples.topk(self.K, dim=2, sorted=False)
        return self.let_through(torch.zeros_like(pre).scatter_(1, place.mT, value.mT.relu()), p)

    def let_through(self, chosen: Tensor, p: Parameters) -> Tensor:
        """Codes of the units that are chosen."""
        return chosen * p["gain"] if "gain" in p else chosen

    def penalty(self, z: Tensor, p: Parameters, batch: Batch) -> Tensor:
        return torch.zeros_like(z[:, :1])

    def paid(self, z: Tensor, p: Parameters, batch: Batch) -> Tensor:
        return torch.zeros_like(p["W_dec"][:, :, :1])

    def slope(self, seen: Seen, p: Parameters, batch: Batch) -> Tensor:
        return self.let_through(super().slope(seen, p, batch), p)

    def rescaled(self, p: Parameters, s: Tensor, b_dec: Tensor) -> Parameters:
        """Who is chosen stays; what is let through is scaled."""
        return super().rescaled(p, torch.ones_like(s), b_dec) | {"gain": s * p.get("gain", 1.0)}
