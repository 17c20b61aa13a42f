"""Training of SAEs against plain torch and against its own matrix products, as Markdown.

    python benchmarks/training.py [ensemble] [large] [architectures] [accuracy] [encoder] --threads 1 > table.md
    python benchmarks/training.py [ensemble] [large] [architectures] [accuracy] --device cuda > table.md

Plain torch is autograd and torch.optim.Adam, one SAE after another, as people write it, from the same first parameters
and with the same learning rates. What is compared takes turns, and a table gives the ratio of the fastest turns and
that of the medians: other processes only ever make a turn slower. On one thread, times are CPU seconds; on a GPU, wall
seconds until it is done.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import torch
from scipy.optimize import lsq_linear, minimize

from checks.data.synthetic.planted import planted
from checks.saes.measure import figures
from checks.saes.sae import Architecture, Batch, Parameters, architecture, architectures
from checks.saes.source import InMemory
from checks.saes.start import first_atoms, task
from checks.saes.train import BETAS, RATE, Plan, _schedule, run

TURNS = 5
MANY, SMALL = 64, (2000, 8, 16)
LARGE = (4096, 384, 3072)
BATCH = 2048
LAM = 0.3
KINK = 1e-4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*", default=["ensemble", "large", "accuracy"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    on = On(asked.device, time.process_time if asked.threads == 1 and asked.device == "cpu" else time.perf_counter)
    for name in asked.tables:
        TABLES[name](on)


@dataclass(frozen=True)
class On:
    """Where it is trained, and by which clock."""

    device: str
    watch: Callable[[], float]

    @property
    def words(self) -> str:
        return f"{torch.get_num_threads()} thread(s)" if self.device == "cpu" else torch.cuda.get_device_name()

    def clock(self) -> float:
        """Seconds, when all that was asked for is done."""
        if self.device != "cpu":
            torch.cuda.synchronize()
        return self.watch()

    def steps(self, few: int, many: int) -> tuple[int, int]:
        """Of the two runs that are compared: more of them where a step is short."""
        return (few, many) if self.device == "cpu" else (20 * few, 50 * many)


def per_step(train: Callable[[int], object], on: On, few: int, many: int) -> float:
    """Seconds of a step: the difference of two runs, so that what a run costs once does not count."""
    times = []
    for steps in (few, many):
        start = on.clock()
        train(steps)
        times.append(on.clock() - start)
    return (times[1] - times[0]) / (many - few)


def taking_turns(runs: dict[str, Callable[[], float]]) -> dict[str, list[float]]:
    for run_ in runs.values():  # the first run of each loads and allocates
        run_()
    found: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(TURNS):
        for name, run_ in runs.items():
            found[name].append(run_())
    return found


# --- many small SAEs ---


def plain(source: InMemory, k: int, seed: int, steps: int, device: str) -> torch.Tensor:
    """The loss in the end."""
    posed = task(source, np.full(1, LAM), None, True, 1, torch.device(device), torch.float32)
    D, lam = first_atoms(posed, k, (seed,), True)
    x = posed.batch(np.arange(source.n)).samples.T.contiguous()
    W, W_dec, c, b = (
        torch.nn.Parameter(value)
        for value in (D[0].T.clone(), D[0].clone(), -lam[0, 0].expand(k).clone(), x.new_zeros(x.shape[1]))
    )
    optimiser = torch.optim.Adam([W, c, W_dec, b], lr=RATE, betas=BETAS)
    price = float(posed.lam[0, 0])
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = RATE * _schedule(step / steps)
        z = torch.relu((x - b) @ W + c)
        loss = 0.5 * (x - b - z @ W_dec).pow(2).sum(dim=1).mean() + price * z.sum(dim=1).mean()
        optimiser.zero_grad()
        loss.backward()
        W_dec.grad -= W_dec.data * (W_dec.data * W_dec.grad).sum(dim=1, keepdim=True)
        optimiser.step()
        with torch.no_grad():
            W_dec /= W_dec.norm(dim=1, keepdim=True)
    return loss.detach() * posed.unit**2


def of_ensembles(on: On) -> None:
    n, d, k = SMALL
    source = InMemory(planted(n, d, k, seed=0, noise=0.05, offset=1.0).x)

    def ours(steps: int, members: int = MANY) -> list:
        plan = Plan(architecture("vanilla"), k, tuple(range(members)), steps=steps)
        return run(plan, source, np.full((members, 1), LAM), device=on.device)

    def one_by_one(threads: int) -> float:
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        taken = MANY * per_step(lambda steps: plain(source, k, 0, steps, on.device), on, 20, 120)
        torch.set_num_threads(before)
        return taken

    threads = torch.get_num_threads()
    runs = {f"one after another, {each} thread(s)": partial(one_by_one, each) for each in sorted({1, threads})}
    found = taking_turns(runs | {"at once": lambda: per_step(ours, on, 20, 220)})
    steps = 300
    losses = [figures(sae, source, LAM).loss for sae in ours(steps, 4)]
    apart = max(abs(loss / float(plain(source, k, seed, steps, on.device)) - 1) for seed, loss in enumerate(losses))
    print(f"\n## {MANY} SAEs of (n, d, k) = {SMALL}, full batch, {on.words}\n")
    print("| how | ms per step of all, fastest | median | × at once, of the fastest | of the medians | turn by turn |")
    print("|---|---|---|---|---|---|")
    last = found["at once"]
    for name, times in found.items():
        middle, paired = statistics.median(times), statistics.median(a / b for a, b in zip(times, last))
        print(f"| {name} | {1000 * min(times):.1f} | {1000 * middle:.1f} | {min(times) / min(last):.1f} ", end="")
        print(f"| {middle / statistics.median(last):.1f} | {paired:.1f} |")
    print(f"\nLosses after {steps} steps differ by {apart:.0e}, relative.")


# --- one large SAE ---


def of_large(on: On, names: Sequence[str] = ("vanilla",)) -> None:
    n, d, k = LARGE
    source = InMemory(np.random.default_rng(0).standard_normal((n, d)))
    X, W, D = (torch.randn(shape, device=on.device) for shape in ((BATCH, d), (d, k), (k, d)))

    def products(steps: int) -> None:
        for _ in range(steps):
            z = X @ W
            r = z @ D
            slope = r @ D.T
            X.T @ slope, z.T @ r

    def training(name: str) -> Callable[[], float]:
        kind = architecture(name, {"K": 32} if "top-k" in name else {})

        def made(steps: int) -> list:
            plan = Plan(kind, k, (0,), steps=steps, batch=BATCH, refit=False)
            return run(plan, source, np.full((1, 1), LAM), device=on.device)

        return lambda: per_step(made, on, *on.steps(1, 4))

    bare = partial(per_step, products, on, *on.steps(1, 4))
    found = taking_turns({"products": bare} | {name: training(name) for name in names})
    print(f"\n## One SAE of (d, k) = {(d, k)}, batches of {BATCH}, {on.words}\n")
    print("| what | ms per step, fastest | × the five products of a vanilla step | of the medians |\n|---|---|---|---|")
    least = found["products"]
    for name, times in found.items():
        ratio = statistics.median(times) / statistics.median(least)
        print(f"| {name} | {1000 * min(times):.3g} | {min(times) / min(least):.2f} | {ratio:.2f} |")


# --- how near to stationary ---


def of_accuracy(on: On) -> None:
    print("\n## Violation of A1 and of λ as it reads off, relative, at 95 % of live latents\n")
    print("| (n, d, k) | how | A1 | λ̂ | loss | s |\n|---|---|---|---|---|---|")
    small, tokens = (2000, 16, 32), (100_000, 64, 256)
    rows = [
        (small, "full batch, 4000 steps", {"steps": 4000}),
        (small, "refitted", {"steps": 4000, "refit": True}),
        (tokens, "batches of 2048, 3200 steps", {"steps": 3200, "batch": BATCH, "refit": False}),
        (tokens, "refitted", {"steps": 3200, "batch": BATCH, "refit": True}),
    ]
    for (n, d, k), how, plan in rows:
        source = InMemory(planted(n, d, k, seed=1, noise=0.05, offset=1.0).x)
        lam = 0.5 * math.sqrt(source.x.var(axis=0).mean())
        start = on.clock()
        (sae,) = run(Plan(architecture("vanilla"), k, (0,), **plan), source, np.full((1, 1), lam), device=on.device)
        seconds = on.clock() - start
        found = figures(sae, source, lam, device=on.device)
        violation, read = (
            np.quantile(each[found.live], 0.95) for each in (found.violation, np.abs(found.lam / lam - 1))
        )
        print(f"| {(n, d, k)} | {how} | {violation:.1e} | {read:.1e} | {found.loss:.6g} | {seconds:.0f} |")


# --- what a refit leaves: the encoder ---


def of_encoder(on: On) -> None:
    """Full batches and a refit, then quasi-Newton steps of all parameters, atoms free in norm."""
    print("\n## How far the encoder is from stationary after a refit, full batches in float64\n")
    print("Kinks: pairs of a sample and a unit with |pre-activation| < 1e-4, on data of unit variance.\n")
    print("| (n, d, k) | how | F | slope of the decoder | of the encoder | least slope at the kinks | kinks | CPU s |")
    print("|---|---|---|---|---|---|---|---|")
    kind, lam = architecture("norm-weighted"), 0.5
    for d, k in ((8, 16), (16, 32)):
        x = planted(2000, d, k, seed=1, noise=0.05, offset=1.0).x
        x = (x - x.mean(axis=0)) / (x - x.mean(axis=0)).std()
        batch = Batch.of(torch.from_numpy(x), torch.full((1, 1, 1), lam, dtype=torch.float64))
        for steps in (4000, 16000):
            start = on.clock()
            plan = Plan(kind, k, (0,), steps=steps, refit=True)
            p = run(plan, InMemory(x), np.full((1, 1), lam), dtype="float64")[0].parameters
            _slopes(kind, p, batch, f"{(len(x), d, k)} | {steps} steps and a refit", on.clock() - start)
        start = on.clock()
        p = _by_lbfgs(kind, p, batch)
        _slopes(kind, p, batch, f"{(len(x), d, k)} | then L-BFGS", on.clock() - start)


def _by_lbfgs(kind: Architecture, p: Parameters, batch: Batch) -> Parameters:
    """Until a line search finds no lower point."""
    names, shapes = list(p), [p[name].shape for name in p]
    parts = np.cumsum([0] + [shape.numel() for shape in shapes])

    def at(v: np.ndarray) -> Parameters:
        pieces = (torch.from_numpy(v[a:b].copy()).view(shape) for (a, b), shape in zip(pairwise(parts), shapes))
        return dict(zip(names, pieces))

    def loss(v: np.ndarray) -> tuple[float, np.ndarray]:
        gradients, _ = kind.gradients(at(v), batch)
        return float(kind.loss(at(v), batch)), np.concatenate([gradients[name].numpy().ravel() for name in names])

    first = np.concatenate([p[name].numpy().ravel() for name in names])
    options = {"maxiter": 4000, "maxfun": 12000, "maxcor": 30, "ftol": 0.0, "gtol": 0.0}
    return at(minimize(loss, first, jac=True, method="L-BFGS-B", options=options).x)


def _slopes(kind: Architecture, p: Parameters, batch: Batch, how: str, seconds: float) -> None:
    gradients, seen = kind.gradients(p, batch)
    decoder, encoder = (
        math.hypot(*(float(gradients[name].norm()) for name in names))
        for names in (("W_dec", "b_dec"), ("W_enc", "b_enc"))
    )
    pre, slope = (each[0].numpy() for each in (kind.preactivations(p, batch.x), kind.slope(seen, p, batch)))
    least = [_least_slope(batch.x.numpy() * batch.share, *each) for each in zip(pre, slope)]
    kinks = np.count_nonzero(np.abs(pre) < KINK)
    print(
        f"| {how} | {float(kind.loss(p, batch)):.9f} | {decoder:.0e} | {encoder:.0e} | {math.hypot(*least):.0e} ",
        end="",
    )
    print(f"| {kinks} | {seconds:.0f} |", flush=True)


def _least_slope(x: np.ndarray, pre: np.ndarray, slope: np.ndarray) -> float:
    """Of the encoder of one unit, if each sample at the kink counts with the share in [0, 1] that suits best."""
    near = np.abs(pre) < KINK
    whole = (x * slope)[:, (pre > 0) & ~near].sum(axis=1)
    if not near.any():
        return float(np.linalg.norm(whole))
    shares = lsq_linear((x * slope)[:, near], -whole, (0, 1), tol=1e-14, method="bvls").x
    return float(np.linalg.norm(whole + (x * slope)[:, near] @ shares))


TABLES = {
    "ensemble": of_ensembles,
    "large": of_large,
    "architectures": partial(of_large, names=tuple(architectures())),
    "accuracy": of_accuracy,
    "encoder": of_encoder,
}

if __name__ == "__main__":
    main()
