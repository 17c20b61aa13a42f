"""Data too large for dense codes: time and memory to the objective of SPAMS' online trainer, as a Markdown table.

    pip install -e '.[bench]'
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/large.py [--n N] [--d D] [--k K] [--lam LAM] > table.md

Planted data (10 exponential sources per sample, noise 0.05), a mapped float64 .npy file. Both begin with the same k
samples as atoms, have one thread and a process of their own, one after the other. SPAMS: trainDL, mode 2, posAlpha,
1000 mini-batches of 400 samples. Its objective is that of its atoms with exact codes of all samples, which is not part
of its time; it is part of ours. Times are CPU seconds, peak is the highest resident size, mapped pages included.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from checks.problem.instance import Array
from checks.solvers.dictionary.large import BLOCK, large

ITERATIONS, BATCH = 1000, 400
ACTIVE, NOISE = 10, 0.05


def unit(D: Array) -> Array:
    return D / np.linalg.norm(D, axis=0)


def write_planted(file: Path, n: int, d: int, k: int) -> None:
    """Samples, written block by block."""
    rng = np.random.default_rng(0)
    D = unit(rng.standard_normal((d, k)))
    x = np.lib.format.open_memmap(file, mode="w+", dtype=np.float64, shape=(n, d))
    for i in range(0, n, BLOCK):
        m = min(BLOCK, n - i)
        Z = (rng.random((m, k)) < ACTIVE / k) * rng.exponential(1, (m, k))
        x[i : i + m] = Z @ D.T + NOISE * rng.standard_normal((m, d))
    x.flush()


def beginning(x: Array, k: int) -> Array:
    return unit(np.asarray(x[np.sort(np.random.default_rng(1).choice(len(x), k, replace=False))]).T)


def spams(x: Array, k: int, lam: float, _: float) -> list[list[float]]:
    """[CPU seconds, objective] at the end."""
    import spams as peer

    start = np.asfortranarray(beginning(x, k))
    X = np.asfortranarray(np.asarray(x).T)
    before = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        D = peer.trainDL(
            X, D=start, lambda1=lam, mode=2, posAlpha=True, iter=ITERATIONS, batchsize=BATCH, numThreads=1,
            verbose=False,
        )  # fmt: skip
    seconds, peak = time.process_time() - before, highest()
    at = large(x, k, lam, start=(unit(np.asarray(D)), np.zeros(len(D))), online=False, max_iterations=0)
    return [[seconds, at.objective, at.stationarity, peak]]


def ours(x: Array, k: int, lam: float, seconds: float) -> list[list[float]]:
    """[CPU seconds, objective, stationarity, peak MB] after every pass, until it is stationary or time is up."""
    path: list[list[float]] = []
    begun = time.process_time()

    def watch(objective: float, stationarity: float) -> None:
        path.append([time.process_time() - begun, objective, stationarity, highest()])
        if path[-1][0] > seconds:
            raise KeyboardInterrupt

    large(x, k, lam, start=(beginning(x, k), np.zeros(x.shape[1])), watch=watch)
    return path


def highest() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


CONTENDERS = {"spams": spams, "ours": ours}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in {"n": 100_000, "d": 256, "k": 1024, "lam": 0.2, "seconds": 900.0}.items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--data", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.contender:
        x = np.load(asked.data, mmap_mode="r")
        if asked.contender == "ours":  # compiles
            large(np.asarray(x[:64]), 4, asked.lam)
        print(json.dumps(CONTENDERS[asked.contender](x, asked.k, asked.lam, asked.seconds)))
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x.npy"
        write_planted(file, asked.n, asked.d, asked.k)
        found = {}
        for name in CONTENDERS:
            command = [sys.executable, __file__, *sys.argv[1:], "--contender", name, "--data", str(file)]
            found[name] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            print(name, *found[name], sep="\n", file=sys.stderr, flush=True)
    (peer,) = found["spams"]
    path = found["ours"]
    first = next((point for point in path if point[1] <= peer[1]), None)
    rows = [("SPAMS trainDL, online, 1000 × 400", peer), ("this project, to the objective of SPAMS", first)]
    rows += [("this project, to the end", path[-1])]
    print("| n, d, k | λ | solver | CPU s | × ours | objective | stationarity | peak MB |\n" + "|---" * 8 + "|")
    for name, row in rows:
        if row is None:
            print(f"| {asked.n}, {asked.d}, {asked.k} | {asked.lam} | {name} | not reached | | | | |")
            continue
        ratio = f"{row[0] / first[0]:.2g}" if first else ""
        figures = f"{row[0]:.0f} | {ratio} | {row[1]:.7g} | {row[2]:.1e} | {row[3]:.0f}"
        print(f"| {asked.n}, {asked.d}, {asked.k} | {asked.lam} | {name} | {figures} |")


if __name__ == "__main__":
    main()
