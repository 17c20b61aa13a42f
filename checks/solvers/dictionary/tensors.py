"""Joint optima of `checks.solvers.dictionary` for torch tensors, on their own device: what is done in another way.

The method and its formulas are those for arrays. Codes come from `checks.solvers.codes.tensors`, and products with the
Hessian take samples whose active sets have similar sizes together: beside arrays (n, k) there are their factors, of
Σ_i s_i² numbers for s_i active atoms. The host is told a few numbers per step of Newton's method and of conjugate
gradients, and only at the start which samples count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from checks.problem.instance import check_width
from checks.problem.tensors import on_one_device, per_sample_of, placed, samples_of, shared, weights_of
from checks.solvers.codes.tensors import chunks, improved
from checks.solvers.dictionary.newton import _Problem, _State, joint_of_arrays, minimum
from checks.solvers.dictionary.result import Joint, Search

_NEARLY_DEPENDENT = 1e-12  # added to G_jj = 1, so that a factor is real where codes keep atoms that nearly depend


def joint_of_tensors(
    x: Tensor, k: int, lam: Any, weights: Any, bias: bool, start: Any, search: Search
) -> Joint[Tensor]:
    """`joint` of a tensor x, on its device. The processor's memory is shared with numpy, and so is its solver."""
    on_one_device(x, λ=lam, weights=weights, start=start)
    if x.device.type != "cpu":
        return joint_on_device(x, k, lam, weights, bias, start, search)
    x, lam, weights, start = map(shared, (x, lam, weights, start))
    found = joint_of_arrays(x, k, lam, weights, bias, start, search)
    return placed(found, torch.device("cpu"))


def joint_on_device(x: Tensor, k: int, lam: Any, weights: Any, bias: bool, start: Any, search: Search) -> Joint[Tensor]:
    """`joint` by the methods of this module, on whatever device x is."""
    x = samples_of(x, "x", x)
    check_width(k)
    lam = per_sample_of(lam, "λ", x)
    w = weights_of(weights, x)
    scale = float(torch.maximum(x.abs().max(), lam.max())) or 1.0
    scaled: tuple[Any, Any, Any] = x / scale, lam / scale, w
    return minimum(_TensorProblem(*scaled, bias), scale, k, shared(start), search)


class _TensorProblem(_Problem):
    """A problem of tensors."""

    def codes(self, y: Any, D: Any, near: Any) -> Any:
        lam: Any = self.lam
        return improved(y, D, lam, y.new_zeros(len(y), D.shape[1]) if near is None else near).Z

    def measured(self, y: Any, D: Any, Z: Any) -> Any:
        w: Any = self.w
        r, wZ = y - Z @ D.T, w[:, None] * Z
        loss = 0.5 * (r * r).sum(dim=1) + self.lam * Z.sum(dim=1)
        return None, r, loss, r.T @ wZ, (self.lam @ wZ, wZ.sum(dim=0), (wZ * Z).sum(dim=0))

    def second_moments(self, state: _State) -> Any:
        return state.Z.T @ (self.w[:, None] * state.Z)

    def supports(self, state: _State) -> _Supports:
        return _Supports(state, self.w)


class _Supports:
    """Active sets of all samples, in blocks."""

    def __init__(self, state: Any, w: Any) -> None:
        self.D, G = state.D, state.D.T @ state.D
        self.blocks = [_block(G, state.Z[rows], state.r[rows], w[rows]) for rows in _alike(state.Z)]

    def curve(self, v: Any) -> Any:
        """Derivative of −(E[rzᵀ], E[r]) along v, with the codes following on their supports."""
        parts = [block.curve(self.D, *v) for block in self.blocks]
        return sum(H for H, _ in parts), sum(h for _, h in parts)


def _alike(Z: Tensor) -> Iterator[Tensor]:
    """Rows whose active sets fit into m slots, for m = 8, 16, 32, …, in chunks of a fixed size."""
    count = (Z > 0).sum(dim=1)
    widest, less, m = int(count.max()), -1, 8
    while less < widest:
        rows = ((count > less) & (count <= m)).nonzero()[:, 0]
        yield from chunks(rows, min(m, widest), Z.shape[1])
        less, m = m, 2 * m


@dataclass(frozen=True, eq=False)
class _Block:
    """Samples with active atoms S (c, m) and factors L Lᵀ = G_SS (c, m, m). Slots that are not on are for no atom."""

    S: Tensor
    on: Tensor
    L: Tensor
    Z: Tensor
    r: Tensor
    w: Tensor

    def curve(self, D: Tensor, V: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """What they add to the derivative: moved = Vz + c, G_SS dz = V_Sᵀr − D_Sᵀmoved, and −dr = moved + D dz."""
        moved = self.Z @ V.T + c
        slopes = self.on * (self.r @ V - moved @ D).gather(1, self.S)
        dz = torch.cholesky_solve(slopes[:, :, None], self.L)[:, :, 0]
        dZ = torch.zeros_like(self.Z).scatter(1, self.S, dz)
        moved = self.w[:, None] * (moved + dZ @ D.T)
        return moved.T @ self.Z - (self.w[:, None] * self.r).T @ dZ, moved.sum(dim=0)


def _block(G: Tensor, Z: Tensor, r: Tensor, w: Tensor) -> _Block:
    z, S = Z.topk(max(1, int((Z > 0).sum(dim=1).max())), dim=1)
    on = z > 0
    A = G[S[:, :, None], S[:, None, :]] * (on[:, :, None] & on[:, None, :])
    A.diagonal(dim1=1, dim2=2).add_(_NEARLY_DEPENDENT + (~on).to(A.dtype))
    return _Block(S, on, torch.linalg.cholesky_ex(A).L, Z, r, w)
