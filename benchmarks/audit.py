"""The audit of a checkpoint beside plain encoding and decoding of the same tokens, on one thread.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/audit.py [--n 50000] [--d 768] [--k 8192] [--active 16]
    python benchmarks/audit.py --device cuda

Tokens are sparse mixtures of the decoder's atoms with noise, in float32, in a memory-mapped .npy; the encoder is the
decoder's transpose with a threshold. Times are CPU seconds in the same process, or wall seconds on a GPU, the plain one
before and after. Memory is the highest resident size of the process, and of one that audits a fifth of the tokens.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from checks.campaigns.audit import amortisation_gap, collect, conclude
from checks.data.files import Stream, stream
from checks.evaluation.one_pass import BLOCK, Pass
from checks.judging.checkpoint.subject import subject_of
from checks.saes.architectures.vanilla import Vanilla
from checks.saes.checkpoints.plain import Checkpoint
from checks.saes.sae import SAE
from theory.statement import discover

LAM = 0.5


def sae(d: int, k: int, active: int) -> SAE:
    rng = np.random.default_rng(0)
    D = rng.standard_normal((d, k))
    D /= np.linalg.norm(D, axis=0)
    b_enc, b_dec = np.full(k, -threshold(d, active)), rng.standard_normal(d)
    return SAE(Vanilla(), {"W_enc": D, "b_enc": b_enc, "W_dec": D.T.copy(), "b_dec": b_dec})


def threshold(d: int, active: int) -> float:
    """Above the overlap of chance that `active` sources of size 1 to 3 have with another atom."""
    return 2.7 * (4.4 * active / d) ** 0.5


def tokens(file: Path, subject: SAE, n: int, active: int) -> Stream:
    rng = np.random.default_rng(1)
    d, k = subject.D.shape
    out = np.lib.format.open_memmap(file, mode="w+", dtype=np.float32, shape=(n, d))
    for start in range(0, n, BLOCK):
        rows = min(BLOCK, n - start)
        codes = np.where(rng.random((rows, k)) < active / k, rng.uniform(1, 3, (rows, k)), 0)
        noise = 0.1 * rng.standard_normal((rows, d))
        out[start : start + rows] = subject.b + codes.astype(np.float32) @ subject.D.T.astype(np.float32) + noise
    out.flush()
    return stream(file)


def clock(device: str) -> float:
    """CPU seconds, or wall seconds when a GPU has done all that was asked for."""
    if device == "cpu":
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()


def plain(subject: SAE, samples: Stream, device: str) -> float:
    """Seconds of encoding and decoding, with arrays that are made anew as an implementation would."""
    tensors = (subject.tensors[name].astype(np.float32) for name in ("W_enc", "b_enc", "W_dec", "b_dec"))
    if device != "cpu":
        return plain_there(samples, device, *(torch.from_numpy(tensor).to(device) for tensor in tensors))
    W, c, D, b = tensors
    start = clock(device)
    for x in samples.blocks(BLOCK):
        codes = (x - b) @ W
        codes += c
        np.maximum(codes, 0, out=codes)
        codes @ D + b
    return clock(device) - start


def plain_there(samples: Stream, device: str, W: Tensor, c: Tensor, D: Tensor, b: Tensor) -> float:
    start = clock(device)
    for x in samples.blocks(BLOCK):
        codes = (torch.from_numpy(np.array(x)).to(device) - b) @ W
        codes.add_(c).relu_() @ D + b
    return clock(device) - start


def audited(subject: SAE, samples: Stream, device: str) -> dict[str, float]:
    """Seconds of the parts of an audit."""
    statements = discover()
    start = clock(device)
    given = Checkpoint(subject, LAM, True, np.ones(subject.D.shape[1]))
    prepared = subject_of(given, samples, statements, None, device)
    ready = clock(device)
    done = Pass(prepared.plan.subject)
    collect(prepared, samples, done, None, lambda what, fraction: None)
    passed = clock(device)
    conclude(prepared, done, (0.0, 0))
    concluded = clock(device)
    amortisation_gap(prepared, samples, done)
    gap = clock(device)
    times = {"prepare": ready - start, "pass": passed - ready, "conclude": concluded - passed}
    return {**times, "laws": concluded - start, "optimal codes of 256": gap - concluded}


def measured(options: argparse.Namespace, n: int, results: multiprocessing.Queue[dict[str, float]]) -> None:
    subject = sae(options.d, options.k, options.active)
    with tempfile.TemporaryDirectory() as folder:
        samples = tokens(Path(folder) / "x.npy", subject, n, options.active)
        warm = next(samples.blocks(BLOCK))
        active = float((subject.encode(warm) > 0).sum(1).mean())
        if options.device != "cpu":
            plain(subject, samples, options.device)  # which loads what it needs
        before = plain(subject, samples, options.device)
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        found = audited(subject, samples, options.device)
        after = plain(subject, samples, options.device)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    results.put({"n": n, "active": active, "plain": (before + after) / 2, "before": held, "peak": peak, **found})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name, value in (("n", 50_000), ("d", 768), ("k", 8192), ("active", 16)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    parts = "prepare, pass, conclude"
    print(f"| tokens | active | encode + decode, s | all laws, s | ratio | {parts} | 256 exact codes, s | peak GiB |")
    print("|---|---|---|---|---|---|---|---|")
    for n in (options.n // 5, options.n):
        results: multiprocessing.Queue[dict[str, float]] = context.Queue()
        process = context.Process(target=measured, args=(options, n, results))
        process.start()
        row = results.get()
        process.join()
        parts = ", ".join(f"{row[name]:.1f}" for name in ("prepare", "pass", "conclude"))
        figures = f"{row['plain']:.1f} | {row['laws']:.1f} | {row['laws'] / row['plain']:.2f} | {parts}"
        print(
            f"| {n} | {row['active']:.0f} | {figures} | {row['optimal codes of 256']:.1f} | {row['peak']:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
