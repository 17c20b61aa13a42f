"""The batch-top-k SAE: the K n largest codes of n samples are kept, wherever they are.

As with top-k, parameters follow the gradient at a fixed support. In use a unit is kept above one threshold, halfway
between the least code that is kept and the largest that is not, as a mean over batches; if all samples are one batch,
these are the same codes.
Reference: B. Bussmann, P. Leask, N. Nanda (2024), arXiv:2412.06410.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from checks.saes.architectures.top_k import TopK
from checks.saes.sae import Batch, Parameters
from theory.problem import BATCH_TOP_K, Objective


@dataclass(frozen=True)
class BatchTopK(TopK):
    """K: how many units are active on average."""

    objective: ClassVar[Objective] = BATCH_TOP_K

    def start(self, D: Tensor, lam: Tensor) -> Parameters:
        return super().start(D, lam) | {"threshold": D.new_zeros(len(D), 1, 1)}

    def activate(self, pre: Tensor, p: Parameters) -> Tensor:
        silent = pre < _largest(pre.detach(), self.K * pre.shape[2])
        chosen = pre.masked_fill(silent, 0.0) if pre.requires_grad else pre.masked_fill_(silent, 0.0)
        return self.let_through(chosen, p)

    def codes(self, p: Parameters, x: Tensor) -> Tensor:
        pre = self.preactivations(p, x)
        return self.let_through(pre.masked_fill_(pre < p["threshold"], 0.0).relu_(), p)

    def settle(self, p: Parameters, batch: Batch) -> Parameters:
        pre, kept = self.preactivations(p, batch.x), self.K * batch.x.shape[1]
        return {"threshold": (_largest(pre, kept) + _largest(pre, kept + 1)) / 2}

    def in_units(self, p: Parameters, centre: Tensor, unit: float) -> Parameters:
        return super().in_units(p, centre, unit) | {"threshold": unit * p["threshold"]}


def _largest(pre: Tensor, rank: int) -> Tensor:
    """The pre-activation of this rank of each member, 0 if it is negative or there are not so many; (e, 1, 1)."""
    values = pre.reshape(len(pre), -1)
    if rank > values.shape[1]:
        return pre.new_zeros(len(pre), 1, 1)
    if pre.device.type == "cpu":  # where numpy selects in a fifth of torch's time
        found = torch.from_numpy(np.partition(values.numpy(), -rank, axis=1)[:, -rank])
    else:  # where the largest are found in a tenth of the time of one of them
        found = values.topk(rank, dim=1, sorted=False).values.amin(dim=1)
    return found.relu()[:, None, None]
