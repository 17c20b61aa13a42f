"""Training of vanilla SAEs, several at once: full-batch or stochastic Adam with a learning rate that decays to zero.

What is trained is exactly the amortised problem (THEORY §0), so that its moment laws (A1, B1, E1, E2) hold as closely
as the optimiser converges. Data are centred and scaled first, and the result given in the user's units: one learning
rate suits all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from checks.errors import BadInput
from checks.problem.instance import Array, Instance, instance
from checks.problem.tensors import usable
from checks.saes.vanilla import SAE
from checks.threads import one_thread

Progress = Callable[[int, int, float], None]

# A short second-moment memory: with the usual 0.999 the step sizes lag behind the shrinking gradient, and after as many
# full-batch steps A1 is violated 2 (patches) to 8 (digits) times as much.
BETAS = (0.9, 0.95)
# Long: large early steps, while the initial atoms overshoot together, kill a third of 256 atoms on digits.
WARM_UP = 0.1
# Relative size of the random part of an initial atom: enough to part atoms that start from equal samples.
JITTER = 0.1
REPORTS = 100


def train(
    x: ArrayLike,
    k: int,
    lam: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    bias: bool = True,
    seeds: Sequence[int] = (0,),
    steps: int = 4000,
    batch: int | None = None,
    lr: float = 0.02,
    device: str = "cpu",
    dtype: str = "float32",
    progress: Progress | None = None,
) -> list[SAE]:
    """Minimise Σ_i w_i(½‖r_i‖² + λ_i 1ᵀz_i) over vanilla SAEs with k unit-norm atoms; one SAE per seed, in order.

    x: (n, d) samples; lam: λ ≥ 0, a scalar or one per sample; weights: w, rescaled to sum 1; bias: whether the decoder
    bias b is free (else 0); batch: samples per step, all if None; lr: highest learning rate, for data of unit
    variance; dtype: "float32" or "float64" for the training, the result is float64; progress: called now and then with
    (step, steps, mean loss of the members on the current batch). The members are trained side by side and do not
    influence each other. The same seed gives the same SAE on the same machine and device.

    Raises BadInput for bad data, sizes, dtype, a device that is not there, or a result that is not finite.
    """
    problem, centre, unit = _standardised(instance(x, k, lam, weights=weights, bias=bias))
    size = problem.n if batch is None else batch
    if not (steps >= 1 and 1 <= size <= problem.n and lr > 0):
        raise BadInput(f"steps = {steps}, batch = {size}, lr = {lr}: all positive, and batch ≤ n = {problem.n}")
    if not (len(seeds) > 0 and min(seeds) >= 0):
        raise BadInput(f"seeds = {list(seeds)}: expected one or more integers ≥ 0")
    tensor = _tensors(device, dtype)
    generators = [np.random.default_rng(seed) for seed in seeds]
    members = _Members.start(np.stack([_atoms(problem, rng) for rng in generators]), problem, tensor)
    optimiser = torch.optim.Adam(members.parameters(bias), lr=lr, betas=BETAS, fused=True)
    with torch.no_grad(), one_thread(size * k * len(seeds)):
        for step, samples in zip(range(steps), _batches(problem, size, generators, tensor)):
            optimiser.param_groups[0]["lr"] = lr * _schedule(step / steps)
            residual, codes = members.descend(*samples)
            optimiser.step()
            members.D.div_(members.D.norm(dim=1, keepdim=True))
            if progress is not None and (step + 1 == steps or step % math.ceil(steps / REPORTS) == 0):
                progress(step + 1, steps, unit**2 * _loss(residual, codes, *samples[1:]) / len(seeds))
    return members.saes(centre, unit)


@dataclass(frozen=True, eq=False)
class _Members:
    """An ensemble of SAEs. Shapes: W (e, k, d), c (e, 1, k), D (e, d, k), b (e, 1, d)."""

    W: Tensor
    c: Tensor
    D: Tensor
    b: Tensor

    @classmethod
    def start(cls, D: Array, problem: Instance, tensor: Callable[[Array], Tensor]) -> _Members:
        """z = ReLU(Dᵀx − λ): the first proximal step from zero, and the optimal code if the atoms are orthonormal."""
        e, d, k = D.shape
        c = np.full((e, 1, k), -problem.weights @ problem.lam)
        return cls(tensor(D.transpose(0, 2, 1)), tensor(c), tensor(D), tensor(np.zeros((e, 1, d))))

    def parameters(self, bias: bool) -> list[Tensor]:
        return [self.W, self.c, self.D, self.b] if bias else [self.W, self.c, self.D]

    def descend(self, x: Tensor, w: Tensor, lam: Tensor) -> tuple[Tensor, Tensor]:
        """Set the gradients of the loss by hand, which is twice as fast as autograd; give residuals and codes."""
        W, c, D, b = self.W, self.c, self.D, self.b
        x = x - b
        z = torch.baddbmm(c, x, W.mT).relu_()
        r = torch.baddbmm(x, z, D.mT, alpha=-1)
        wr = w * r
        slope = (w * lam - wr @ D).mul_(z.sign())
        W.grad = slope.mT @ x
        c.grad = slope.sum(dim=1, keepdim=True)
        b.grad = -wr.sum(dim=1, keepdim=True) - c.grad @ W
        ascent = wr.mT @ z
        # The part along the atom would only change its norm, which is fixed.
        D.grad = D * (D * ascent).sum(dim=1, keepdim=True) - ascent
        return r, z

    def saes(self, centre: Array, unit: float) -> list[SAE]:
        """The members in the user's units, atoms renormalised in float64."""
        W, c, D, b = (p.to("cpu", torch.float64).numpy() for p in (self.W, self.c, self.D, self.b))
        if not all(np.isfinite(part).all() for part in (W, c, D, b)):
            raise BadInput("training diverged to values that are not finite: lower lr")
        D = D / np.linalg.norm(D, axis=1, keepdims=True)
        return [SAE(W[i], unit * c[i, 0], D[i], centre + unit * b[i, 0]) for i in range(len(D))]


def _loss(r: Tensor, z: Tensor, w: Tensor, lam: Tensor) -> float:
    return float((w * (0.5 * r.square().sum(dim=-1, keepdim=True) + lam * z.sum(dim=-1, keepdim=True))).sum())


def _schedule(t: float) -> float:
    """Share of the learning rate at the fraction t of the run: a linear warm-up, then a cosine to zero."""
    return min(1.0, t / WARM_UP) * 0.5 * (1.0 + math.cos(math.pi * t))


def _standardised(problem: Instance) -> tuple[Instance, Array, float]:
    """The problem with mean 0 (if a bias can absorb it) and mean square 1, and the centre and unit to return by."""
    counts = problem.weights > 0
    x, lam, weights = problem.x[counts], problem.lam[counts], problem.weights[counts]
    centre = weights @ x if problem.bias else np.zeros(problem.d)
    x = x - centre
    unit = _root_mean_square(x, weights) or float(lam.max()) or 1.0
    return instance(x / unit, problem.k, lam / unit, weights=weights, bias=problem.bias), centre, unit


def _root_mean_square(x: Array, weights: Array) -> float:
    # Divided by the largest entry first, so that squares neither overflow nor underflow.
    largest = float(np.abs(x).max()) or 1.0
    return largest * math.sqrt(float(weights @ ((x / largest) ** 2).mean(axis=1)))


def _atoms(problem: Instance, rng: np.random.Generator) -> Array:
    """Initial atoms (d, k): directions of random samples, slightly jittered.

    A sample is chosen in proportion to w(‖x‖ − λ)₊, how strongly it would activate its own atom, so that no atom starts
    dead unless all do.
    """
    drive = problem.weights * np.maximum(0.0, np.linalg.norm(problem.x, axis=1) - problem.lam)
    chance = drive / drive.sum() if drive.sum() > 0 else problem.weights
    chosen = rng.choice(problem.n, problem.k, replace=bool(problem.k > np.count_nonzero(chance)), p=chance)
    return _unit(_unit(problem.x[chosen].T) + JITTER * _unit(rng.standard_normal((problem.d, problem.k))))


def _unit(D: Array) -> Array:
    """Columns scaled to length 1; zero columns stay."""
    length = np.linalg.norm(D, axis=0)
    return D / np.where(length > 0, length, 1.0)


def _tensors(device: str, dtype: str) -> Callable[[Array], Tensor]:
    """How to put an array on the device."""
    if dtype not in ("float32", "float64"):
        raise BadInput(f"dtype {dtype!r}: expected float32 or float64")
    place = usable(device, getattr(torch, dtype))
    # A copy in C order: the fused optimiser silently mixes up entries of a transposed view.
    return lambda array: torch.from_numpy(np.array(array, dtype=dtype, order="C")).to(place)


def _batches(
    problem: Instance, size: int, generators: Sequence[np.random.Generator], tensor: Callable[[Array], Tensor]
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Endless x (e, size, d), w and λ (e, size, 1), with w scaled so that a batch estimates the whole sum."""
    x, w, lam = (tensor(a) for a in (problem.x, problem.weights[:, None], problem.lam[:, None]))
    if size == problem.n:
        while True:
            yield x[None], w[None], lam[None]
    streams = [_epochs(problem.n, size, rng) for rng in generators]
    while True:
        rows = torch.from_numpy(np.stack([next(stream) for stream in streams])).to(x.device)
        yield x[rows], w[rows] * (problem.n / size), lam[rows]


def _epochs(n: int, size: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Batches of row numbers without replacement; the incomplete last one of each epoch is dropped."""
    while True:
        order = rng.permutation(n)
        yield from order[: n - n % size].reshape(-1, size)
