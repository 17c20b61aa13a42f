"""The Matryoshka SAE: every prefix of the dictionary reconstructs too, and their errors add up.

All its parameters follow the gradient of the Matryoshka problem itself, whose conditions are about those errors.
Reference: B. Bussmann et al. (2025), arXiv:2503.17547, here with an L1 penalty.
"""

from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from checks.errors import BadInput
from checks.saes.sae import Architecture, Batch, Parameters, Seen, price_less_pull
from theory.problem import MATRYOSHKA, Objective


@dataclass(frozen=True)
class Matryoshka(Architecture):
    """prefixes: how many prefixes there are, each half as long as the next one; the last has all latents."""

    objective: ClassVar[Objective] = MATRYOSHKA

    prefixes: int = 3

    def check(self, k: int) -> None:
        if not (self.prefixes >= 1 and 2 ** (self.prefixes - 1) <= k):
            raise BadInput(f"prefixes = {self.prefixes}: expected between 1 and 1 + log₂ k, with k = {k}")

    def lengths(self, k: int) -> list[int]:
        return [k >> (self.prefixes - 1 - g) for g in range(self.prefixes)]

    def blocks(self, k: int) -> list[slice]:
        """What each prefix has beyond the one before it."""
        return [slice(start, end) for start, end in pairwise([0, *self.lengths(k)])]

    def numbers(self, k: int) -> dict[str, ArrayLike]:
        return {"M": np.arange(k) < np.array(self.lengths(k))[:, None]}

    def errors(self, z: Tensor, p: Parameters, batch: Batch) -> list[Tensor]:
        """The residual of each prefix, (e, d, n)."""
        D, blocks = p["W_dec"], self.blocks(z.shape[1])
        parts = [D[:, block].mT @ z[:, block] for block in blocks]
        return list(accumulate(parts, torch.sub, initial=batch.samples - p["b_dec"]))[1:]

    def cost(self, z: Tensor, p: Parameters, batch: Batch) -> Tensor:
        squares = torch.stack([error.square() for error in self.errors(z, p, batch)]).sum(dim=(0, 2))[:, None]
        return batch.mean(0.5 * squares + self.penalty(z, p, batch))[:, 0, 0]

    def see(self, z: Tensor, p: Parameters, batch: Batch) -> Seen:
        """felt has an axis more, the blocks: a unit feels the errors of its own prefix and of all longer ones."""
        errors, price = self.errors(z, p, batch), batch.price.expand(len(z), 1, z.shape[2])
        sums = list(accumulate(map(batch.weighed, reversed(errors)), torch.add))[::-1]
        pairs = zip(self.blocks(z.shape[1]), sums)
        pull = torch.cat([z[:, block] @ felt.mT for block, felt in pairs], dim=1)
        return Seen(z, errors[-1], batch.share * pull, torch.stack([torch.cat([felt, price], dim=1) for felt in sums]))

    def slope(self, seen: Seen, p: Parameters, batch: Batch) -> Tensor:
        D, per_price = p["W_dec"], self.per_price(p)
        pairs = zip(self.blocks(D.shape[1]), seen.felt)
        return torch.cat(
            [price_less_pull(D[:, block], per_price[:, block], felt, batch.price) for block, felt in pairs], dim=1
        )

    def to_decoder(self, seen: Seen, through: Tensor, p: Parameters, batch: Batch) -> Parameters:
        """The bias is part of every prefix, as the first block is."""
        return super().to_decoder(replace(seen, felt=seen.felt[0]), through, p, batch)
