"""`saelaws train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from checks.cli.app import app
from checks.cli.options import Data, JsonFile
from checks.cli.output import check_output, check_writable
from checks.cli.progress import progress_bar


@app.command()
def train(
    data: Data,
    k: Annotated[int, typer.Option("--k", min=1, help="Number of latents.")],
    lam: Annotated[float, typer.Option("--lam", min=0.0, help="The sparsity coefficient λ.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Write the SAE as .safetensors.")],
    bias: Annotated[bool, typer.Option(help="Whether the decoder bias is free, else 0.")] = True,
    steps: Annotated[int, typer.Option(min=1, help="Steps of Adam.")] = 4000,
    batch: Annotated[int | None, typer.Option(min=1, help="Samples per step; all by default.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the first atoms and of the batches.")] = 0,
    device: Annotated[str, typer.Option(help="Where it is trained, such as cuda.")] = "cpu",
    json_file: JsonFile = None,
) -> None:
    """Train a vanilla SAE on your data, and measure its encoder against optimal codes."""
    check_output(out, (".safetensors",), data)
    check_writable(json_file)
    from checks.campaigns.solve import training as training_of
    from checks.data import files
    from checks.problem.instance import instance
    from checks.report import document, solution
    from checks.report.catalogue import printed
    from checks.report.provenance import provenance
    from checks.saes import train as training

    problem = instance(files.load(data), k, lam, bias=bias, name=str(data))
    with progress_bar() as report:

        def step(done: int, steps: int, loss: float) -> None:
            report(f"step {done} of {steps}: loss {loss:.6g}", done / steps)

        (sae,) = training.train(
            problem.x, k, lam, bias=bias, seeds=[seed], steps=steps, batch=batch, device=device, progress=step
        )
        report("optimal codes", 1.0)
        result = training_of(problem, sae, steps)
    made = solution.training_json(result, provenance(seed=seed, device=device), out)
    solution.write(out, solution.training_arrays(result), made, solution.training_metadata(result))
    if json_file:
        document.write(json_file, made)
    printed(solution.training_page(result, out))
