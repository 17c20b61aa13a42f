"""The SAE with an elastic net penalty, λ z + γ z²/2.

All its parameters follow the gradient of the elastic net problem. Reference: THEORY A5, its fingerprint.
"""

from dataclasses import dataclass
from typing import ClassVar

from numpy.typing import ArrayLike
from torch import Tensor

from checks.errors import BadInput
from checks.saes.sae import Architecture, Batch, Parameters, Seen
from theory.problem import ELASTIC_NET, Objective


@dataclass(frozen=True)
class ElasticNet(Architecture):
    """gamma: γ ≥ 0."""

    objective: ClassVar[Objective] = ELASTIC_NET

    gamma: float = 0.1

    def __post_init__(self) -> None:
        if not self.gamma >= 0:
            raise BadInput(f"gamma = {self.gamma}: expected a number ≥ 0")

    def numbers(self, k: int) -> dict[str, ArrayLike]:
        return {"gamma": self.gamma}

    def penalty(self, z: Tensor, p: Parameters, batch: Batch) -> Tensor:
        return super().penalty(z, p, batch) + self.gamma / 2 * z.square().sum(dim=1, keepdim=True)

    def paid(self, z: Tensor, p: Parameters, batch: Batch) -> Tensor:
        return super().paid(z, p, batch) + self.gamma * batch.mean(z.square())

    def slope(self, seen: Seen, p: Parameters, batch: Batch) -> Tensor:
        return super().slope(seen, p, batch).add_(batch.weighed(seen.z), alpha=self.gamma)
