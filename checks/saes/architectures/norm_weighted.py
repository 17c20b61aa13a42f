"""The SAE whose atoms are free in norm and whose penalty counts a code by the norm of its atom.

Rescaling an atom and its code changes nothing, so that norms are no constraint and `unit` is not promised.
Reference: T. Conerly et al., Update on how we train SAEs, Transformer Circuits (April 2024).
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from checks.saes.promises import STATIONARY_PARAMETERS
from checks.saes.sae import Architecture, Batch, Parameters, Seen, row_norms
from theory.problem import NORM_WEIGHTED, Objective


@dataclass(frozen=True)
class NormWeighted(Architecture):
    """φ is λ z_j‖d_j‖. Its encoder sees x, as its authors have it."""

    objective: ClassVar[Objective] = NORM_WEIGHTED
    promises: ClassVar[frozenset[str]] = STATIONARY_PARAMETERS - {"unit"}

    tied: bool = False

    def penalty(self, z: Tensor, p: Parameters, batch: Batch) -> Tensor:
        return batch.lam * (row_norms(p["W_dec"]) * z).sum(dim=1, keepdim=True)

    def per_price(self, p: Parameters) -> Tensor:
        return row_norms(p["W_dec"])

    def to_atoms(self, seen: Seen, p: Parameters, batch: Batch) -> Tensor:
        length = row_norms(p["W_dec"])
        return self.paid(seen.z, p, batch) * p["W_dec"] / torch.where(length > 0, length, 1.0) - seen.pull
