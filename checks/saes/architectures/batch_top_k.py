"""The batch-top-k SAE: the K n largest codes of n samples are kept, wherever they are.

As with top-k, parameters follow the gradient at a fixed support. In use a unit is kept above one threshold, the mean
over batches of the least code that was kept; if all samples are one batch, these are the same codes.
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

    def least_kept(self, pre: Tensor) -> Tensor:
        """The K n-th largest pre-activation of each member, 0 if that is negative; (e, 1, 1)."""
        values, kept = pre.reshape(len(pre), -1), self.K * pre.shape[2]
        if pre.device.type == "cpu":  # where numpy selects in a fifth of torch's time
            least = torch.from_numpy(np.partition(values.numpy(), -kept, axis=1)[:, -kept])
        else:  # where the largest are found in a tenth of the time of the K n-th
            least = values.topk(kept, dim=1, sorted=False).values.amin(dim=1)
        return least.relu()[:, None, None]

    def activate(self, pre: Tensor, p: Parameters) -> Tensor:
        silent = pre < self.least_kept(pre.detach())
        return pre.masked_fill(silent, 0.0) if pre.requires_grad else pre.masked_fill_(silent, 0.0)

    def codes(self, p: Parameters, x: Tensor) -> Tensor:
        pre = self.preactivations(p, x)
        return pre.masked_fill_(pre < p["threshold"], 0.0).relu_()

    def settle(self, p: Parameters, batch: Batch) -> Parameters:
        return {"threshold": self.least_kept(self.preactivations(p, batch.x))}

    def in_units(self, p: Parameters, centre: Tensor, unit: float) -> Parameters:
        return super().in_units(p, centre, unit) | {"threshold": unit * p["threshold"]}
