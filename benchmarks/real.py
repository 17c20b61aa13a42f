"""SAEs of real size on real activations: trained, refitted, and audited before and after, as Markdown.

    python benchmarks/real.py [architecture …] [--widths 768 3072] [--device cuda] [--data FOLDER] > table.md

The tokens are those of `saelaws data minilm-3` (d = 384, one root mean square in each dimension): the first half of
them is trained on, the other is not. λ is one root mean square, for JumpReLU one mean square; where units compete, as
many are active as that leaves of others. A1 and λ̂ are relative violations at 95 % of live latents. Laws are those that
the audit judges, on the tokens of the training.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from checks.campaigns.audit import Audit, audit
from checks.data.cache import kept
from checks.data.files import load, stream
from checks.data.real import REAL
from checks.judging.verdict import Verdict
from checks.problem.instance import Array
from checks.saes.checkpoints.plain import Checkpoint
from checks.saes.measure import Figures, figures
from checks.saes.sae import Architecture, architecture, architectures
from checks.saes.source import InMemory
from checks.saes.train import Plan, run
from theory.statement import discover

LAM, ACTIVE, BATCH = 1.0, 18, 2048


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("architectures", nargs="*", default=sorted(architectures()))
    parser.add_argument("--widths", type=int, nargs="*", default=[768])
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--data", type=Path, help="a folder of samples, in place of those tokens")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    x = load(asked.data or kept(REAL["minilm-3"].recipe(2 * asked.n, 0)).folder)
    where = f"{asked.threads} thread(s)" if asked.device == "cpu" else torch.cuda.get_device_name()
    print(f"\n## {asked.n} tokens, {asked.steps} steps of {BATCH}, seed 0, {where}\n")
    print("| architecture | k | | A1 | within 1e-2 | λ̂ | F | F of other tokens | unexplained | active | live ", end="")
    print("| laws kept | undecided | failed | s | audit, s |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    for k in asked.widths:
        for name in asked.architectures:
            kind = architecture(name, {"K": ACTIVE} if "top-k" in name else {})
            before_and_after(kind, k, x[: asked.n], x[asked.n :], asked.steps, asked.device)


def before_and_after(kind: Architecture, k: int, x: Array, unseen: Array, steps: int, device: str) -> None:
    lam = LAM if kind.has_price else 0.0
    with tempfile.TemporaryDirectory() as beside:
        file, state = Path(beside) / "x.npy", Path(beside) / "state.run"
        np.save(file, x.astype(np.float32))
        for how, refit in (("trained", False), ("refitted", True)):
            plan = Plan(kind, k, (0,), steps=steps, batch=BATCH, refit=refit)
            start = time.perf_counter()
            (sae,) = run(plan, InMemory(x), np.full((1, 1), lam), device=device, keep=state, resume=True)
            seconds = time.perf_counter() - start
            found, other = (figures(sae, InMemory(each), lam, device=device) for each in (x, unseen))
            start = time.perf_counter()
            given = Checkpoint(sae, lam if kind.has_price else None, True, np.ones(k))
            laws = audit(given, stream(file), discover(), device=device)
            spent = f"{seconds:.1f} | {time.perf_counter() - start:.1f}"
            within = f"{(found.violation[found.live] <= 1e-2).mean():.0%}"
            read = "–" if np.isnan(found.lam).all() else worst(np.abs(found.lam / lam - 1), found)
            print(f"| {kind.name} | {k} | {how} | {worst(found.violation, found)} | {within} | {read} ", end="")
            print(f"| {found.loss:.5f} | {other.loss:.5f} | {found.fvu:.1%} | {found.l0:.1f} ", end="")
            print(
                f"| {found.live.sum()} | {named(laws, Verdict.CONFIRMED)} | {named(laws, Verdict.INCONCLUSIVE)} ",
                end="",
            )
            print(f"| {named(laws, Verdict.FALSIFIED)} | {spent} |", flush=True)


def worst(values: Array, found: Figures) -> str:
    return f"{np.quantile(values[found.live], 0.95):.1e}"


def named(found: Audit, verdict: Verdict) -> str:
    """How many laws are kept, and which are not."""
    laws = [law.statement.id for law in found.laws if law.verdict is verdict]
    return str(len(laws)) if verdict is Verdict.CONFIRMED else " ".join(laws) or "–"


if __name__ == "__main__":
    main()
