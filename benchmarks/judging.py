"""Judging all statements at one trained SAE, on one thread.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/judging.py [--n 20000] [--d 64] [--k 128]

Planted data; the SAE is trained for 200 steps only, on 2000 of the samples, so that most laws fail and all is measured.
A small problem comes first, so that what is compiled or derived once is not counted. CPU seconds of the process; memory
is its highest resident size, and what it was before.
"""

from __future__ import annotations

import argparse
import resource
import time

from checks.data.synthetic.planted import planted
from checks.judging import approximate
from checks.problem.instance import instance
from checks.saes.train import train
from theory.statement import discover

LAM = 0.2


def peak() -> float:
    """MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name, value in (("n", 20_000), ("d", 64), ("k", 128)):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    x = planted(options.n, options.d, options.k, seed=0, noise=0.05, offset=1.0).x
    (sae,) = train(x[:2000], options.k, LAM, steps=200)
    statements = discover()
    first, whole = (sae.point(instance(rows, options.k, LAM, bias=True)) for rows in (x[:300], x))
    approximate.judge(statements, [first])
    before, start = peak(), time.process_time()
    approximate.judge(statements, [whole])
    print("| n, d, k | CPU s | peak MiB | before |\n|---|---|---|---|")
    seconds = time.process_time() - start
    print(f"| {options.n}, {options.d}, {options.k} | {seconds:.1f} | {peak():.0f} | {before:.0f} |")


if __name__ == "__main__":
    main()
