"""The codes of `checks.solvers.codes` for torch tensors, on their own device: all samples of a chunk move in step.

The same active-set method, in operations on padded active sets (c, m): every step the gradient is computed anew from
samples and dictionary, a few atoms enter the settled active sets, all take their Newton step or, where the entering
atom depends on the active ones, follow the null direction, and atoms that block the way leave. Nothing is copied to
the host but a verdict every few steps. Samples with larger active sets wait for a later pass with more room, in smaller
chunks: memory is O(nk + k²) plus chunks of a fixed size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from checks.errors import BadInput
from checks.problem.tensors import on_one_device, per_sample_of, samples_of, shared
from checks.solvers.codes.active_set import codes_of_arrays
from checks.solvers.codes.result import Codes, outcome_of

_AIM = 1e-14  # natural residual, relative to ‖x‖ + λ, that is as good as it gets
_DEPENDENT = 1e-13  # as in `checks.solvers.codes`
_APART = 0.05  # squared distance to the active atoms of those that enter after the first
_GROUP = 8  # most atoms that enter at once
_BETWEEN = 2  # steps between two looks at the outcome, where samples that are solved drop out
_CHUNK = {"cpu": 1 << 21, "cuda": 1 << 26}  # numbers in the largest temporary


def codes_of_tensors(x: Tensor, D: Any, lam: Any, start: Any, max_iterations: int) -> Codes[Tensor]:
    """`codes` of a tensor x, on its device. The processor's memory is shared with numpy, and so is its solver."""
    on_one_device(x, D=D, λ=lam, start=start)
    if x.device.type != "cpu":
        return codes_on_device(x, D, lam, start, max_iterations)
    found = codes_of_arrays(*map(shared, (x, D, lam)), start=shared(start), max_iterations=max_iterations)
    return Codes(torch.from_numpy(found.Z), found.residual, found.outcome)


def codes_on_device(x: Tensor, D: Any, lam: Any, start: Any, max_iterations: int) -> Codes[Tensor]:
    """`codes` by the method of this module, on whatever device x is. Arguments, result and errors are the same."""
    x, D = samples_of(x, "x", x), samples_of(D, "D", x)
    n, k = x.shape[0], D.shape[1]
    if D.shape[0] != x.shape[1]:
        raise BadInput(f"D has {D.shape[0]} rows, the samples have {x.shape[1]} coordinates")
    lam = per_sample_of(lam, "λ", x)
    Z = x.new_zeros(n, k) if start is None else _start(start, n, k, x)
    return improved(x, D, lam, Z, max_iterations)


def improved(x: Tensor, D: Tensor, lam: Tensor, Z: Tensor, max_iterations: int = 10_000) -> Codes[Tensor]:
    """`codes` from the feasible start Z, of input that is trusted."""
    size = sizes_of(x, lam)
    Z = Z / size[:, None]
    residual, finished = _improve(x / size[:, None], D, lam / size, Z, max_iterations)
    return outcome_of(Z * size[:, None], float(residual.max()), finished)


def _start(start: Any, n: int, k: int, x: Tensor) -> Tensor:
    Z = samples_of(start, "start", x)
    if Z.shape != (n, k):
        raise BadInput(f"start has shape {tuple(Z.shape)}, expected {(n, k)}")
    return Z.clamp(min=0.0)


def sizes_of(x: Tensor, lam: Tensor) -> Tensor:
    """‖x‖ + λ per sample without overflow or underflow, 1 where it is 0. (n,)"""
    top = torch.maximum(x.abs().amax(dim=1), lam)
    top = torch.where(top > 0, top, 1.0)
    size = top * (torch.linalg.vector_norm(x / top[:, None], dim=1) + lam / top)
    return torch.where(size > 0, size, 1.0)


def natural_residual_of(x: Tensor, D: Tensor, lam: Tensor, Z: Tensor) -> Tensor:
    """max over atoms of |min(z, λ − Dᵀ(x − Dz))|. (n,)"""
    parts = [torch.minimum(z, l[:, None] - (y - z @ D.T) @ D).abs().amax(dim=1) for y, l, z in _split(D, x, lam, Z)]
    return torch.cat(parts)


def _split(D: Tensor, *arrays: Tensor) -> list[tuple[Tensor, ...]]:
    rows = max(1, _budget(D) // D.shape[1])
    return list(zip(*(array.split(rows) for array in arrays)))


# --- passes with growing room, in chunks: the host decides here ------------------------------------------------------


def _improve(x: Tensor, D: Tensor, lam: Tensor, Z: Tensor, max_iterations: int) -> tuple[Tensor, bool]:
    """Solve from the feasible Z, which is changed in place. Samples have size 1.

    Returns the natural residuals, and whether all samples finished before running out.
    """
    residual = natural_residual_of(x, D, lam, Z)
    waiting = residual > _AIM
    d, k = D.shape
    atoms = torch.cat([D, D.new_zeros(d, 1)], dim=1)
    G = atoms.T @ atoms
    room, rank = 16, min(d, k)
    while True:
        room = min(room, rank)
        count = (Z > 0).sum(dim=1)
        todo = (waiting if room == rank else waiting & (count <= room)).nonzero()[:, 0]
        widest = int(count[todo].max()) if len(todo) else 0
        for rows in chunks(todo, max(room, widest) + _GROUP, k):
            Z[rows], residual[rows], waiting[rows] = _solve(x[rows], atoms, G, lam[rows], Z[rows], room, max_iterations)
        unfinished = bool(waiting.any())
        if room == rank or not unfinished:
            return residual, not unfinished
        room *= 2


def chunks(rows: Tensor, m: int, k: int) -> tuple[Tensor, ...]:
    """So many samples at a time that arrays (c, k) and (c, m, m) have a fixed size."""
    return rows.split(max(1, _budget(rows) // max(k, m * m))) if len(rows) else ()


def _budget(like: Tensor) -> int:
    return _CHUNK.get(like.device.type, _CHUNK["cuda"])


def _solve(
    x: Tensor, D: Tensor, G: Tensor, lam: Tensor, Z: Tensor, room: int, max_iterations: int
) -> tuple[Tensor, Tensor, Tensor]:
    """The best codes met, their residuals, and which samples need more room or iterations. D and G end with a zero
    atom.
    """
    k = D.shape[1] - 1
    best, least = Z.clone(), natural_residual_of(x, D[:, :k], lam, Z)
    waiting = torch.ones_like(least, dtype=torch.bool)
    rows = torch.arange(len(x), device=x.device)
    sets = _begin(G, Z, room, min(D.shape[0], k))
    for _ in range(0, max_iterations, _BETWEEN):
        sets = _advance(x[rows], D, G, lam[rows], sets, min(_BETWEEN, max_iterations))
        now = sets.codes(k)
        residual = natural_residual_of(x[rows], D[:, :k], lam[rows], now)
        better = residual < least[rows]
        best[rows] = torch.where(better[:, None], now, best[rows])
        least[rows] = torch.where(better, residual, least[rows])
        over = (residual <= _AIM) | (sets.done & ~better)
        waiting[rows] = ~over
        going = (~over & ~sets.crowded).nonzero()[:, 0]
        if not len(going):
            break
        rows, sets = rows[going], sets.rows(going)
    return best, least, waiting


@dataclass(frozen=True, eq=False)
class _Sets:
    """Active sets of c samples: atoms S with coefficients y in m slots, those in use first; the others name the zero
    atom k, with y = 0.

    settled: y minimises over its support. moved: something has moved since atoms entered last. barred: atoms that came
    and went without moving anything. done, crowded: no atom wants to enter, or one does and there is no room.
    """

    S: Tensor  # (c, m)
    y: Tensor  # (c, m)
    barred: Tensor  # (c, k + 1)
    settled: Tensor  # (c,), like the rest
    moved: Tensor
    done: Tensor
    crowded: Tensor

    def rows(self, i: Tensor) -> _Sets:
        return _Sets(*(part[i] for part in vars(self).values()))

    def codes(self, k: int) -> Tensor:
        """Z (c, k)."""
        return _spread(self.S, self.y, k)[:, :k]


def _begin(G: Tensor, Z: Tensor, room: int, rank: int) -> _Sets:
    """The supports of Z without the atoms that depend on larger ones."""
    k = Z.shape[1]
    y, S = Z.topk(max(room, int((Z > 0).sum(dim=1).max())), dim=1)
    S = torch.where(y > 0, S, k)
    _, kept = _eliminate(_gram(G, S, S), _DEPENDENT * G.diagonal()[S])
    S, y = _to_front(S, y, kept & (kept.cumsum(dim=1) <= rank), room, k)
    barred = torch.zeros(len(Z), k + 1, dtype=torch.bool, device=Z.device)
    no = barred[:, 0]
    return _Sets(S, y, barred, S.eq(k).all(dim=1), no, no, no)


# --- the inner loop: from here on everything stays on the device -----------------------------------------------------


def _advance(x: Tensor, D: Tensor, G: Tensor, lam: Tensor, sets: _Sets, steps: int) -> _Sets:
    for _ in range(steps):
        sets = _step(x, D, G, lam, sets)
    return sets


def _step(x: Tensor, D: Tensor, G: Tensor, lam: Tensor, sets: _Sets) -> _Sets:
    """Let atoms enter where the active set is settled, then move."""
    S, y, k = sets.S, sets.y, G.shape[0] - 1
    on = S.ne(k)
    g = (x - _spread(S, y, k) @ D.T) @ D - lam[:, None]
    g[:, k] = 0.0

    # who enters: the worst violator, and a few others nearly as bad
    want, C = g.masked_fill(sets.barred | _mark(S, on, k), -torch.inf).topk(min(_GROUP, k), dim=1)
    wants = want[:, 0] > _AIM * (1.0 + y.sum(dim=1))
    count = on.sum(dim=1)
    full = count >= min(D.shape[0], k)
    place = torch.arange(C.shape[1], device=S.device)
    leads = place == 0
    enters = (sets.settled & wants)[:, None] & (want > 0.5 * want[:, :1]) & (place <= (count // 4)[:, None])
    enters &= (place < (S.shape[1] - count)[:, None]) | (full[:, None] & leads)
    C = torch.where(enters, C, k)

    # [L 0; Uᵀ K] is the Cholesky factor of the Gram matrix of the active atoms and the independent ones that enter
    A = _gram(G, S, S)
    A.diagonal(dim1=1, dim2=2).add_((~on).to(y.dtype))
    L = torch.linalg.cholesky_ex(A).L
    V = torch.linalg.solve_triangular(L, _gram(G, S, C), upper=False)
    threshold = G.diagonal()[C] * torch.where(leads, _DEPENDENT, _APART)
    K, kept = _eliminate(_gram(G, C, C) - V.mT @ V, torch.where(full[:, None] & leads, torch.inf, threshold))
    exchange = enters[:, 0] & ~kept[:, 0]
    kept &= ~exchange[:, None]
    K = torch.where(kept[:, :, None] & kept[:, None, :], K, 0.0)
    K.diagonal(dim1=1, dim2=2).add_((~kept).to(y.dtype))
    U = torch.where(kept[:, None, :], V, 0.0)

    # the direction: Newton's, or where the entering atom depends on S the one that leaves the reconstruction as it is
    a = torch.linalg.solve_triangular(L, g.gather(1, S)[:, :, None], upper=False)
    b = torch.where(kept, g.gather(1, C), 0.0)[:, :, None] - U.mT @ a
    pC = torch.linalg.solve_triangular(K.mT, torch.linalg.solve_triangular(K, b, upper=False), upper=True)
    a = torch.where(exchange[:, None, None], -V[:, :, :1], a - U @ pC)
    pS = torch.linalg.solve_triangular(L.mT, a, upper=True)
    first = exchange[:, None] & leads
    p = torch.cat([pS[:, :, 0], torch.where(first, 1.0, pC[:, :, 0])], dim=1)
    on = torch.cat([on, kept | first], dim=1)
    S, y = torch.cat([S, C], dim=1), torch.cat([y, torch.zeros_like(want)], dim=1)

    # how far, and who leaves
    blocks = on & torch.where(exchange[:, None], p < -1e-12, y + p <= 0.0)
    reach = torch.where(blocks, torch.where(p < 0.0, y / -p, 0.0), torch.inf).amin(dim=1)
    step = torch.where(exchange, reach, reach.clamp(max=1.0))
    endless = step.isinf()  # impossible but for rounding
    step = torch.where(endless, 0.0, step)
    settled = endless | ((step == 1.0) & ~exchange)
    y = y + step[:, None] * p
    leaves = on & ~settled[:, None] & (p <= 0.0) & (y <= 4.0 * torch.finfo(y.dtype).eps * step[:, None] * -p)
    leaves[:, -C.shape[1] :] |= endless[:, None] & first

    # an atom that came and went without moving anything is not let in again until something has moved
    entered = enters.any(dim=1)
    at_work = ~sets.settled | entered
    moved = (sets.moved & ~entered) | ((step > 0.0) & at_work)
    barred = sets.barred & ~(settled & moved & at_work)[:, None]
    barred |= _mark(S, leaves & ~moved[:, None], k)

    S, y = _to_front(S, y, on & ~leaves, sets.S.shape[1], k)
    return _Sets(S, y, barred, settled, moved, sets.settled & ~wants, sets.settled & wants & ~entered)


def _gram(G: Tensor, S: Tensor, C: Tensor) -> Tensor:
    return G[S[:, :, None], C[:, None, :]]


def _spread(S: Tensor, values: Tensor, k: int) -> Tensor:
    """Values at atoms S, added up where S repeats. (c, k + 1)"""
    return values.new_zeros(len(S), k + 1).scatter_add_(1, S, values)


def _mark(S: Tensor, on: Tensor, k: int) -> Tensor:
    """Which atoms are on in some slot. (c, k + 1)"""
    return _spread(S, on.to(torch.int8), k) > 0


def _eliminate(A: Tensor, thresholds: Tensor) -> tuple[Tensor, Tensor]:
    """Cholesky factors of the rows that are independent of those before them, and which those are.

    A row is dependent if its pivot does not exceed its threshold.
    """
    L, kept = torch.zeros_like(A), torch.zeros_like(thresholds, dtype=torch.bool)
    for j in range(A.shape[1]):
        column = A[:, j:, j] - (L[:, j:, :j] @ L[:, j, :j, None])[:, :, 0]
        pivot = column[:, 0]
        fine = pivot > thresholds[:, j]
        L[:, j:, j] = torch.where(fine[:, None], column / torch.where(fine, pivot, 1.0).sqrt()[:, None], 0.0)
        L[:, j, :j] = torch.where(fine[:, None], L[:, j, :j], 0.0)
        kept[:, j] = fine
    return L, kept


def _to_front(S: Tensor, y: Tensor, on: Tensor, room: int, k: int) -> tuple[Tensor, Tensor]:
    """The slots that are on, in order, first; the others are emptied."""
    order = (~on).to(torch.uint8).argsort(dim=1, stable=True)[:, :room]
    return torch.where(on, S, k).gather(1, order), torch.where(on, y, 0.0).gather(1, order)
