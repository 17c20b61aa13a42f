"""The JumpReLU SAE: a unit is silent below a threshold of its own, and each active one costs λ.

The loss jumps where a unit crosses its threshold, and thresholds follow a straight-through estimator, the gradient of
no loss: nothing is promised of them. All other parameters follow the gradient at a fixed support, where an L0 penalty
is constant, so that all that is stationary about them holds, without a price.
Reference: S. Rajamanoharan et al. (2024), arXiv:2407.14435.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from checks.errors import BadInput
from checks.saes.sae import Architecture, Batch, Parameters, Seen, where_active
from theory.problem import L0, Objective


@dataclass(frozen=True)
class JumpReLU(Architecture):
    """z = pre if pre > threshold, else 0.

    bandwidth   width of the window around a threshold in which codes tell it where to go, on data of unit variance
    threshold   the first threshold, on the same data
    """

    objective: ClassVar[Objective] = L0
    price_degree: ClassVar[int] = 2
    shrinks: ClassVar[bool] = False
    is_relu: ClassVar[bool] = False

    bandwidth: float = 0.1
    threshold: float = 0.1

    def __post_init__(self) -> None:
        if not (self.bandwidth > 0 and self.threshold > 0):
            raise BadInput(f"bandwidth = {self.bandwidth}, threshold = {self.threshold}: expected both > 0")

    def start(self, D: Tensor, lam: Tensor) -> Parameters:
        return super().start(D, lam) | {"threshold": torch.full_like(D[:, :, :1], self.threshold)}

    def activate(self, pre: Tensor, p: Parameters) -> Tensor:
        return pre.masked_fill(pre <= p["threshold"], 0.0)

    def penalty(self, z: Tensor, p: Parameters, batch: Batch) -> Tensor:
        return batch.lam * (z > 0).sum(dim=1, keepdim=True)

    def paid(self, z: Tensor, p: Parameters, batch: Batch) -> Tensor:
        return torch.zeros_like(p["W_dec"][:, :, :1])

    def gradients(self, p: Parameters, batch: Batch) -> tuple[Parameters, Seen]:
        pre = self.preactivations(p, batch.x)
        seen = self.see(self.activate(pre, p), p, batch)
        slope = self.slope(seen, p, batch)
        found = {"threshold": self.straight_through(pre, slope, p["threshold"], batch)}
        found |= self.to_encoder(where_active(slope, seen.z), p, batch)
        return found | self.to_decoder(seen, found["b_dec"], p, batch), seen

    def straight_through(self, pre: Tensor, slope: Tensor, threshold: Tensor, batch: Batch) -> Tensor:
        """What raising a threshold is taken to change: the codes within the window around it go out, and pay no λ."""
        far = (pre - threshold).abs_() >= self.bandwidth / 2
        saved = (threshold * slope).add_(batch.price).masked_fill_(far, 0.0)
        return saved.sum(dim=2, keepdim=True) * (-batch.share / self.bandwidth)

    def normalise(self, p: Parameters) -> None:
        super().normalise(p)
        p["threshold"].clamp_(min=0.0)

    def rescaled(self, p: Parameters, s: Tensor, b_dec: Tensor) -> Parameters:
        return super().rescaled(p, s, b_dec) | {"threshold": s * p["threshold"]}

    def in_units(self, p: Parameters, centre: Tensor, unit: float) -> Parameters:
        return super().in_units(p, centre, unit) | {"threshold": unit * p["threshold"]}
