"""Where training starts: data of unit size, and atoms along samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from checks.errors import BadInput
from checks.problem.instance import Array, per_sample
from checks.saes.sae import Batch
from checks.saes.source import InMemory, Rows, Source

# Relative size of the random part of an initial atom: enough to part atoms that start from equal samples.
JITTER = 0.1
# Samples from which centre, unit and first atoms are taken. Any would do: they make the problem no other one.
SAMPLED = 2**16
TINY = math.sqrt(np.finfo(np.float64).tiny)  # its square can be told from 0, and that of its inverse from ∞


@dataclass(frozen=True, eq=False)
class Task:
    """What a training run sees: samples less their mean, in units of their root mean square, on a device.

    weights: (n,) summing to 1, or None if all are equal; lam: λ of each member in these units, (e, 1) or (e, n).
    """

    source: Source
    weights: Array | None
    lam: Array
    centre: Array
    unit: float
    device: torch.device
    dtype: torch.dtype

    @cached_property
    def ready(self) -> Tensor | None:
        """All samples in these units on the device, if they are in memory anyway."""
        if not isinstance(self.source, InMemory):
            return None
        return self.tensor((self.source.x - self.centre) / self.unit)

    def samples(self, rows: Rows) -> Tensor:
        """(len(rows), d)."""
        if self.ready is not None:
            return self.ready[torch.from_numpy(rows).to(self.device)]
        x = self.source.rows(rows).to(self.device, torch.float64)
        return ((x - self.tensor(self.centre, exact=True)) / self.unit).to(self.dtype)

    def batch(self, rows: Rows) -> Batch:
        """These samples, weighted so that they estimate the sum over all."""
        n = self.source.n
        w = None if self.weights is None else self.tensor(self.weights[rows] * n)
        lam = self.one_price if self.lam.shape[1] == 1 else self.tensor(self.lam[:, None, rows])
        return Batch.of(self.samples(rows), lam, 1 / len(rows), w)

    @cached_property
    def one_price(self) -> Tensor:
        """λ of each member where it is the same for all samples, (e, 1, 1)."""
        return self.tensor(self.lam[:, None, :1])

    def tensor(self, array: Array, exact: bool = False) -> Tensor:
        # A copy in C order: the fused optimiser silently mixes up entries of a transposed view.
        values = torch.from_numpy(np.array(array, dtype=np.float64, order="C"))
        return values.to(self.device, torch.float64 if exact else self.dtype)


def task(
    source: Source,
    lam: Sequence[float] | Array,
    weights: Array | None,
    bias: bool,
    price_degree: int,
    device: torch.device,
    dtype: torch.dtype,
) -> Task:
    """lam: λ of each member, (e,) or (e, n).

    Raises BadInput if squares of the samples, or λ in units of them, cannot be told from 0 or ∞.
    """
    lam = np.asarray(lam, dtype=np.float64)
    lam = lam[:, None] if lam.ndim == 1 else lam
    if isinstance(source, InMemory) and weights is not None:
        counts = weights > 0
        source, weights = InMemory(source.x[counts]), weights[counts] / weights[counts].sum()
        lam = lam[:, counts] if lam.shape[1] > 1 else lam
    rows = sampled(source)
    x = source.rows(rows).to(torch.float64).numpy()
    shares = np.full(len(x), 1 / len(x)) if weights is None else weights[rows] / weights[rows].sum()
    centre = shares @ x if bias else np.zeros(source.d)
    unit = _root_mean_square(x - centre, shares) or float(lam.max()) or 1.0
    if not TINY < unit < 1 / TINY or not lam.max() / unit**price_degree < torch.finfo(dtype).max:
        name = str(dtype).removeprefix("torch.")
        raise BadInput(
            f"samples of size {unit:.3g} with λ = {lam.max():.3g} are out of the range of {name}: scale them"
        )
    return Task(source, weights, lam / unit**price_degree, centre, unit, device, dtype)


def sampled(source: Source) -> Rows:
    """All samples, or as many as are enough, evenly spread."""
    return np.unique(np.linspace(0, source.n - 1, min(source.n, SAMPLED)).astype(np.int64))


def _root_mean_square(x: Array, weights: Array) -> float:
    # Divided by the largest entry first, so that squares neither overflow nor underflow.
    largest = float(np.abs(x).max()) or 1.0
    return largest * math.sqrt(float(weights @ ((x / largest) ** 2).mean(axis=1)))


def first_atoms(task: Task, k: int, seeds: Sequence[int], shrinks: bool) -> tuple[Tensor, Tensor]:
    """Atoms of each member as rows (e, k, d), and its mean price (e, 1, 1)."""
    rows = sampled(task.source)
    x = (task.source.rows(rows).to(torch.float64).numpy() - task.centre) / task.unit
    weights = np.full(len(x), 1 / len(x)) if task.weights is None else task.weights[rows] / task.weights[rows].sum()
    prices = [per_sample(lam[0] if len(lam) == 1 else lam[rows], len(x), "λ") for lam in task.lam]
    atoms = [
        _atoms(x, weights, price if shrinks else np.zeros(len(x)), k, np.random.default_rng(seed))
        for price, seed in zip(prices, seeds, strict=True)
    ]
    means = np.array([weights @ price for price in prices])
    return task.tensor(np.stack(atoms)), task.tensor(means[:, None, None])


def _atoms(x: Array, weights: Array, lam: Array, k: int, rng: np.random.Generator) -> Array:
    """Directions of random samples, slightly jittered, (k, d).

    A sample is chosen in proportion to w(‖x‖ − λ)₊, how strongly it would activate its own atom, so that no atom starts
    dead unless all do.
    """
    drive = weights * np.maximum(0.0, np.linalg.norm(x, axis=1) - lam)
    chance = drive / drive.sum() if drive.sum() > 0 else weights
    chosen = rng.choice(len(x), k, replace=bool(k > np.count_nonzero(chance)), p=chance)
    return _unit(_unit(x[chosen].T) + JITTER * _unit(rng.standard_normal((x.shape[1], k)))).T


def _unit(D: Array) -> Array:
    """Columns scaled to length 1; zero columns stay."""
    length = np.linalg.norm(D, axis=0)
    return D / np.where(length > 0, length, 1.0)
