"""`saelaws solve`."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from checks.campaigns.solve import Solution
    from checks.problem.instance import Array, Instance
    from checks.report.solution import Begun
    from checks.solvers.dictionary.result import Joint
from checks.cli.app import app
from checks.cli.options import Data, Force, JsonFile
from checks.cli.output import check_output, check_writable, finish
from checks.cli.progress import progress_bar


class Kept(StrEnum):
    """How codes are written."""

    dense = "dense"
    sparse = "sparse"


@app.command()
def solve(
    data: Data,
    k: Annotated[int, typer.Option("--k", min=1, help="Number of atoms.")],
    lam: Annotated[float, typer.Option("--lam", min=0.0, help="The sparsity coefficient λ.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Write D, b, Z as .npz or .safetensors.")],
    bias: Annotated[bool, typer.Option(help="Whether the decoder bias is free, else 0.")] = False,
    restarts: Annotated[int, typer.Option(min=1, help="Starts, of which the best optimum is kept.")] = 1,
    max_iterations: Annotated[int, typer.Option(min=0, help="Newton steps of each start.")] = 500,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the starts.")] = 0,
    device: Annotated[str, typer.Option(help="Where it is solved, such as cuda.")] = "cpu",
    codes: Annotated[
        Kept | None, typer.Option(help="How Z is written: sparse if there are more than 2²⁰ of them, by default.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from what the file of --out holds.")] = False,
    json_file: JsonFile = None,
    force: Force = False,
) -> None:
    """Solve dictionary learning on your data: a certified optimum, and what a wider dictionary could gain.

    Beyond 2²⁰ codes it works in blocks of samples, on the processor: memory grows with the codes that are active.
    Interrupted, that writes what it has, and --resume goes on from there. Sparse codes are written as the arrays
    Z_data, Z_indices and Z_indptr of scipy.sparse.csr_array.
    """
    check_output(out, (".npz", ".safetensors"), data, resumed=resume, replaced=force)
    check_writable(json_file, replaced=resume or force)
    import numpy as np

    from checks.campaigns import solve as measured
    from checks.data import files
    from checks.problem.instance import Instance, check_width, instance, per_sample
    from checks.report import document, solution
    from checks.report.catalogue import printed
    from checks.report.provenance import provenance
    from checks.solvers.dictionary.large import LARGE

    x = files.mapped(data)
    check_width(k)
    n, is_large = len(x), len(x) * k > LARGE
    dense = codes is Kept.dense if codes else not is_large
    origin = provenance(seed=seed, device=device)
    options: dict[str, Any] = {"seed": seed, "restarts": restarts, "max_iterations": max_iterations}
    if is_large and device == "cpu":  # samples that are not read yet are checked where they are
        problem = Instance(x, k, per_sample(lam, n, "λ"), np.full(n, 1 / n), bias, str(data))
        first = solution.begun(out, problem) if resume else None
        result = _solve_large(problem, first, out, origin, dense=dense, **options)
    else:
        problem = instance(x, k, lam, bias=bias, name=str(data))
        first = solution.begun(out, problem) if resume else None
        result = _solve_small(problem, first, device, options)
        result = result if dense else measured.with_sparse_codes(result)
    made = solution.solution_json(result, origin, out)
    solution.write(out, result.arrays, made)
    if json_file:
        document.write(json_file, made)
    printed(solution.solution_page(result, out))
    finish(agrees=not result.shortfall)


def _solve_small(problem: Instance, first: Begun | None, device: str, options: Any) -> Solution:
    """By the joint solver, with all codes in memory."""
    from checks.campaigns import solve as measured

    start = (first.D, first.b) if first else None
    steps = 0
    with progress_bar() as report:

        def step(_: int, objective: float, stationarity: float) -> None:
            nonlocal steps
            steps += 1
            # Newton's method halves the distance in digits, so that this shows how far it is.
            done = min(1.0, max(0.0, math.log10(max(stationarity, 1e-9)) / -9))
            report(f"step {steps}: objective {objective:.6g}, stationarity {stationarity:.0e}", done)

        found = _solver(device)(
            problem.x, problem.k, float(problem.lam[0]), bias=problem.bias, start=start, progress=step, **options
        )
        report("certificate", 1.0)
        return measured.solution(problem, found, steps)


def _solve_large(
    problem: Instance, first: Begun | None, out: Path, origin: Any, *, dense: bool, **options: Any
) -> Solution:
    """In blocks of samples. Interrupted, it writes what there is."""
    from checks.campaigns import solve as measured
    from checks.report import solution
    from checks.solvers.codes.result import Outcome
    from checks.solvers.dictionary.large import large

    i = problem
    _say_what_it_takes(i, dense)
    if first:
        options |= {"start": (first.D, first.b), "online": not first.full}
    with progress_bar() as report:
        found = large(i.x, i.k, i.lam, bias=i.bias, name=i.name, progress=report, **options)
        if found.outcome is not Outcome.INTERRUPTED:
            with suppress(
                KeyboardInterrupt
            ):  # the search is over: without a certificate it is as if interrupted before
                return measured.large_solution(
                    i, found, dense=dense, progress=lambda share: report(f"certificate: {share:.0%}", share)
                )
    arrays = measured.large_arrays(found, i.lam, dense=dense)
    solution.write(out, arrays, solution.interrupted_json(i, found, origin, out))
    raise KeyboardInterrupt(f"interrupted: {out} holds what there is; the same command with --resume goes on from it")


def _say_what_it_takes(problem: Instance, dense: bool) -> None:
    """Print memory and time on stderr. Raises BadInput if there is not so much memory."""
    from checks import memory
    from checks.solvers.dictionary.large import estimate, least_memory

    i, what = problem, f"{problem.n} samples × {problem.d} with {problem.k} atoms"
    memory.check_fits(least_memory(i.x, i.k), what)
    with progress_bar() as report:
        report("trying a few samples; the first time this compiles, half a minute", 0.0)
        expected = estimate(i.x, i.k, float(i.lam[0]))
    needed = expected.memory + (16.0 * i.n * i.k if dense else 0.0)  # once in memory and once on the way to the file
    memory.check_fits(needed, what)
    print(
        f"{what}: about {memory.in_words(needed)} of the {memory.in_words(memory.available())} of memory, "
        f"{expected.seconds:.2g} s per pass over the data at first, some dozens of passes",
        file=sys.stderr,
    )


def _solver(device: str) -> Callable[..., Joint[Array]]:
    """The joint solver on a device; for the processor without torch, whose import takes seconds."""
    if device == "cpu":
        from checks.solvers.dictionary import joint

        return joint
    from checks.solvers.dictionary import joint_on

    return partial(joint_on, device)
