"""The solvers side by side with scikit-learn, SPAMS, celer and skglm, in one process and on one thread, as Markdown.

    pip install -e '.[bench]'
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/solvers.py [codes] [joint] [tiny] [growth] > table.md

Peers that are not installed are left out. Times are CPU seconds: medians, the solvers taking turns, so that what else
the machine does meets all of them. Accuracies are measured here, by one formula for all. For codes: the worst natural
residual relative to ‖x‖ + λ, and how far the mean objective is above ours. For dictionaries: how far
F(D) = min over Z of F is above the optimum of the basin that the solver ended in (found from its end point, as
different solvers may end in different basins), relative; iterations are the fewest that reach it. Memory is the highest
resident size of a forked process above what it began with, with the results and without the data; 3 MiB is what any run
touches. Slow peers get the first few samples.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import io
import os
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import DictionaryLearning, MiniBatchDictionaryLearning, sparse_encode

from checks.problem.instance import Array
from checks.solvers.codes import codes
from checks.solvers.codes.active_set import natural_residual
from checks.solvers.dictionary import joint
from checks.solvers.dictionary.many import joint_batch
from checks.solvers.dictionary.result import Joint

Row = dict[str, Any]
Runs = dict[str, Callable[[], Any]]

SIZES = [(2000, 16, 32), (20000, 64, 256), (1000, 384, 2048)]
SHARES = [0.1, 0.02]
REPEATS = 5
LONG = 4.0  # CPU seconds of a run that is not repeated
PATIENCE = 15.0  # CPU seconds of the longest run of a peer on its way to an accuracy
OURS = "this project"


def optional(name: str) -> Any:
    """The module, or None."""
    try:
        return __import__(name)
    except ImportError:
        return None


spams, celer, skglm = optional("spams"), optional("celer"), optional("skglm")


# --- data ------------------------------------------------------------------------------------------------------------


def unit(D: Array) -> Array:
    return D / np.linalg.norm(D, axis=0)


def planted(n: int, d: int, k: int, active: float, seed: int = 0) -> tuple[Array, Array]:
    """Samples with about `active` exponential sources each, noise 0.05, and their dictionary."""
    rng = np.random.default_rng(seed)
    D = unit(rng.standard_normal((d, k)))
    Z = (rng.random((n, k)) < active / k) * rng.exponential(1, (n, k))
    return Z @ D.T + 0.05 * rng.standard_normal((n, d)), D


def digits() -> Array:
    x = load_digits().data
    x = x - x.mean(axis=0)
    return x * np.sqrt(x.shape[1] / (x**2).sum(axis=1).mean())


# --- measuring -------------------------------------------------------------------------------------------------------


def cpu(run: Callable[[], Any]) -> tuple[float, Any]:
    before = time.process_time()
    result = run()
    return time.process_time() - before, result


def in_turns(runs: Runs) -> tuple[dict[str, float], dict[str, Any]]:
    """Median CPU seconds and the first result of each, after a round that is not counted for those that are short."""
    results, times = {}, {}
    for name, run in runs.items():
        seconds, results[name] = cpu(run)
        times[name] = [seconds] if seconds > LONG else []
    for _ in range(REPEATS):
        for name, run in runs.items():
            if not times[name] or times[name][0] <= LONG:
                times[name].append(cpu(run)[0])
    return {name: statistics.median(each) for name, each in times.items()}, results


def peak(run: Callable[[], Any]) -> float:
    """MiB that the run needs above what is there, in a process of its own. NaN where Linux's /proc is missing."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)  # or the run would be served from memory that is there already
            with open("/proc/self/clear_refs", "w") as file:
                file.write("5")  # the highest size is the present one
            before = _resident("VmRSS")
            result = run()
            os.write(writing, str((_resident("VmHWM") - before) / 1024).encode())
            del result
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        told = file.read()
    os.waitpid(child, 0)
    return float(told or "nan")


def _resident(which: str) -> int:
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(which))


def exponent(sizes: Iterable[int], values: Iterable[float]) -> float:
    """p in value ∝ sizeᵖ, by least squares on logarithms."""
    return float(np.polyfit(np.log(list(sizes)), np.log(list(values)), 1)[0])


# --- codes -----------------------------------------------------------------------------------------------------------


def code_peers(x: Array, D: Array, lam: float) -> tuple[Runs, dict[str, int]]:
    """Runs that return codes, and how many samples each is given."""
    n, d = x.shape
    few = {"sklearn lasso_cd": min(n, 1000), "sklearn lasso_lars": 50, "celer": 20, "skglm": 20}
    runs: Runs = {OURS: lambda: codes(x, D, lam).Z}
    if spams:
        X, F = np.asfortranarray(x.T), np.asfortranarray(D)  # that copy is not SPAMS's fault, nor is making it dense
        runs["SPAMS lasso"] = lambda: spams.lasso(X, D=F, lambda1=lam, mode=2, pos=True, numThreads=1)
    for algorithm in ("lasso_cd", "lasso_lars"):
        y = x[: few[f"sklearn {algorithm}"]]
        runs[f"sklearn {algorithm}"] = lambda y=y, a=algorithm: sparse_encode(
            y, D.T, algorithm=a, alpha=lam, positive=True, max_iter=10_000
        )
    for name, module in (("celer", celer), ("skglm", skglm)):
        if module:
            model = module.Lasso(alpha=lam / d, positive=True, fit_intercept=False, tol=1e-8)
            model.fit(D, x[0])  # compiles
            runs[name] = lambda y=x[: few[name]], m=model: np.stack([m.fit(D, row).coef_ for row in y])
    return runs, {name: few.get(name, n) for name in runs}


def bench_codes() -> Iterator[Row]:
    for n, d, k in SIZES:
        x, D = planted(n, d, k, d / 8)
        for share in SHARES:
            lam = share * float((x @ D).max())
            runs, given = code_peers(x, D, lam)
            seconds, results = in_turns(runs)
            dense = {name: Z if isinstance(Z, np.ndarray) else np.asarray(Z.todense()).T for name, Z in results.items()}
            for name, Z in dense.items():
                y = x[: given[name]]
                best = objective(y, D, lam, dense[OURS][: given[name]])
                yield {
                    "n, d, k": f"{n}, {d}, {k}",
                    "λ/λmax": share,
                    "active": float((dense[OURS] > 0).sum(axis=1).mean()),
                    "solver": name,
                    "samples": given[name],
                    "µs per sample": seconds[name] / given[name] * 1e6,
                    "× ours": seconds[name] / given[name] / (seconds[OURS] / n),
                    "residual": float(natural_residual(y, D, np.full(len(y), lam), Z).max()),
                    "objective": f"{objective(y, D, lam, Z):.6g}",
                    "above ours": (objective(y, D, lam, Z) - best) / best,
                    "peak MiB": peak(runs[name]),
                }


def objective(x: Array, D: Array, lam: float, Z: Array) -> float:
    return float((0.5 * ((x - Z @ D.T) ** 2).sum(axis=1) + lam * Z.sum(axis=1)).mean())


# --- joint -----------------------------------------------------------------------------------------------------------


def at(x: Array, D: Array, lam: float) -> Joint:
    """The point of this dictionary, measured."""
    return joint(x, D.shape[1], lam, start=D, max_iterations=0)


def gap(x: Array, D: Array, lam: float) -> float:
    """F(D) above the optimum of its basin, relative."""
    there = joint(x, D.shape[1], lam, start=D).objective
    return max(0.0, (at(x, D, lam).objective - there) / there)


def dictionary_peers(x: Array, D: Array, lam: float) -> dict[str, Callable[[int], Array]]:
    """Iterations → dictionary, all from the same start."""
    peers: dict[str, Callable[[int], Array]] = {}
    if spams:
        X, F = np.asfortranarray(x.T), np.asfortranarray(D)

        def learn(iterations: int, size: int) -> Array:
            with contextlib.redirect_stdout(io.StringIO()):
                found = spams.trainDL(
                    X, K=F.shape[1], D=F, lambda1=lam, mode=2, posAlpha=True, iter=iterations, batchsize=size,
                    numThreads=1, verbose=False,
                )  # fmt: skip
            return unit(np.asarray(found))

        peers["SPAMS trainDL, batch"] = lambda i: learn(i, len(x))
        peers["SPAMS trainDL, online"] = lambda i: learn(8 * i, min(512, len(x)))

    def fit(model: Any, iterations: int, **options: Any) -> Array:
        start = D.T.copy()  # scikit-learn works in the array it is given
        return unit(
            model(
                D.shape[1], alpha=lam, max_iter=iterations, tol=0.0, fit_algorithm="cd", positive_code=True,
                dict_init=start, random_state=0, **options,
            ).fit(x).components_.T
        )  # fmt: skip

    peers["sklearn DictionaryLearning"] = lambda i: fit(DictionaryLearning, i, code_init=codes(x, D, lam).Z)
    peers["sklearn MiniBatchDictionaryLearning"] = lambda i: fit(
        MiniBatchDictionaryLearning, i, max_no_improvement=None, batch_size=256
    )
    return peers


def bench_joint() -> Iterator[Row]:
    cases = [(f"planted {(n, d, k)}", *planted(n, d, k, a), 0.1) for n, d, k, a in ((500, 8, 12, 2), (5000, 32, 64, 4))]
    y = digits()
    cases += [("digits (1797, 64, 128)", y, unit(y[np.random.default_rng(0).permutation(1797)[:128]].T), 1.0)]
    for case, x, D, lam in cases:
        start = unit(D + 0.5 * unit(np.random.default_rng(1).standard_normal(D.shape)))
        start.flags.writeable = False  # no run may spoil it for the next
        runs: Runs = {OURS: lambda x=x, lam=lam, start=start: joint(x, start.shape[1], lam, start=start).D}
        notes: dict[str, tuple[str, int]] = {OURS: ("", 0)}
        for name, learn in dictionary_peers(x, start, lam).items():
            for aim, iterations in reached(learn, x, lam).items():
                label = f"{name} to {aim}"
                notes[label] = (aim, iterations)
                runs[label] = lambda learn=learn, i=iterations: learn(i)
        seconds, found = in_turns(runs)
        for label, (_, iterations) in notes.items():
            point = at(x, found[label], lam)
            yield {
                "data": case,
                "solver": label,
                "iterations": iterations or "",
                "CPU s": seconds[label],
                "× ours": seconds[label] / seconds[OURS],
                "gap": gap(x, found[label], lam),
                "stationarity": point.stationarity,
                "objective": f"{point.objective:.8g}",
                "peak MiB": peak(runs[label]),
            }


def reached(learn: Callable[[int], Array], x: Array, lam: float) -> dict[str, int]:
    """The fewest iterations to gaps of 1e-4 and 1e-8, by doubling and bisection, or else the most patience allows."""

    @cache
    def measured(iterations: int) -> tuple[float, float]:
        seconds, D = cpu(partial(learn, iterations))
        return seconds, gap(x, D, lam)

    found: dict[str, int] = {}
    low, high = 0, 1
    for aim in ("1e-4", "1e-8"):
        while not measured(high)[1] <= float(aim):
            if 2 * measured(high)[0] > PATIENCE:
                return {**found, "the end of patience": high}
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if measured(middle)[1] <= float(aim) else (middle, high)
        found[aim] = high
    return found


# --- many tiny problems ----------------------------------------------------------------------------------------------


def bench_tiny() -> Iterator[Row]:
    x = np.stack([planted(60, 4, 6, 1.8, seed)[0] for seed in range(1000)])
    runs: Runs = {
        f"bias {word}": lambda b=b: joint_batch(x, 6, 0.1, bias=b) for word, b in (("0", False), ("free", True))
    }
    seconds, found = in_turns(runs)
    for name, batch in found.items():
        certified = int(((batch.stationarity <= 1e-9) & (batch.code_residual <= 1e-12)).sum())
        yield {
            "problems": "1000 × (60, 4, 6)", "decoder": name, "certified": certified,
            "certified per CPU s": certified / seconds[name], "worst stationarity": float(batch.stationarity.max()),
            "worst code residual": float(batch.code_residual.max()), "peak MiB": peak(runs[name]),
        }  # fmt: skip


# --- growth ----------------------------------------------------------------------------------------------------------


def bench_growth() -> Iterator[Row]:
    """Exponents of CPU time and peak memory in n and in k."""
    wide = {"n": [(n, 64, 256) for n in (5000, 10000, 20000)], "k": [(5000, 64, k) for k in (256, 512, 1024)]}
    deep = {"n": [(n, 16, 32) for n in (4000, 8000, 16000)], "k": [(8000, 16, k) for k in (16, 32, 64)]}
    for what, ladders in (("codes", wide), ("joint", deep)):
        measured: dict[str, dict[str, float]] = {}
        for letter, sizes in ladders.items():
            steps = [code_ladder(*size) if what == "codes" else joint_ladder(*size) for size in sizes]
            lengths = [size["ndk".index(letter)] for size in sizes]
            seconds = [in_turns(runs)[0] for runs in steps]
            for name in steps[0]:
                row = measured.setdefault(name, {})
                row[f"time in {letter}"] = exponent(lengths, [each[name] for each in seconds])
                row[f"memory in {letter}"] = exponent(lengths, [peak(runs[name]) for runs in steps])
        for name, row in measured.items():
            yield {"what": what, "solver": name, **row}


def code_ladder(n: int, d: int, k: int) -> Runs:
    x, D = planted(n, d, k, d / 8)
    runs, _ = code_peers(x, D, 0.05 * float((x @ D).max()))
    return {name: run for name, run in runs.items() if name in (OURS, "SPAMS lasso")}


def joint_ladder(n: int, d: int, k: int) -> Runs:
    x, D = planted(n, d, k, 3.0)
    start = unit(D + 0.3 * unit(np.random.default_rng(1).standard_normal(D.shape)))
    peers = dictionary_peers(x, start, 0.1)
    return {OURS: lambda: joint(x, k, 0.1, start=start)} | {
        f"{name}, 16 iterations": (lambda learn=learn: learn(16)) for name, learn in peers.items() if "batch" in name
    }


# --- the table -------------------------------------------------------------------------------------------------------

BENCHES: dict[str, tuple[str, Callable[[], Iterator[Row]]]] = {
    "codes": ("Codes of a given dictionary (planted data)", bench_codes),
    "joint": ("Dictionaries, all from one start", bench_joint),
    "tiny": ("Many tiny problems as one batch", bench_tiny),
    "growth": ("Growth: exponents of CPU time and of peak memory", bench_growth),
}


def machine() -> str:
    def installed(name: str) -> str:
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            return f"{name} missing"

    with contextlib.suppress(OSError), open("/proc/cpuinfo") as file:
        processor = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "")
    names = ["numpy", "scipy", "numba", "scikit-learn", "spams-bin", "celer", "skglm"]
    packages = ", ".join(map(installed, names))
    return f"{processor}, {os.cpu_count()} cores, one thread; Python {platform.python_version()}, {packages}; float64."


def cell(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if value >= 100 else f"{value:.2g}"


def compile_ours() -> None:
    """Once, on a machine where that was not done before: it takes longer than most runs."""
    x, D = planted(50, 4, 6, 1.0)
    codes(x, D, 0.1)
    joint(x, 6, 0.1, bias=True)
    joint_batch(x[None], 6, 0.1, bias=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*BENCHES, []], help="all by default")
    compile_ours()
    warnings.simplefilter("ignore")  # peers that stop early say so; their residual says it too
    print("# Solvers against their peers\n\n" + (__doc__ or "").split("\n", 1)[1].strip("\n") + f"\n\n{machine()}")
    print(
        f"Seeds are 0 for data, 1 for starts. Medians of {REPEATS} runs; a run of more than {LONG:.0f} s stands alone."
    )
    for part in parser.parse_args().parts or BENCHES:
        title, bench = BENCHES[part]
        print(f"\n## {title}\n")
        columns: list[str] = []
        for row in bench():
            if not columns:
                columns = list(row)
                print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
            print("| " + " | ".join(cell(row[column]) for column in columns) + " |", flush=True)
            print(part, *map(cell, row.values()), file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
