"""A decoder that is exactly optimal for what the encoder does, by Newton's method.

Units keep where they are active and in what proportions. What is left to choose is an atom of any length for each,
which the encoder then takes over as a gain, and the decoder bias:

    minimise over A, b   E[½ Σ_g ‖x − b − Σ_j M_gj A_j z_j‖²] + Σ_j (p_j ‖A_j‖ + q_j ‖A_j‖²/2),

with p_j = E[λ z_j] and q_j = γE[z_j²].

This is convex, with no kink but at A_j = 0, and depends on moments only: one pass over the samples, then k×k algebra.
At its optimum `scale`, `atom`, `unit` and `bias` hold to rounding error; so do A1 to A5 and B1. The encoder's own
conditions hold as well as training left them.

Where scaled units change who is active (top-k), this is repeated until nobody changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from checks.saes.sae import Architecture, Parameters
from checks.saes.source import blocks
from checks.saes.start import Task

ROUNDS = 30
ITERATIONS = 100
SWEEPS = 3
SMALL = 1e-12  # relative change of a gain, or decrement of the objective, that counts as none
RIDGE = 1e-12


@dataclass(frozen=True, eq=False)
class Quadratic:
    """½⟨A, HA⟩ − ⟨A, C⟩ + Σ_j p_j‖A_j‖ of rows A (m, d), H (m, m), C (m, d), p (m,)."""

    H: Tensor
    C: Tensor
    p: Tensor

    def value(self, A: Tensor) -> Tensor:
        return (A * (0.5 * self.H @ A - self.C)).sum() + (self.p * A.norm(dim=1)).sum()


def polished(
    kind: Architecture, p: Parameters, task: Task, bias: bool, settled: Callable[[Parameters], Parameters]
) -> Parameters:
    """Parameters of an ensemble in the units of the task, in float64, with optimal decoders.

    settled: the same parameters with those up to date that are measured.
    """
    p = {name: tensor.double() for name, tensor in p.items()}
    kind.normalise(p)
    chosen, nearest = p, torch.full((len(p["W_dec"]),), torch.inf, dtype=torch.float64, device=task.device)
    for _ in range(ROUNDS):
        gains, moved = _round(kind, p, task, bias)
        # How far gains are from 1 says how far a point is from its own optimum, and who was active there decides.
        better = gains < nearest
        chosen = {name: torch.where(better[:, None, None], p[name], chosen[name]) for name in p}
        nearest = torch.where(better, gains, nearest)
        if not nearest.max() > SMALL:
            break
        p = settled(moved)
    return chosen


def _round(kind: Architecture, p: Parameters, task: Task, bias: bool) -> tuple[Tensor, Parameters]:
    """Each member at the optimum for its own codes, and by how much that moved it."""
    found = [
        _member(kind, {name: tensor[i : i + 1] for name, tensor in p.items()}, task, i, bias)
        for i in range(len(p["W_dec"]))
    ]
    return torch.stack([gain for gain, _ in found]), {name: torch.cat([one[name] for _, one in found]) for name in p}


def _member(kind: Architecture, p: Parameters, task: Task, member: int, bias: bool) -> tuple[Tensor, Parameters]:
    posed = quadratic(kind, p, replace(task, dtype=torch.float64, lam=task.lam[member : member + 1]), bias)
    start = torch.cat([p["W_dec"][0], p["b_dec"][0].T]) if bias else p["W_dec"][0]
    A = minimiser(posed, start)
    k = p["W_dec"].shape[1]
    live = posed.H.diagonal()[:k] > 0
    length = torch.where(live, A[:k].norm(dim=1), 1.0)
    s = torch.ones_like(length) if kind.objective.has_free_norms else length
    moved = kind.rescaled(p, s[None, :, None], A[k:].T[None] if bias else p["b_dec"])
    keeps = (live & (length > 0))[:, None]
    moved["W_dec"] = torch.where(keeps, A[:k] / torch.where(s > 0, s, 1.0)[:, None], p["W_dec"][0])[None]
    return (A - start)[: k + bias].norm(dim=1).max() / start.norm(dim=1).max(), moved


def quadratic(kind: Architecture, p: Parameters, task: Task, bias: bool) -> Quadratic:
    """The problem of the decoder: moments of the codes, with a 1 in each sample if there is a bias."""
    k = p["W_dec"].shape[1]
    M = torch.as_tensor(np.asarray(kind.numbers(k).get("M", np.ones((1, k)))), dtype=torch.float64).to(task.device)
    M = torch.cat([M, M.new_ones(len(M), 1)], dim=1)
    H, C = M.new_zeros(k + 1, k + 1), M.new_zeros(k + 1, task.source.d)
    paid, squares = M.new_zeros(k), M.new_zeros(k)
    for rows in blocks(task.source):
        batch = replace(task.batch(rows), share=1 / task.source.n)
        z = kind.codes(p, batch.x)
        ones = torch.cat([z[0], torch.ones_like(z[0, :1])])
        weighed = batch.share * batch.weighed(ones)
        priced = batch.mean(batch.lam * z)[0, :, 0]
        H.addmm_(weighed, ones.T)
        C.addmm_(weighed, batch.samples.T)
        paid += priced
        squares += kind.paid(z, p, batch)[0, :, 0] - priced
    H, C = H * (M.T @ M), C * M.sum(dim=0)[:, None]
    if kind.shrinks:
        H = H + torch.diag(torch.cat([squares, squares.new_zeros(1)]))
    else:
        paid = torch.zeros_like(paid)
    size = k + bias
    return Quadratic(H[:size, :size], C[:size], torch.cat([paid, paid.new_zeros(1)])[:size])


def minimiser(q: Quadratic, A: Tensor) -> Tensor:
    """The minimum, from A. Sweeps over single rows say which are 0; Newton's method does the rest."""
    for _ in range(SWEEPS):
        A = _sweep(q, A)
    for _ in range(ITERATIONS):
        step, decrement = _newton(q, A)
        if not decrement > 0:
            break
        A, done = _line_search(q, A, step, decrement)
        if done:
            break
    return A


def _sweep(q: Quadratic, A: Tensor) -> Tensor:
    """Each row at its best, the others given."""
    A, diagonal = A.clone(), q.H.diagonal()
    for j in (diagonal > 0).nonzero()[:, 0].tolist():
        rest = q.C[j] - q.H[j] @ A + diagonal[j] * A[j]
        length = rest.norm()
        A[j] = rest * (torch.clamp(1 - q.p[j] / length, min=0.0) if length > 0 else 0.0) / diagonal[j]
    return A


def _newton(q: Quadratic, A: Tensor) -> tuple[Tensor, Tensor]:
    """The step on rows that are not 0, by conjugate gradients, and the decrease that it promises."""
    length = A.norm(dim=1, keepdim=True)
    live = (length[:, 0] > 0) & (q.H.diagonal() > 0)
    H, B, size = q.H[live][:, live], A[live], length[live]
    curvature, along = q.p[live][:, None] / size, B / size
    gradient = H @ B - q.C[live] + q.p[live][:, None] * along
    diagonal = torch.diag(curvature[:, 0] + RIDGE * H.diagonal().max())
    factor = torch.linalg.cholesky(H + diagonal)

    def hessian(V: Tensor) -> Tensor:
        return H @ V + curvature * (V - along * (along * V).sum(dim=1, keepdim=True))

    step = _conjugate_gradients(hessian, -gradient, factor)
    found = torch.zeros_like(A)
    found[live] = step
    return found, -(gradient * step).sum()


def _conjugate_gradients(hessian: Callable[[Tensor], Tensor], target: Tensor, factor: Tensor) -> Tensor:
    """Solve hessian(V) = target, preconditioned by a matrix of this Cholesky factor."""
    V, rest = torch.zeros_like(target), target
    ahead = torch.cholesky_solve(rest, factor)
    direction, power = ahead, (rest * ahead).sum()
    first = power
    for _ in range(ITERATIONS):
        if not power > RIDGE**2 * first:
            break
        curved = hessian(direction)
        length = power / (direction * curved).sum()
        V, rest = V + length * direction, rest - length * curved
        ahead = torch.cholesky_solve(rest, factor)
        power, before = (rest * ahead).sum(), power
        direction = ahead + power / before * direction
    return V


def _line_search(q: Quadratic, A: Tensor, step: Tensor, decrement: Tensor) -> tuple[Tensor, bool]:
    """The step, halved until it lowers the objective; whether it was too small to tell."""
    value = q.value(A)
    if decrement <= SMALL * (1 + value.abs()) * SMALL:
        return A + step, True
    t = 1.0
    while t > SMALL:
        trial = A + t * step
        if q.value(trial) <= value - 1e-4 * t * decrement + torch.finfo(A.dtype).eps * value.abs():
            return trial, False
        t /= 2
    return A, True
