"""What an SAE is like on samples: loss, sparsity, error, and how far it is from the laws of its own objective."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from checks.problem.instance import Array
from checks.saes.sae import SAE, Architecture, Batch, Parameters, Seen, row_norms
from checks.saes.source import Rows, Source, blocks


def law(kind: Architecture, p: Parameters, batch: Batch, seen: Seen) -> tuple[Tensor, Tensor]:
    """λ as it reads off each latent (A5), and its relative violation of A1; (e, k) each, NaN where nothing is live."""
    priced = batch.mean(batch.lam * seen.z)
    paid, squares = kind.paid(seen.z, p, batch), batch.mean(seen.z.square())
    return _law(kind, p["W_dec"], seen.pull, paid, squares, priced, batch.mean(seen.z))


def _law(
    kind: Architecture, D: Tensor, pull: Tensor, paid: Tensor, squares: Tensor, priced: Tensor, codes: Tensor
) -> tuple[Tensor, Tensor]:
    """A1: the pull on an atom is what its unit pays, along the atom. Relative to that, or to E[z²] if nothing is paid.

    A5: what a unit is pulled by, beyond what it pays for its square, is λ for each unit of activation.
    """
    along = D / row_norms(D)
    off = (pull - paid * along).norm(dim=2, keepdim=True)
    read = ((pull * along).sum(dim=2, keepdim=True) - (paid - priced)) / codes
    violation = off / torch.where(paid > 0, paid, squares)
    return (read if kind.shrinks else torch.full_like(read, torch.nan))[..., 0], violation[..., 0]


@dataclass(frozen=True, eq=False)
class Figures:
    """An SAE on samples.

    loss       its training loss with the codes in use, in the units of the samples
    l0         how many units are active on average
    fvu        share of variance that is not explained
    rates      how often each latent is active, (k,)
    lam        what A5 reads off each latent, NaN where it is dead or pays no price, (k,)
    violation  of A1, relative, NaN where it is dead, (k,)
    """

    loss: float
    l0: float
    fvu: float
    rates: Array
    lam: Array
    violation: Array

    @property
    def live(self) -> NDArray[np.bool_]:
        return self.rates > 0


def figures(sae: SAE, source: Source, lam: float | Array, weights: Array | None = None, device: str = "cpu") -> Figures:
    """Measured in one pass over all samples, in float64; lam: a scalar or (n,); weights (n,) summing to 1."""
    kind, p = sae.architecture, {name: tensor.to(device) for name, tensor in sae.parameters.items()}
    total: dict[str, Tensor] = {}
    for rows in blocks(source):
        batch = _batch(source, rows, np.asarray(lam, dtype=np.float64), weights, device)
        seen = kind.see(kind.codes(p, batch.x), p, batch)
        found = {
            "loss": kind.cost(seen.z, p, batch),
            "rates": batch.mean((seen.z > 0).double())[..., 0],
            "errors": batch.mean(seen.r.square()).sum(),
            "x": batch.mean(batch.samples),
            "squares of x": batch.mean(batch.samples.square()),
            "pull": seen.pull,
            "paid": kind.paid(seen.z, p, batch),
            "squares": batch.mean(seen.z.square()),
            "priced": batch.mean(batch.lam * seen.z),
            "codes": batch.mean(seen.z),
        }
        total = {name: value + total.get(name, 0.0) for name, value in found.items()}
    pull, paid, squares, priced = (total[name] for name in ("pull", "paid", "squares", "priced"))
    read, violation = _law(kind, p["W_dec"], pull, paid, squares, priced, total["codes"])
    spread = (total["squares of x"] - total["x"] ** 2).sum()
    return Figures(
        loss=float(total["loss"][0]),
        l0=float(total["rates"].sum()),
        fvu=float(total["errors"] / spread),
        rates=total["rates"][0].cpu().numpy(),
        lam=read[0].cpu().numpy(),
        violation=violation[0].cpu().numpy(),
    )


def _batch(source: Source, rows: Rows, lam: Array, weights: Array | None, device: str) -> Batch:
    """Samples with weights as parts of the whole."""
    prices = lam.reshape(1, 1, 1) if lam.ndim == 0 else lam[rows][None, None]
    w = None if weights is None else torch.from_numpy(weights[rows] * source.n).to(device)
    x = source.rows(rows).to(device, torch.float64)
    return Batch.of(x, torch.from_numpy(prices).to(device), 1 / source.n, w)
