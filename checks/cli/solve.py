"""`saelaws solve`."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from checks.problem.instance import Array
    from checks.solvers.dictionary.result import Joint
from checks.cli.app import app
from checks.cli.options import Data, JsonFile
from checks.cli.output import check_output, check_writable, finish
from checks.cli.progress import progress_bar


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
    json_file: JsonFile = None,
) -> None:
    """Solve dictionary learning on your data: a certified optimum, and what a wider dictionary could gain."""
    check_output(out, (".npz", ".safetensors"), data)
    check_writable(json_file)
    from checks.campaigns.solve import solution as solution_of
    from checks.data import files
    from checks.problem.instance import instance
    from checks.report import document, solution
    from checks.report.catalogue import printed
    from checks.report.provenance import provenance

    problem = instance(files.load(data), k, lam, bias=bias, name=str(data))
    steps = 0
    with progress_bar() as report:

        def step(_: int, objective: float, stationarity: float) -> None:
            nonlocal steps
            steps += 1
            # Newton's method halves the distance in digits, so that this shows how far it is.
            done = min(1.0, max(0.0, math.log10(max(stationarity, 1e-9)) / -9))
            report(f"step {steps}: objective {objective:.6g}, stationarity {stationarity:.0e}", done)

        found = _solver(device)(
            problem.x, k, lam, bias=bias, restarts=restarts, seed=seed, max_iterations=max_iterations, progress=step
        )
        report("certificate", 1.0)
        result = solution_of(problem, found, steps)
    made = solution.solution_json(result, provenance(seed=seed, device=device), out)
    solution.write(out, solution.solution_arrays(result), made)
    if json_file:
        document.write(json_file, made)
    printed(solution.solution_page(result, out))
    finish(agrees=not result.shortfall)


def _solver(device: str) -> Callable[..., Joint[Array]]:
    """The joint solver on a device; for the processor without torch, whose import takes seconds."""
    if device == "cpu":
        from checks.solvers.dictionary import joint

        return joint
    from checks.solvers.dictionary import joint_on

    return partial(joint_on, device)
