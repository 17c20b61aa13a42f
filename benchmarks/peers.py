"""Training of a large SAE against the libraries that people train SAEs with, as Markdown.

    pip install -e '.[peers]'
    python benchmarks/peers.py [architecture …] --threads 1 > table.md
    python benchmarks/peers.py [architecture …] --device cuda > table.md

Each library runs its own training step: forward, backward, its optimiser and whatever else it does in a step; ours runs
`checks.saes.train` with the batches that it draws itself. Data, sizes and the number of active units are the same, and
all begin as they would by default. What is compared takes turns, one step at a time. A peer that is not installed is
left out, by name.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import torch

from checks.data.synthetic.planted import planted
from checks.saes.sae import architecture
from checks.saes.source import InMemory
from checks.saes.start import task
from checks.saes.train import Plan, State

N, D, K = 8192, 384, 3072
BATCH = 2048
ACTIVE = 32
LAM = 0.3
TURNS, WARM = 9, 3
OF_A_GPU = 50  # steps of a turn
STEPS = 10_000  # that the schedules are told, of which a few are run

Step = Callable[[], object]

# Our architectures, and what the peers call them.
OURS: dict[str, dict[str, Any]] = {
    "vanilla": {},
    "norm-weighted": {},
    "top-k": {"K": ACTIVE},
    "batch-top-k": {"K": ACTIVE},
    "gated": {},
    "jumprelu": {},
    "matryoshka": {},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("architectures", nargs="*", default=list(OURS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    x = torch.from_numpy(planted(N, D, K, seed=0, noise=0.05).x).to(asked.device, torch.float32)
    where = f"{asked.threads} thread(s)" if asked.device == "cpu" else torch.cuda.get_device_name()
    print(f"\n## One SAE of (d, k) = {(D, K)}, batches of {BATCH}, {where}\n")
    print(", ".join(f"{name} {version(name)}" for name in ("torch", *PEERS) if found(name)), end="; ")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print("| architecture | trainer | CPU ms, fastest | median | wall ms, fastest | median | × ours | × products |")
    print("|---|---|---|---|---|---|---|---|")
    for name in asked.architectures:
        steps = {"products": products(x), "this project": ours(name, x)}
        steps |= {peer: make(name, x) for peer, make in PEERS.items() if found(peer)}
        times = taking_turns({who: step for who, step in steps.items() if step is not None}, asked.device)
        report(name, times, by_wall=asked.threads > 1 or asked.device != "cpu")


def found(distribution: str) -> bool:
    return find_spec(distribution.replace("-", "_")) is not None


def taking_turns(steps: dict[str, Step], device: str) -> dict[str, list[tuple[float, float]]]:
    """CPU and wall seconds of a step, in each turn: of the mean of some where a step is short."""
    count = 1 if device == "cpu" else OF_A_GPU
    times: dict[str, list[tuple[float, float]]] = {who: [] for who in steps}
    for turn in range(WARM + TURNS):
        for who, step in steps.items():
            cpu, wall = time.process_time(), time.perf_counter()
            for _ in range(count):
                step()
            if device != "cpu":
                torch.cuda.synchronize()
            if turn >= WARM:
                times[who].append(((time.process_time() - cpu) / count, (time.perf_counter() - wall) / count))
    return times


def report(name: str, times: dict[str, list[tuple[float, float]]], by_wall: bool) -> None:
    """Ratios are of CPU times, or of wall times: threads that wait for each other spend CPU time."""
    cpu, wall = ({who: [1000 * each[i] for each in seen] for who, seen in times.items()} for i in (0, 1))
    compared = wall if by_wall else cpu
    for who in times:
        # Turn by turn, so that what else the machine did met both.
        to_ours, to_products = (
            statistics.median(a / b for a, b in zip(compared[who], compared[other]))
            for other in ("this project", "products")
        )
        figures = [f"{pick(each[who]):.3g}" for each in (cpu, wall) for pick in (min, statistics.median)]
        print(f"| {name} | {who} | {' | '.join(figures)} | {to_ours:.2f} | {to_products:.2f} |", flush=True)


# --- who trains ---


def products(x: torch.Tensor) -> Step:
    """The five matrix products of a vanilla step."""
    X, W, D_ = x[:BATCH].clone(), torch.randn(D, K, device=x.device), torch.randn(K, D, device=x.device)

    def step() -> None:
        with torch.no_grad():
            z = X @ W
            r = z @ D_
            slope = r @ D_.T
            X.T @ slope, z.T @ r

    return step


def ours(name: str, x: torch.Tensor) -> Step:
    kind = architecture(name, OURS[name])
    plan = Plan(kind, K, (0,), steps=STEPS, batch=BATCH)
    lam = torch.full((1, 1), LAM).double().numpy()
    posed = task(InMemory(x.double().cpu().numpy()), lam, None, True, kind.price_degree, x.device, torch.float32)
    state = State.start(plan, posed)

    def step() -> None:
        with torch.no_grad():
            state.advance(plan, posed.batch(plan.rows(state.step, posed.source.n)), None)

    return step


def batches(x: torch.Tensor) -> itertools.cycle[torch.Tensor]:
    return itertools.cycle(x.split(BATCH))


def sae_lens(name: str, x: torch.Tensor) -> Step | None:
    """`SAETrainer.step`, as its `fit` calls it."""
    from sae_lens import saes
    from sae_lens.config import SAETrainerConfig
    from sae_lens.training.sae_trainer import SAETrainer

    made = {
        "norm-weighted": ("Standard", {"l1_coefficient": 2 * LAM, "apply_b_dec_to_input": False}),
        "top-k": ("TopK", {"k": ACTIVE}),
        "batch-top-k": ("BatchTopK", {"k": ACTIVE}),
        "gated": ("Gated", {"l1_coefficient": 2 * LAM}),
        "jumprelu": ("JumpReLU", {"l0_coefficient": LAM}),
        "matryoshka": ("MatryoshkaBatchTopK", {"k": ACTIVE, "matryoshka_widths": [K // 4, K // 2, K]}),
    }
    if name not in made:
        return None
    kind, settings = made[name]
    config = getattr(saes, f"{kind}TrainingSAEConfig")(d_in=D, d_sae=K, device=str(x.device), **settings)
    training = SAETrainerConfig(STEPS * BATCH, BATCH, lr_end=3e-4, device=str(x.device))
    data = batches(x)
    trainer: Any = SAETrainer(training, getattr(saes, f"{kind}TrainingSAE")(config), data)

    def step() -> None:
        trainer.step(next(data))
        trainer.n_training_steps += 1

    return step


def dictionary_learning(name: str, x: torch.Tensor) -> Step | None:
    """`update` of its trainers, as its `trainSAE` calls it."""
    from dictionary_learning.trainers import batch_top_k, gdm, jumprelu, matryoshka_batch_top_k, standard, top_k

    few: dict[str, Any] = {"warmup_steps": 0}
    made = {
        "vanilla": (standard.StandardTrainer, {"l1_penalty": 2 * LAM}),
        "norm-weighted": (standard.StandardTrainerAprilUpdate, {"l1_penalty": 2 * LAM}),
        "top-k": (top_k.TopKTrainer, {"k": ACTIVE}),
        "batch-top-k": (batch_top_k.BatchTopKTrainer, {"k": ACTIVE}),
        "gated": (gdm.GatedSAETrainer, {"l1_penalty": 2 * LAM}),
        "jumprelu": (jumprelu.JumpReluTrainer, {"target_l0": ACTIVE}),
        "matryoshka": (
            matryoshka_batch_top_k.MatryoshkaBatchTopKTrainer,
            {"k": ACTIVE, "group_fractions": [0.25, 0.25, 0.5]},
        ),
    }
    kind, settings = made[name]
    trainer = kind(
        steps=STEPS,
        activation_dim=D,
        dict_size=K,
        layer=0,
        lm_name="none",
        device=str(x.device),
        seed=0,
        **few,
        **settings,
    )
    data, count = batches(x), itertools.count()
    return lambda: trainer.update(next(count), next(data))


PEERS: dict[str, Callable[[str, torch.Tensor], Step | None]] = {
    "sae-lens": sae_lens,
    "dictionary-learning": dictionary_learning,
}

if __name__ == "__main__":
    main()
