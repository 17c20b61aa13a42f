"""The convex refit of a decoder: a group lasso over atoms, solved to rounding error.

Units keep where they are active and in what proportions. What is left to choose is an atom of any length for each,
whose length the codes then take over as a gain, and the decoder bias:

    minimise over A, b   E[½ Σ_g ‖x − b − Σ_j M_gj A_j z_j‖²] + Σ_j (p_j ‖A_j‖ + q_j ‖A_j‖²/2),

with p_j = E[λ z_j] and q_j = γE[z_j²]; M are the prefixes of a Matryoshka SAE, all ones for any other. Where nothing
is paid (gates, thresholds, top-k) this is least squares.

This is convex, with no kink but at A_j = 0, and depends on moments only: one pass over the samples, then k×k algebra.
At its optimum `scale`, `atom`, `unit` and `bias` hold to rounding error; so do A1 to A5 and B1. The encoder's own
conditions hold as well as training left them. A unit whose atom is best left out, A_j = 0, becomes silent.

What few samples decide need not suit others. A unit that is active on a single one, and faintly, is best scaled to all
that is left over of that one, by a factor of thousands, and so is what it adds to any other sample. So an atom may
become GAIN times as long as it was, and GAIN_OF_FEW times if fewer than FEW samples decide it. One that would be longer
stays as training left it, with its own conditions, and all others are the best beside it.

Codes are those in use, of batch-top-k those above its threshold. Where they compete, the gain comes after the choice of
who is active.

Reference: M. Yuan, Y. Lin (2006), Model selection and estimation in regression with grouped variables; for the moments,
THEORY A1; L. Kish (1965), Survey sampling, for the number of samples that decide an atom.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float
from scipy.sparse import csr_matrix
from torch import Tensor

from checks.saes.sae import Architecture, Batch, Parameters, all_finite
from checks.saes.source import blocks
from checks.saes.start import Task

ITERATIONS = 100
ROWS = 64  # of A that share one large product of a sweep
DENSE = 1 / 8  # share of active codes from which a dense product is faster
SMALL = 1e-12  # a violation, or a decrement of the objective, that counts as none
RIDGE = 1e-10  # beside a diagonal of ones: units that fire together, and at no price, leave rows undecided
# How many times as long an atom may become, and if few samples decide it. benchmarks/README.md has what these do to
# samples that a refit has not seen: of 42 trainings on few, no atom that 20 decide gained more than 5.5.
GAIN = 10.0
FEW, GAIN_OF_FEW = 20, 2.0
PASS = 0.5  # share of the work that the pass over the samples is taken for


@dataclass(frozen=True)
class Refit:
    """How far a refit is, and what it has done to the members of an ensemble; in the user's units.

    share      of the work that is done
    before     the objective without what it leaves alone, a mean over members; NaN while it is not known
    after      the same in the end
    died       how many live latents were best left out, of all members
    kept       how many live latents stayed as training left them, since they would have gained too much
    gain       the most that codes of a latent were scaled by
    violation  the largest relative violation of A1, of all others
    """

    share: float
    before: float = math.nan
    after: float = math.nan
    died: int = 0
    kept: int = 0
    gain: float = math.nan
    violation: float = math.nan

    def __str__(self) -> str:
        if math.isnan(self.violation):
            return "refit of the decoder: moments"
        return f"refit of the decoder: A1 violated by {self.violation:.1e}"


Tell = Callable[[Refit], None]


@dataclass(frozen=True, eq=False)
class Moments:
    """Of codes z (k) and samples x (d): E[zzᵀ], E[zxᵀ], E[z], E[x], E‖x‖², p, q, and how many samples decide an atom.

    samples: (Σ w z²)² / Σ (w z²)², as many as are active if all are equally so, and 1 if one outweighs all others.
    """

    zz: Float[Tensor, "k k"]
    zx: Float[Tensor, "k d"]
    z: Float[Tensor, " k"]
    x: Float[Tensor, " d"]
    power: Float[Tensor, ""]
    p: Float[Tensor, " k"]
    q: Float[Tensor, " k"]
    samples: Float[Tensor, " k"]


@dataclass(frozen=True, eq=False)
class GroupLasso:
    """F(A) = constant + ½⟨A, HA⟩ − ⟨A, C⟩ + Σ_j p_j‖A_j‖ of rows A (m, d), H (m, m), C (m, d), p (m,)."""

    H: Tensor
    C: Tensor
    p: Tensor
    constant: Tensor

    def value(self, A: Tensor) -> Tensor:
        return self.constant + (A * (0.5 * self.H @ A - self.C)).sum() + (self.p * A.norm(dim=1)).sum()

    def violation(self, A: Tensor) -> Tensor:
        """How far each row is from stationary, relative to what it pays, or to E[z²]‖A_j‖ if it pays nothing; (m,)."""
        pull, length = self.C - self.H @ A, A.norm(dim=1)
        along = A / torch.where(length > 0, length, 1.0)[:, None]
        off = torch.where(
            length > 0, (pull - self.p[:, None] * along).norm(dim=1), (pull.norm(dim=1) - self.p).clamp(min=0.0)
        )
        paid = torch.where(self.p > 0, self.p, self.H.diagonal() * length)
        return torch.where(paid > 0, off / paid, 0.0)


@dataclass(frozen=True, eq=False)
class Fitted:
    """A member at the optimum for its codes: the objective before and after, how far off that is, how it differs."""

    parameters: Parameters
    before: Tensor
    after: Tensor
    violation: Tensor
    died: Tensor
    kept: Tensor
    gain: Tensor


def refitted(kind: Architecture, p: Parameters, task: Task, bias: bool, tell: Tell) -> Parameters:
    """Parameters of an ensemble in the units of the task, in float64, with optimal decoders.

    tell: is told how it goes, and may raise. Raises BadInput if a parameter is not finite.
    """
    all_finite(p)
    p = {name: tensor.double() for name, tensor in p.items()}
    kind.normalise(p)
    count = len(p["W_dec"])
    found = []
    for i in range(count):
        alone = replace(task, dtype=torch.float64, lam=task.lam[i : i + 1])

        def said(now: Refit, done: int = i) -> None:
            tell(replace(now, share=(done + now.share) / count))

        member = {name: tensor[i : i + 1] for name, tensor in p.items()}
        found.append(_fitted(kind, member, alone, bias, said))
    tell(_summary(found, task.unit**2))
    return {name: torch.cat([each.parameters[name] for each in found]) for name in found[0].parameters}


def _summary(found: list[Fitted], unit: float) -> Refit:
    before, after = (
        unit * float(torch.stack(each).mean()) for each in ([f.before for f in found], [f.after for f in found])
    )
    died, kept = (int(torch.stack(each).sum()) for each in ([f.died for f in found], [f.kept for f in found]))
    gain, violation = (
        float(torch.stack(each).max()) for each in ([f.gain for f in found], [f.violation for f in found])
    )
    return Refit(1.0, before, after, died, kept, gain, violation)


def _fitted(kind: Architecture, p: Parameters, task: Task, bias: bool, tell: Tell) -> Fitted:
    """A member with the atoms, the gains and the bias that are best for its codes."""
    found = moments(kind, p, task, tell)
    posed = group_lasso(kind, found, bias)
    first = p["W_dec"][0]
    away = p["b_dec"][0, :, 0] - best_bias(kind, found, first) if bias else found.x.new_zeros(())
    before = posed.value(first) + 0.5 * _prefixes(kind, first).shape[0] * away.square().sum()
    live = posed.H.diagonal() > 0
    A, kept = within(posed, first, longest(found, first), tell)
    length = torch.where(live, A.norm(dim=1), 1.0)
    gain = torch.where(length > 0, 1.0, 0.0) if kind.objective.has_free_norms else length
    b = best_bias(kind, found, A)[None, :, None] if bias else p["b_dec"]
    moved = kind.rescaled(p, gain[None, :, None], b)
    moved["W_dec"] = torch.where((length > 0)[:, None], A / torch.where(gain > 0, gain, 1.0)[:, None], first)[None]
    grown = (length / torch.where(live, first.norm(dim=1), 1.0)).max()
    violation = torch.where(kept, 0.0, posed.violation(A)).max()
    return Fitted(moved, before, posed.value(A), violation, (length == 0).sum(), kept.sum(), grown)


# --- the problem ---


def moments(kind: Architecture, p: Parameters, task: Task, tell: Tell) -> Moments:
    """In one pass over all samples, in float64."""
    (_, k, d), like = p["W_dec"].shape, p["W_dec"]
    zz, zx, z_mean, x_mean = like.new_zeros(k, k), like.new_zeros(k, d), like.new_zeros(k), like.new_zeros(d)
    power, paid, squares, fourth = like.new_zeros(()), like.new_zeros(k), like.new_zeros(k), like.new_zeros(k)
    for rows in blocks(task.source):
        tell(Refit(PASS * float(rows[0]) / task.source.n))
        batch = replace(task.batch(rows), share=1 / task.source.n)
        z = kind.codes(p, batch.x)
        _add_products(z[0], batch, zz, zx)
        fourth += batch.share**2 * batch.weighed(z[0].square()).square_().sum(dim=1)
        z_mean += batch.mean(z)[0, :, 0]
        x_mean += batch.mean(batch.samples)[:, 0]
        power += batch.mean(batch.samples.square()).sum()
        priced = batch.mean(batch.lam * z)[0, :, 0]
        squares += kind.paid(z, p, batch)[0, :, 0] - priced
        paid += priced
    if not kind.shrinks:
        paid, squares = torch.zeros_like(paid), torch.zeros_like(squares)
    samples = torch.where(fourth > 0, zz.diagonal().square() / fourth, 0.0)
    return Moments(zz, zx, z_mean, x_mean, power, paid, squares, samples)


def _add_products(z: Tensor, batch: Batch, zz: Tensor, zx: Tensor) -> None:
    """zz += E[zzᵀ] and zx += E[zxᵀ], of the active codes alone if they are few."""
    weighed = batch.share * batch.weighed(z)
    if z.device.type != "cpu" or torch.count_nonzero(z) > DENSE * z.numel():
        zz.addmm_(weighed, z.T)
        zx.addmm_(weighed, batch.samples.T)
        return
    active = csr_matrix(weighed.numpy())
    pairs = (active @ csr_matrix(z.numpy()).T).tocoo()
    zz.numpy()[pairs.row, pairs.col] += pairs.data  # a pair is there once
    zx += torch.from_numpy(active @ batch.samples.T.numpy())


def _prefixes(kind: Architecture, like: Tensor) -> Tensor:
    """M, (G, k)."""
    M = np.asarray(kind.numbers(len(like)).get("M", np.ones((1, len(like)))))
    return torch.as_tensor(M, dtype=torch.float64, device=like.device)


def group_lasso(kind: Architecture, found: Moments, bias: bool) -> GroupLasso:
    """The problem of the atoms alone; a free bias is at its best for any of them."""
    M = _prefixes(kind, found.zx)
    counts = M.sum(dim=0)
    H, C, constant = found.zz * (M.T @ M), counts[:, None] * found.zx, 0.5 * len(M) * found.power
    H.diagonal().add_(found.q)
    if bias:
        felt = counts * found.z
        H.addr_(felt, felt, alpha=-1 / len(M))
        C.addr_(felt, found.x, alpha=-1)
        constant = constant - 0.5 * len(M) * found.x.square().sum()
    # What a unit of constant code does, the bias does for nothing; no diagonal is 0 but for units that are silent.
    H.diagonal().clamp_(min=torch.finfo(H.dtype).eps * found.zz.diagonal())
    return GroupLasso(H, C, found.p, constant)


def best_bias(kind: Architecture, found: Moments, A: Tensor) -> Tensor:
    """The decoder bias that suits the atoms, (d,)."""
    M = _prefixes(kind, A)
    return found.x - A.T @ (M.mean(dim=0) * found.z)


# --- its minimum ---


def longest(found: Moments, first: Tensor) -> Tensor:
    """How long each atom may become, (k,)."""
    return torch.where(found.samples < FEW, GAIN_OF_FEW, GAIN) * first.norm(dim=1)


def within(posed: GroupLasso, first: Tensor, limit: Tensor, tell: Tell = lambda now: None) -> tuple[Tensor, Tensor]:
    """The minimum in which rows that would go beyond their limit (m,) stay as first; and which these are, (m,)."""
    kept = torch.zeros_like(limit, dtype=torch.bool)
    A = minimiser(posed, first, tell)
    while (beyond := ~kept & (A.norm(dim=1) > limit)).any():
        kept |= beyond
        A = minimiser(posed, torch.where(kept[:, None], first, A), tell, kept)
    return A, kept


def minimiser(posed: GroupLasso, A: Tensor, tell: Tell = lambda now: None, kept: Tensor | None = None) -> Tensor:
    """The minimum, from A, of all rows but those that are kept (m,).

    Sweeps over single rows say which are 0; Newton's method does the rest. Rows that take no part stay, and all others
    are put in units in which the diagonal of H is 1.
    """
    free = posed.H.diagonal() > 0
    C = posed.C
    if kept is not None:
        free &= ~kept
        C = C - posed.H @ torch.where(kept[:, None], A, 0.0)
    root = posed.H.diagonal()[free].sqrt()
    H = posed.H[free][:, free].div_(root).div_(root[:, None])
    scaled = GroupLasso(H, C[free] / root[:, None], posed.p[free] / root, posed.constant)
    A = A.clone()
    A[free] = _minimiser(scaled, A[free] * root[:, None], tell) / root[:, None]
    return A


def _minimiser(q: GroupLasso, A: Tensor, tell: Tell) -> Tensor:
    if not len(A):
        return A
    for _ in range(ITERATIONS):
        A = _sweep(q, A)
        violation = float(q.violation(A).max())
        tell(Refit(PASS + (1 - PASS) * _digits(violation), violation=violation))
        if not violation > SMALL:
            break
        step, decrement = _newton(q, A, violation)
        if not decrement > 0:
            break
        A, done = _line_search(q, A, step, decrement)
        if done:
            break
    return A


def _digits(violation: float) -> float:
    """The share of all digits that are right."""
    return min(1.0, max(0.0, math.log(violation) / math.log(SMALL))) if violation > 0 else 1.0


def _shrunk(pull: Tensor, p: Tensor) -> Tensor:
    """The best row of any length, where H has a diagonal of ones."""
    return pull * (1 - p / pull.norm().clamp(min=torch.finfo(pull.dtype).tiny)).clamp(min=0.0)


def _sweep(q: GroupLasso, A: Tensor) -> Tensor:
    """Each row at its best, the others given: by what pulls it alone and its price."""
    A = A.clone()
    for start in range(0, len(A), ROWS):
        block = slice(start, start + ROWS)
        H, p, rows = q.H[block, block], q.p[block], A[block]
        rest = q.C[block] - q.H[block] @ A + H @ rows
        for j in range(len(rows)):
            rows[j] = _shrunk(rest[j] - H[j] @ rows + H[j, j] * rows[j], p[j])
    return A


def _newton(q: GroupLasso, A: Tensor, violation: float) -> tuple[Tensor, Tensor]:
    """The step on rows that are not 0, by conjugate gradients, and the decrease that it promises."""
    length = A.norm(dim=1, keepdim=True)
    used = length[:, 0] > 0
    H, B, size = q.H[used][:, used], A[used], length[used]
    curvature, along = q.p[used][:, None] / size, B / size
    gradient = H @ B - q.C[used] + q.p[used][:, None] * along
    factor = torch.linalg.cholesky(H + torch.diag(curvature[:, 0] + RIDGE))

    def hessian(V: Tensor) -> Tensor:
        return H @ V + RIDGE * V + curvature * (V - along * (along * V).sum(dim=1, keepdim=True))

    # As exact as the point is near: enough for digits to double.
    step = _conjugate_gradients(hessian, -gradient, factor, min(0.1, max(violation, SMALL)))
    found = torch.zeros_like(A)
    found[used] = step
    return found, -(gradient * step).sum()


def _conjugate_gradients(
    hessian: Callable[[Tensor], Tensor], target: Tensor, factor: Tensor, reduction: float
) -> Tensor:
    """Solve hessian(V) = target, preconditioned by a matrix of this Cholesky factor."""
    V, rest = torch.zeros_like(target), target
    ahead = torch.cholesky_solve(rest, factor)
    direction, power = ahead, (rest * ahead).sum()
    first = power
    for _ in range(ITERATIONS):
        if not power > reduction**2 * first:
            break
        curved = hessian(direction)
        length = power / (direction * curved).sum()
        V, rest = V + length * direction, rest - length * curved
        ahead = torch.cholesky_solve(rest, factor)
        power, before = (rest * ahead).sum(), power
        direction = ahead + power / before * direction
    return V


def _line_search(q: GroupLasso, A: Tensor, step: Tensor, decrement: Tensor) -> tuple[Tensor, bool]:
    """The step, halved until it lowers the objective; whether it was too small to tell."""
    value = q.value(A)
    if decrement <= SMALL * (1 + value.abs()) * SMALL:
        return A + step, True
    # Of the terms, which are as large as the constant however little is left over.
    rounding = torch.finfo(A.dtype).eps * len(A) * q.constant.abs()
    t = 1.0
    while t > SMALL:
        trial = A + t * step
        if q.value(trial) <= value - 1e-4 * t * decrement + rounding:
            return trial, False
        t /= 2
    return A, True
