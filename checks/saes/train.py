"""Training of SAEs, several at once: full-batch or stochastic Adam with a learning rate that decays to zero.

What is trained is exactly the amortised problem (THEORY §0), so that its moment laws (A1, B1, E1, E2) hold as closely
as the optimiser converges. Data are centred and scaled first, and the result given in the user's units: one learning
rate suits all. Members of an ensemble share the samples of each step and do not influence each other.
"""

from __future__ import annotations

import hashlib
import json
import math
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from checks.errors import BadInput
from checks.memory import kept_when_freed
from checks.problem.instance import Array, check_width, instance, per_sample
from checks.problem.tensors import usable
from checks.saes.architectures.vanilla import Vanilla
from checks.saes.measure import law
from checks.saes.refit import Refit, Tell, refitted
from checks.saes.sae import SAE, Architecture, Batch, Parameters, Seen, members
from checks.saes.source import InMemory, OnDisk, Rows, Source, batch_of_step
from checks.saes.start import Task, first_atoms, task
from checks.threads import Mapped, side_by_side

# A short second-moment memory: with the usual 0.999 the step sizes lag behind the shrinking gradient, and after as many
# full-batch steps A1 is violated 2 (patches) to 8 (digits) times as much. Noisy gradients need a longer one, no more
# than that; and the mean over the last quarter of their steps violates A1 half as much as the last of them.
BETAS = (0.9, 0.95)
BETAS_OF_BATCHES = (0.9, 0.98)
AVERAGED = 1 / 4
# Long: large early steps, while the initial atoms overshoot together, kill a third of 256 atoms on digits.
WARM_UP = 0.1
RATE = 0.02  # highest learning rate of full batches
RATE_OF_BATCHES = 0.3  # at most this over the root of the dimension, the size of an entry of a unit atom
REPORTS = 100
KEPT = 20  # how often a run that is kept is written
# Shares of the run at which dead latents start anew: in its first half, so that what follows is one problem.
REVIVALS = (1 / 8, 1 / 4, 3 / 8, 1 / 2)
SETTLING = 32  # batches over which a measured parameter is averaged
# Bytes of codes that are worked on at once: little more than a processor's cache holds, or what keeps a GPU busy.
AT_ONCE = {"cpu": 2**23, "cuda": 2**30}


@dataclass(frozen=True)
class Report:
    """How far a run is, and how it stands on the batch of that step; means over its members, in the user's units.

    fvu        share of variance that is not explained
    lam        median of what A5 reads off live latents, NaN for an architecture without a price
    violation  median relative violation of A1 over live latents
    """

    step: int
    steps: int
    loss: float
    l0: float
    fvu: float
    dead: float
    lam: float
    violation: float

    @property
    def share(self) -> float:
        """Of the steps."""
        return self.step / self.steps

    def __str__(self) -> str:
        read = "" if math.isnan(self.lam) else f", λ reads {self.lam:.4g}"
        return (
            f"step {self.step} of {self.steps}: loss {self.loss:.5g}, {self.l0:.1f} active, {self.dead:.0%} dead, "
            f"{self.fvu:.1%} unexplained, A1 violated by {self.violation:.1e}{read}"
        )


Progress = Callable[[Report | Refit], None]


class Interrupted(KeyboardInterrupt):
    """A run that was stopped between two steps, with the SAEs that it has by then."""

    def __init__(self, saes: list[SAE], step: int) -> None:
        super().__init__(f"interrupted after step {step}")
        self.saes, self.step = saes, step


@dataclass(frozen=True)
class Plan:
    """How to train, besides on what; see `train`."""

    architecture: Architecture
    k: int
    seeds: tuple[int, ...]
    bias: bool = True
    steps: int = 4000
    batch: int | None = None
    lr: float | None = None
    lam_warm_up: float = 0.0
    average: float | None = None
    revive: bool = False
    refit: bool | None = None
    order: int = 0

    def check(self, n: int) -> None:
        size = n if self.batch is None else self.batch
        if not (self.steps >= 1 and 1 <= size <= n and (self.lr is None or self.lr > 0)):
            raise BadInput(f"steps = {self.steps}, batch = {size}, lr = {self.lr}: all positive, and batch ≤ n = {n}")
        if not (len(self.seeds) > 0 and min(self.seeds) >= 0):
            raise BadInput(f"seeds = {list(self.seeds)}: expected one or more integers ≥ 0")
        if not (0 <= self.lam_warm_up < 1 and 0 <= self.averaged < 1):
            raise BadInput(f"lam_warm_up = {self.lam_warm_up}, average = {self.average}: expected shares of the run")
        check_width(self.k)
        self.architecture.check(self.k)

    @property
    def averaged(self) -> float:
        """The last share of the run over which parameters are averaged."""
        if self.average is not None:
            return self.average
        return 0.0 if self.batch is None else AVERAGED

    @property
    def refits(self) -> bool:
        """Whether the decoder is refitted in the end."""
        return self.batch is not None if self.refit is None else self.refit

    def rate(self, d: int) -> float:
        if self.lr is not None:
            return self.lr
        return RATE if self.batch is None else min(RATE, RATE_OF_BATCHES / math.sqrt(d))

    def rows(self, step: int, n: int) -> Rows:
        if self.batch is None or self.batch == n:
            return np.arange(n)
        return batch_of_step(step, n, self.batch, self.order)

    def said(self) -> dict[str, Any]:
        """In words that JSON has, for a file."""
        return {**vars(self), "architecture": self.architecture.name, "settings": self.architecture.settings}


def train(
    x: ArrayLike | Source,
    k: int,
    lam: ArrayLike,
    *,
    architecture: Architecture | None = None,
    weights: ArrayLike | None = None,
    seeds: Sequence[int] = (0,),
    device: str = "cpu",
    dtype: str = "float32",
    keep: Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    **plan: Any,
) -> list[SAE]:
    """Minimise the loss of an architecture with k latents, Σ_i w_i(½‖r_i‖² + λ_i 1ᵀz_i) by default, once per seed.

    x: (n, d) samples, or shards from `checks.saes.source.on_disk`; lam: λ ≥ 0, a scalar or one per sample in memory;
    weights: w, rescaled to sum 1, of samples in memory; seeds: of the first atoms, one SAE each, in order; dtype:
    "float32" or "float64" for the training, the result is float64; keep: a file for the state of the run, written now
    and then and when it is interrupted; resume: whether to go on from there, if it is there: the result is the same to
    the last bit; progress: called now and then with a Report, or with a Refit.

    plan: bias (True), whether the decoder bias b is free (else 0); steps (4000); batch (None), samples per step, all if
    None; lr, highest learning rate for data of unit variance; lam_warm_up (0), the share of the run in which λ rises to
    its value; average, the last share of the run over which parameters are averaged, 1/4 with batches and else 0;
    revive (False), whether dead latents start anew, in the first half of the run; refit (None), whether the decoder is
    made exactly optimal in the end (`checks.saes.refit`), as it is with batches if nothing is said; order (0), seed of
    the batches, which all members share.

    The same seed gives the same SAE on the same machine and device. Raises BadInput for bad data, sizes, dtype, a
    device that is not there, a file of another run, or a result that is not finite; Interrupted if the user stops it.
    """
    made = Plan(architecture or Vanilla(), k, tuple(seeds), **plan)
    source, prices, shares = _posed(x, k, lam, weights, made.bias)
    return run(made, source, np.tile(prices, (len(made.seeds), 1)), shares, device, dtype, keep, resume, progress)


def _posed(
    x: ArrayLike | Source, k: int, lam: ArrayLike, weights: ArrayLike | None, bias: bool
) -> tuple[Source, Array, Array | None]:
    """Samples, λ (1,) or (n,), and weights unless all are equal."""
    if isinstance(x, OnDisk | InMemory):
        if weights is not None or np.ndim(lam) > 0:
            raise BadInput("weights and λ per sample: only of samples in an array")
        return x, per_sample(lam, 1, "λ"), None
    problem = instance(x, k, lam, weights=weights, bias=bias)  # type: ignore[arg-type]
    prices = problem.lam if np.ptp(problem.lam) > 0 else problem.lam[:1]
    return InMemory(problem.x), prices, problem.weights if np.ptp(problem.weights) > 0 else None


def run(
    plan: Plan,
    source: Source,
    lam: Array,
    weights: Array | None = None,
    device: str = "cpu",
    dtype: str = "float32",
    keep: Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> list[SAE]:
    """`train` for members with λ of their own, (e, 1) or (e, n)."""
    plan.check(source.n)
    if dtype not in ("float32", "float64"):
        raise BadInput(f"dtype {dtype!r}: expected float32 or float64")
    kind = plan.architecture
    place = usable(device, getattr(torch, dtype))
    posed = task(source, lam, weights, plan.bias, kind.price_degree, place, getattr(torch, dtype))
    state = State.start(plan, posed)
    if keep is not None and resume and keep.exists():
        state.read(keep, _identity(plan, posed))
    size = plan.batch or posed.source.n
    parts = len(list(_parts(state.parameters, size))) if place.type == "cpu" else 1
    mapping = side_by_side(parts, size * plan.k * len(plan.seeds))
    with torch.no_grad(), kept_when_freed(), mapping as mapped, _patient() as stopped:
        whole = posed.batch(np.arange(posed.source.n)) if plan.batch in (None, posed.source.n) else None
        for step in range(state.step, plan.steps):
            batch = whole or posed.batch(plan.rows(step, posed.source.n))
            state.advance(plan, batch, _reporting(plan, posed, step, batch, progress), mapped)
            last = step + 1 == plan.steps
            if keep is not None and (last or stopped() or (step + 1) % math.ceil(plan.steps / KEPT) == 0):
                state.write(keep, _identity(plan, posed))
            if stopped() and not last:
                raise Interrupted(_finished(plan, posed, state), step + 1)

        def tell(now: Refit) -> None:
            if stopped():
                raise Interrupted(_finished(plan, posed, state), plan.steps)
            if progress is not None:
                progress(now)

        return _finished(plan, posed, state, tell if plan.refits else None)


def _finished(plan: Plan, task: Task, state: State, tell: Tell | None = None) -> list[SAE]:
    """The members in the user's units, refitted if there is somebody to tell."""
    kind, found = plan.architecture, state.result(plan)
    measured = [kind.settle(found, task.batch(rows)) for rows in _some_batches(plan, task)]
    found |= {name: torch.stack([each[name] for each in measured]).mean(dim=0) for name in measured[0]}
    if tell is not None:
        found = refitted(kind, found, task, plan.bias, tell)
    exact = {name: tensor.to("cpu", torch.float64) for name, tensor in found.items()}
    return members(kind, kind.in_units(exact, torch.from_numpy(task.centre)[:, None], task.unit))


def _some_batches(plan: Plan, task: Task) -> Iterator[Rows]:
    """The whole data, or the batches that would have come next."""
    whole = plan.batch in (None, task.source.n)
    for step in range(1 if whole else SETTLING):
        yield plan.rows(plan.steps + step, task.source.n) if not whole else np.arange(task.source.n)


@dataclass(eq=False)
class State:
    """A run between two steps: parameters of the ensemble, its optimiser, their running mean, and who was active."""

    parameters: Parameters
    optimiser: torch.optim.Adam
    mean: Parameters
    active: Tensor
    step: int = 0

    @classmethod
    def start(cls, plan: Plan, task: Task) -> State:
        D, lam = first_atoms(task, plan.k, plan.seeds, plan.architecture.shrinks)
        p = plan.architecture.start(D, lam)
        rate, betas = plan.rate(task.source.d), BETAS if plan.batch is None else BETAS_OF_BATCHES
        trained = [tensor for name, tensor in p.items() if plan.bias or name != "b_dec"]
        optimiser = torch.optim.Adam(trained, lr=rate, betas=betas, fused=True)
        return cls(p, optimiser, {}, torch.zeros(D.shape[:2], dtype=torch.bool, device=D.device))

    def advance(
        self,
        plan: Plan,
        batch: Batch,
        report: Callable[[State, list[Seen]], None] | None = None,
        mapped: Mapped = map,
    ) -> None:
        """One step of all members, some at a time, or as `mapped` has it."""
        t, kind = (self.step + 1) / plan.steps, plan.architecture
        if plan.lam_warm_up > 0:
            batch = replace(batch, lam=batch.lam * min(1.0, (self.step + 1) / (plan.lam_warm_up * plan.steps)))
        watched = plan.revive and t <= REVIVALS[-1]
        parts = list(_parts(self.parameters, batch.x.shape[1]))

        def part(chosen: slice) -> Seen | None:
            gradients, seen = kind.gradients(_of(self.parameters, chosen), batch.of_members(chosen))
            self._take(gradients, chosen)
            if watched:
                self.active[chosen] |= seen.z.amax(dim=2) > 0
            return seen if report is not None or watched else None

        self._make_room(len(parts))
        seen = [each for each in mapped(part, parts) if each is not None]
        if report is not None:
            report(self, seen)
        self.optimiser.param_groups[0]["lr"] = plan.rate(len(batch.x) - 1) * _schedule(self.step / plan.steps)
        self.optimiser.step()
        kind.normalise(self.parameters)
        self.step += 1
        if watched and self.step in {round(share * plan.steps) for share in REVIVALS}:
            self._revive(plan, batch, torch.cat([one.r for one in seen]))
        self._average(plan)

    def _make_room(self, parts: int) -> None:
        """For gradients that arrive in parts."""
        for tensor in self.parameters.values():
            if parts > 1 and tensor.grad is None:
                tensor.grad = torch.zeros_like(tensor)

    def _take(self, gradients: Parameters, chosen: slice) -> None:
        for name, gradient in gradients.items():
            tensor = self.parameters[name]
            if len(gradient) == len(tensor):
                tensor.grad = gradient
            else:
                tensor.grad[chosen].copy_(gradient)  # type: ignore[index]

    def _average(self, plan: Plan) -> None:
        """The running mean over the last steps."""
        count = self.step - math.floor((1 - plan.averaged) * plan.steps)
        if count < 1 or plan.averaged == 0:
            return
        for name, tensor in self.parameters.items():
            self.mean[name] = tensor.clone() if count == 1 else self.mean[name].lerp_(tensor, 1 / count)

    def _revive(self, plan: Plan, batch: Batch, r: Tensor) -> None:
        """Latents that were silent since the last time start anew, along residuals of this batch, the largest first."""
        first = plan.architecture.start(_unit_rows(r.mT), batch.lam.mean(dim=2, keepdim=True))
        order = r.square().sum(dim=1).argsort(dim=1, descending=True, stable=True)
        for member in range(len(self.active)):
            dead = (~self.active[member]).nonzero()[:, 0][: r.shape[2]]
            source = order[member, : len(dead)]
            for name, tensor in self.parameters.items():
                if tensor.shape[1] != self.active.shape[1]:
                    continue
                tensor[member, dead] = first[name][member, source]
                for moment in ("exp_avg", "exp_avg_sq"):
                    self.optimiser.state[tensor][moment][member, dead] = 0.0
        self.active.zero_()

    def result(self, plan: Plan) -> Parameters:
        """The parameters, or their mean if that is wanted and there is one."""
        found = {name: tensor.detach().clone() for name, tensor in (self.mean or self.parameters).items()}
        plan.architecture.normalise(found)
        return found

    # --- kept in a file ---

    def write(self, file: Path, identity: str) -> None:
        """Everything that the rest of the run depends on. The file is replaced at once, never half-written."""
        from safetensors.torch import save_file

        tensors = {f"parameter {name}": tensor for name, tensor in self.parameters.items()}
        tensors |= {f"mean {name}": tensor for name, tensor in self.mean.items()}
        for name, tensor in self.parameters.items():
            tensors |= {f"{part} {name}": value for part, value in self.optimiser.state.get(tensor, {}).items()}
        tensors["active"] = self.active
        fresh = file.with_name(file.name + ".new")
        held = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        save_file(held, fresh, {"run": identity, "step": str(self.step)})
        fresh.replace(file)

    def read(self, file: Path, identity: str) -> None:
        """Go on from what was written. Raises BadInput if that is another run."""
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(file, framework="pt") as opened:
                told = opened.metadata() or {}
                held = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        except (SafetensorError, OSError) as error:
            raise BadInput(f"{file}: cannot be read ({error})") from None
        if told.get("run") != identity:
            raise BadInput(f"{file}: is of another run ({_difference(told.get('run'), identity)}); choose another file")
        for name, tensor in self.parameters.items():
            tensor.copy_(held[f"parameter {name}"])
            if f"mean {name}" in held:
                self.mean[name] = held[f"mean {name}"].to(tensor.device)
            if f"step {name}" in held:
                parts = ("step", "exp_avg", "exp_avg_sq")
                self.optimiser.state[tensor] = {part: held[f"{part} {name}"].to(tensor.device) for part in parts}
        self.active.copy_(held["active"])
        self.step = int(told["step"])


def _identity(plan: Plan, task: Task) -> str:
    """What a run is the same run as: its plan, its penalties and its data, of which some rows stand for all."""
    few = np.unique(np.linspace(0, task.source.n - 1, min(task.source.n, 64)).astype(np.int64))
    data = hashlib.blake2b(task.source.rows(few).to(torch.float64).numpy().tobytes(), digest_size=8)
    data.update(task.lam.tobytes())
    data.update(b"" if task.weights is None else task.weights.tobytes())
    said = {name: value for name, value in plan.said().items() if name != "refit"}  # which comes after it
    told = {**said, "n": task.source.n, "d": task.source.d, "data": data.hexdigest(), "dtype": str(task.dtype)}
    return json.dumps(told, sort_keys=True)


def _difference(one: str | None, other: str) -> str:
    """The first thing in which two runs differ."""
    if one is None:
        return "or of none at all"
    before, now = json.loads(one), json.loads(other)
    name = next(name for name in now if before.get(name) != now[name])
    return f"{name}: {before.get(name)}, not {now[name]}"


def _of(p: Parameters, chosen: slice) -> Parameters:
    return {name: tensor[chosen] for name, tensor in p.items()}


def _parts(p: Parameters, samples: int) -> Iterator[slice]:
    """Members some at a time, as many as have codes of so many samples that fit into fast memory."""
    D = p["W_dec"]
    e, k, _ = D.shape
    at_once = AT_ONCE.get(D.device.type, AT_ONCE["cuda"])
    size = max(1, at_once // (2 * k * samples * D.element_size()))
    return (slice(start, min(start + size, e)) for start in range(0, e, size))


def _unit_rows(rows: Tensor) -> Tensor:
    length = rows.norm(dim=2, keepdim=True)
    return rows / torch.where(length > 0, length, 1.0)


def _schedule(t: float) -> float:
    """Share of the learning rate at the fraction t of the run: a linear warm-up, then a cosine to zero."""
    return min(1.0, t / WARM_UP) * 0.5 * (1.0 + math.cos(math.pi * t))


def _reporting(
    plan: Plan, task: Task, step: int, batch: Batch, progress: Progress | None
) -> Callable[[State, list[Seen]], None] | None:
    """What tells the progress at a step, if it is to be told then."""
    if progress is None or not (step + 1 == plan.steps or step % math.ceil(plan.steps / REPORTS) == 0):
        return None

    def report(state: State, seen: list[Seen]) -> None:
        parts = list(zip(_parts(state.parameters, batch.x.shape[1]), seen))
        figures = [
            _figures(plan.architecture, _of(state.parameters, chosen), batch.of_members(chosen), one)
            for chosen, one in parts
        ]
        loss, l0, explained, dead = torch.cat([each[0] for each in figures], dim=1).mean(dim=1).tolist()
        laws = torch.cat([each[1] for each in figures], dim=1)
        lam, violation = (float(row.nanmedian()) for row in laws) if laws.numel() else (math.nan, math.nan)
        price = task.unit**plan.architecture.price_degree
        progress(Report(step + 1, plan.steps, task.unit**2 * loss, l0, explained, dead, price * lam, violation))

    return report


def _figures(kind: Architecture, p: Parameters, batch: Batch, seen: Seen) -> tuple[Tensor, Tensor]:
    """Loss, L0, FVU and dead share of each member, (4, e); λ as it reads off and the violation of A1, (2, live)."""
    active = (seen.z > 0).to(seen.z.dtype)
    live = active.amax(dim=2) > 0
    spread = batch.mean(batch.samples.square()).sum()
    unexplained = batch.mean(seen.r.square()).sum(dim=(1, 2)) / spread
    l0, dead = batch.mean(active).sum(dim=(1, 2)), 1.0 - active.amax(dim=2).mean(dim=1)
    found = torch.stack([kind.loss(p, batch), l0, unexplained, dead])
    return found, torch.stack([each[live] for each in law(kind, p, batch, seen)])


@contextmanager
def _patient() -> Iterator[Callable[[], bool]]:
    """Ctrl-C waits for the end of a step; a second one does not. Gives whether it was pressed."""
    pressed: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = signal.getsignal(signal.SIGINT)

    def press(number: int, frame: Any) -> None:
        if pressed and callable(before):
            before(number, frame)
        pressed.append(number)

    signal.signal(signal.SIGINT, press)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)
