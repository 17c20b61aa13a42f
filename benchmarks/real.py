"""SAEs of real size on real activations: trained, refitted and audited, as Markdown.

    python benchmarks/real.py [architecture …] --widths 3072 16384 --device cuda > table.md

The tokens are those of `saelaws data minilm-3` (d = 384, all of one root mean square per dimension). λ of one root mean
square, for JumpReLU one mean square, and K = 32 where units compete. A1 and λ̂ are relative violations at 95 % of live
latents, before and after the refit; laws are those that the audit can judge on the same tokens. Seconds are wall time,
of a machine that does nothing else.
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
from checks.data.files import stream
from checks.data.real import REAL
from checks.judging.verdict import Verdict
from checks.saes.checkpoints.plain import Checkpoint
from checks.saes.measure import Figures, figures
from checks.saes.sae import architecture, architectures
from checks.saes.source import on_disk
from checks.saes.train import Plan, run
from theory.statement import discover

LAM, ACTIVE, BATCH = 1.0, 32, 2048


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("architectures", nargs="*", default=list(architectures()))
    parser.add_argument("--widths", type=int, nargs="*", default=[3072])
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--data", type=Path, help="a folder of samples, in place of those tokens")
    asked = parser.parse_args()
    folder = asked.data or kept(REAL["minilm-3"].recipe(asked.n, 0)).folder
    where = "a processor" if asked.device == "cpu" else torch.cuda.get_device_name()
    print(f"\n## {stream(folder).n} tokens, {asked.steps} steps of {BATCH}, on {where}\n")
    print("| architecture | k | active | live | unexplained | A1: trained | refitted | λ̂: trained | refitted ", end="")
    print("| laws kept | undecided | failed | train, refit, audit, s |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    for k in asked.widths:
        for name in asked.architectures:
            print(row(name, k, folder, asked.steps, asked.device), flush=True)


def row(name: str, k: int, folder: Path, steps: int, device: str) -> str:
    kind = architecture(name, {"K": ACTIVE} if "top-k" in name else {})
    source = on_disk(folder)
    with tempfile.TemporaryDirectory() as beside:
        state = Path(beside) / "state.run"
        times, measured = [], []
        for refit in (False, True):
            start = time.perf_counter()
            plan = Plan(kind, k, (0,), steps=steps, batch=BATCH, refit=refit)
            (sae,) = run(plan, source, np.full((1, 1), LAM), device=device, keep=state, resume=True)
            times.append(time.perf_counter() - start)
            measured.append(figures(sae, source, LAM, device=device))
    start = time.perf_counter()
    price = LAM if kind.has_price else None
    found = audit(Checkpoint(sae, price, True, np.ones(k)), stream(folder), discover(), device=device)
    times.append(time.perf_counter() - start)
    laws = " | ".join(named(found, verdict) for verdict in (Verdict.CONFIRMED, Verdict.INCONCLUSIVE, Verdict.FALSIFIED))
    read = " | ".join(worst(abs(each.lam / LAM - 1), each) for each in measured)
    off = " | ".join(worst(each.violation, each) for each in measured)
    last = measured[-1]
    spent = ", ".join(f"{each:.1f}" for each in times)
    return f"| {name} | {k} | {last.l0:.1f} | {last.live.sum()} | {last.fvu:.1%} | {off} | {read} | {laws} | {spent} |"


def named(found: Audit, verdict: Verdict) -> str:
    """How many laws, or which if it is few."""
    laws = [law.statement.id for law in found.laws if law.verdict is verdict]
    return str(len(laws)) if verdict is Verdict.CONFIRMED else " ".join(laws) or "–"


def worst(values: np.ndarray, found: Figures) -> str:
    value = np.quantile(values[found.live], 0.95)
    return "–" if np.isnan(value) else f"{value:.1e}"


if __name__ == "__main__":
    main()
