"""The solvers side by side with scikit-learn, SPAMS, celer and skglm, in one process and on one thread.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/solvers.py [codes] [joint] [tiny] [--json FILE]

Peers that are not installed are left out. Times are CPU seconds; codes take the best of three runs. Every accuracy is
measured here, by one formula for all: for codes the natural residual relative to ‖x‖ + λ; for dictionaries the gap of
F(D) = min over Z of F, relative, to the optimum of the basin the peer ended in (found from its end point), because
different solvers may end in different basins. Slow peers get the first few samples, and times are per sample.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import DictionaryLearning, sparse_encode

from checks.instance import Array
from checks.solvers.codes import codes, natural_residual
from checks.solvers.joint import joint
from checks.solvers.joint_batch import joint_batch

Row = dict[str, Any]

SIZES = [(2000, 16, 32), (20000, 64, 256), (1000, 384, 2048)]
SHARES = [0.1, 0.02]
PATIENCE = 60.0  # CPU seconds a peer may take to reach an accuracy


def optional(name: str) -> Any:
    """The module, or None."""
    try:
        return __import__(name)
    except ImportError:
        return None


spams, celer, skglm = optional("spams"), optional("celer"), optional("skglm")


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


def cpu(run: Callable[[], Any]) -> tuple[float, Any]:
    before = time.process_time()
    result = run()
    return time.process_time() - before, result


# --- codes ---------------------------------------------------------------------------------------------------------


def code_peers(D: Array, lam: float) -> Iterator[tuple[str, int, Callable[[Array], Array]]]:
    """(name, most samples to give it, samples → codes)."""
    d = D.shape[0]
    yield "ours", 10**9, lambda x: codes(x, D, lam).Z
    if spams:
        F = np.asfortranarray(D)

        def lars(x: Array) -> Array:
            """The samples are handed over in the order SPAMS wants; that copy, like densifying, is not its fault."""
            return spams.lasso(x, D=F, lambda1=lam, mode=2, pos=True, numThreads=1)

        yield "SPAMS lasso", 10**9, lars
    for algorithm, most in (("lasso_cd", 1000), ("lasso_lars", 50)):
        yield (
            f"sklearn {algorithm}",
            most,
            lambda x, a=algorithm: sparse_encode(x, D.T, algorithm=a, alpha=lam, positive=True, max_iter=10_000),
        )
    for name, module in (("celer", celer), ("skglm", skglm)):
        if module:
            model = module.Lasso(alpha=lam / d, positive=True, fit_intercept=False, tol=1e-8)
            yield name, 30, lambda x, m=model: np.stack([m.fit(D, row).coef_ for row in x])


def bench_codes() -> Iterator[Row]:
    for kind in ("planted", "Gaussian"):
        for n, d, k in SIZES:
            x, D = planted(n, d, k, d / 8)
            if kind == "Gaussian":
                x = np.random.default_rng(1).standard_normal((n, d))
            for share in SHARES:
                lam = share * float((x @ D).max())
                ours = 0.0
                for name, most, run in code_peers(D, lam):
                    y = x[:most] if kind == "planted" else x[: min(most, 400)]
                    given = np.asfortranarray(y.T) if name.startswith("SPAMS") else y
                    run(given[:, :2] if name.startswith("SPAMS") else given[:2])
                    repeats = [cpu(lambda run=run, given=given: run(given)) for _ in range(3 if most > 1000 else 1)]
                    seconds, Z = min(r[0] for r in repeats) / len(y), repeats[0][1]
                    Z = Z if isinstance(Z, np.ndarray) else np.asarray(Z.todense()).T
                    ours = ours or seconds
                    yield {
                        "case": f"{kind} {(n, d, k)} λ = {share} λmax",
                        "solver": name,
                        "samples": len(y),
                        "µs/sample": seconds * 1e6,
                        "× ours": seconds / ours,
                        "residual": float(natural_residual(y, D, np.full(len(y), lam), Z).max()),
                        "active": float((Z > 0).sum(axis=1).mean()),
                    }


# --- joint ---------------------------------------------------------------------------------------------------------


def gap(x: Array, D: Array, lam: float) -> float:
    """F(D) above the optimum of its basin, relative."""
    here = joint(x, D.shape[1], lam, start=D, max_iterations=0).objective
    there = joint(x, D.shape[1], lam, start=D).objective
    return (here - there) / there


def peer_dictionaries(x: Array, D: Array, lam: float) -> Iterator[tuple[str, Callable[[int], Array]]]:
    """(name, iterations → dictionary), all from the same start."""
    k = D.shape[1]
    if spams:
        X = np.asfortranarray(x.T)

        def spams_run(iterations: int, size: int) -> Array:
            with contextlib.redirect_stdout(io.StringIO()):
                found = spams.trainDL(
                    X,
                    K=k,
                    D=np.asfortranarray(D),
                    lambda1=lam,
                    mode=2,
                    posAlpha=True,
                    iter=iterations,
                    batchsize=size,
                    numThreads=1,
                    verbose=False,
                )
            return unit(np.asarray(found))

        yield "SPAMS batch", lambda i: spams_run(i, len(x))
        yield "SPAMS online", lambda i: spams_run(8 * i, 512)

    def sklearn_run(iterations: int) -> Array:
        model = DictionaryLearning(
            k, alpha=lam, max_iter=iterations, tol=0.0, fit_algorithm="cd", positive_code=True, dict_init=D.T,
            code_init=codes(x, D, lam).Z,
        )  # fmt: skip
        return unit(model.fit(x).components_.T)

    yield "sklearn DictionaryLearning", sklearn_run


def bench_joint() -> Iterator[Row]:
    cases = [("planted (500, 8, 12)", *planted(500, 8, 12, 2.0), 0.1)]
    cases += [("planted (5000, 32, 64)", *planted(5000, 32, 64, 4.0), 0.1)]
    y = digits()
    cases += [("digits (1797, 64, 128)", y, unit(y[np.random.default_rng(0).permutation(1797)[:128]].T), 1.0)]
    for case, x, D, lam in cases:
        rng = np.random.default_rng(1)
        start = unit(D + 0.5 * unit(rng.standard_normal(D.shape)))
        joint(x, D.shape[1], lam, start=start, max_iterations=1)
        seconds, solved = cpu(lambda x=x, D=D, lam=lam, start=start: joint(x, D.shape[1], lam, start=start))
        yield {
            "case": case, "solver": "ours", "iterations": "", "seconds": seconds, "× ours": 1.0,
            "gap": max(0.0, gap(x, solved.D, lam)), "stationarity": solved.stationarity,
        }  # fmt: skip
        for name, run in peer_dictionaries(x, start, lam):
            yield from _race(case, name, run, x, lam, seconds)


def _race(case: str, name: str, run: Callable[[int], Array], x: Array, lam: float, ours: float) -> Iterator[Row]:
    """Double the iterations until the gap is 1e-9 or patience ends; the first run below 1e-4 and 1e-8, and the last."""
    wanted, iterations = [1e-4, 1e-8], 4
    while True:
        seconds, D = cpu(partial(run, iterations))
        reached = gap(x, D, lam)
        last = seconds * 2.0 > PATIENCE or reached <= wanted[-1]
        if last or reached <= wanted[0]:
            stationarity = joint(x, D.shape[1], lam, start=D, max_iterations=0).stationarity
            yield {
                "case": case, "solver": name, "iterations": iterations, "seconds": seconds, "× ours": seconds / ours,
                "gap": reached, "stationarity": stationarity,
            }  # fmt: skip
            wanted = [aim for aim in wanted if reached > aim] or wanted[-1:]
        if last:
            return
        iterations *= 2


# --- many tiny problems --------------------------------------------------------------------------------------------


def bench_tiny() -> Iterator[Row]:
    x = np.stack([planted(60, 4, 6, 1.8, seed)[0] for seed in range(1000)])
    joint_batch(x[:2], 6, 0.1)
    for bias in (False, True):
        seconds, batch = cpu(lambda bias=bias: joint_batch(x, 6, 0.1, bias=bias))
        fine = int((batch.stationarity <= 1e-9).sum())
        yield {
            "case": f"1000 × (60, 4, 6){', bias' if bias else ''}", "solver": "ours", "certified": fine,
            "optima/s": fine / seconds, "worst stationarity": float(batch.stationarity.max()), "median gap": 0.0,
        }  # fmt: skip
    few = x[:10]
    starts = [unit(np.random.default_rng(i).standard_normal((4, 6))) for i in range(10)]
    names = [name for name, _ in peer_dictionaries(few[0], starts[0], 0.1) if name != "SPAMS online"]
    for name in names:
        seconds, found = cpu(
            lambda name=name: [dict(peer_dictionaries(y, D, 0.1))[name](1000) for y, D in zip(few, starts)]
        )
        points = [joint(y, 6, 0.1, start=D, max_iterations=0).stationarity for y, D in zip(few, found)]
        yield {
            "case": "10 × (60, 4, 6), 1000 iterations", "solver": name, "certified": sum(s <= 1e-9 for s in points),
            "optima/s": 10 / seconds, "worst stationarity": max(points),
            "median gap": float(np.median([gap(y, D, 0.1) for y, D in zip(few, found)])),
        }  # fmt: skip


def show(row: Row) -> str:
    return "  ".join(
        f"{k} {v:.3g}" if isinstance(v, float) else f"{v}" if k == "case" else f"{k} {v}" for k, v in row.items()
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help="codes, joint, tiny; all by default")
    parser.add_argument("--json", help="also write the rows there")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # peers that stop early say so; their residual says it too
    benches = {"codes": bench_codes, "joint": bench_joint, "tiny": bench_tiny}
    rows = []
    for part in arguments.parts or benches:
        for row in benches[part]():
            rows.append({"part": part, **row})
            print(show(row), flush=True)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1, ensure_ascii=False)


if __name__ == "__main__":
    main()
