"""`saelaws train`."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from checks.cli.app import app, complain
from checks.cli.options import Data, Force, JsonFile
from checks.cli.output import check_output, check_writable
from checks.cli.progress import progress_bar
from checks.errors import BadInput

if TYPE_CHECKING:
    from checks.campaigns.solve import Training
    from checks.saes.source import Source


@app.command()
def train(
    data: Data,
    k: Annotated[int, typer.Option("--k", min=1, help="Number of latents.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Write the SAE as .safetensors.")],
    lam: Annotated[
        float | None,
        typer.Option("--lam", min=0.0, help="The sparsity coefficient λ; top-k and batch-top-k have none."),
    ] = None,
    kind: Annotated[
        str, typer.Option("--architecture", metavar="NAME", help="vanilla, gated, top-k, ...; any other lists them.")
    ] = "vanilla",
    settings: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="NAME=VALUE", help="A setting of the architecture, such as K=8 or tied=false."),
    ] = None,
    bias: Annotated[bool, typer.Option(help="Whether the decoder bias is free, else 0.")] = True,
    steps: Annotated[int | None, typer.Option(min=1, help="Steps of Adam; 4000 by default.")] = None,
    epochs: Annotated[float | None, typer.Option(min=0.0, help="The same as passes over the data.")] = None,
    batch: Annotated[
        int | None, typer.Option(min=1, help="Samples per step; all of up to 8192 by default, else 2048.")
    ] = None,
    lr: Annotated[float | None, typer.Option(help="Highest learning rate, for data of unit variance.")] = None,
    lam_warm_up: Annotated[float, typer.Option(min=0.0, help="Share of the run in which λ rises to its value.")] = 0.0,
    average: Annotated[
        float | None,
        typer.Option(
            min=0.0, help="Last share of the run whose parameters are averaged; with --batch, 1/4 by default."
        ),
    ] = None,
    revive: Annotated[
        bool, typer.Option("--revive", help="Let dead latents start anew, in the first half of the run.")
    ] = False,
    refit: Annotated[
        bool | None,
        typer.Option(
            "--refit/--no-refit",
            help="Make the decoder exactly optimal for its codes in the end, a convex problem (group lasso) of k×k "
            "moments; with batches, by default.",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run, whose state is beside the output.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the first atoms.")] = 0,
    device: Annotated[str, typer.Option(help="Where it is trained, such as cuda.")] = "cpu",
    json_file: JsonFile = None,
    force: Force = False,
) -> None:
    """Train an SAE on your data, and measure how far its training and its encoder are from optimal."""
    state = out.with_suffix(".run")
    resumed = resume and state.exists()  # where there is nothing to go on with, nothing is replaced
    check_output(out, (".safetensors",), data, resumed=resumed, replaced=force)
    check_writable(json_file, replaced=resumed or force)
    from checks.report import document, solution
    from checks.report.catalogue import printed
    from checks.report.provenance import provenance
    from checks.saes import source
    from checks.saes.checkpoints import plain
    from checks.saes.sae import architecture, settings_of

    chosen = architecture(kind, settings_of(settings or ()))
    if lam is None and chosen.has_price:
        raise BadInput(f"--lam: {chosen.name} needs a sparsity coefficient")
    if lam and not chosen.has_price:
        raise BadInput(f"--lam {lam:g}: {chosen.name} has no sparsity coefficient")
    samples = source.opened(data)
    size = source.default_batch(samples.n) if batch is None else batch
    count = _steps(steps, epochs, samples.n / (size or samples.n))
    refits = size is not None if refit is None else refit
    _say_what_is_large(samples, k, size, refits, count, device)
    try:
        result, stopped = _trained(
            data,
            samples,
            k,
            lam or 0.0,
            architecture=chosen,
            bias=bias,
            seeds=[seed],
            steps=count,
            batch=size,
            device=device,
            keep=state,
            resume=resume,
            lr=lr,
            lam_warm_up=lam_warm_up,
            average=average,
            revive=revive,
            refit=refits,
        )
    except KeyboardInterrupt:  # while it starts or measures: steps are not lost
        if not state.exists():
            raise
        raise KeyboardInterrupt(f"interrupted: --resume goes on from {state}") from None
    origin = provenance(seed=seed, device=device)
    made = solution.training_json(result, origin, out)
    said = solution.training_metadata(result, made, origin)
    plain.write(out, result.sae, lam or 0.0 if chosen.has_price else None, bias, said)
    if json_file:
        document.write(json_file, made)
    printed(solution.training_page(result, out))
    if stopped:
        raise typer.Exit(complain(f"interrupted after step {stopped} of {count}; --resume goes on from {state}", 130))
    state.unlink(missing_ok=True)


def _steps(steps: int | None, epochs: float | None, of_an_epoch: float) -> int:
    if epochs is not None and steps is not None:
        raise BadInput("--epochs and --steps say the same: give one of them")
    return steps or (4000 if epochs is None else max(1, math.ceil(epochs * of_an_epoch)))


def _say_what_is_large(samples: Source, k: int, batch: int | None, refits: bool, steps: int, device: str) -> None:
    """One line about memory, before the work. Raises BadInput if there is not enough."""
    from checks.saes import memory

    need = memory.needed(samples, k, 1, batch, refits)
    if memory.is_large(need):
        fits = memory.checked(need, device, f"lower --batch or --k{', or give --no-refit' if refits else ''}")
        print(f"saelaws: {steps} steps of {batch or samples.n} samples, {fits}", file=sys.stderr)


def _trained(
    data: Path, samples: Source, k: int, lam: float, *, steps: int, bias: bool, device: str, **options: Any
) -> tuple[Training, int]:
    """The SAE as it is measured, and the step after which the user stopped it, 0 if it is done."""
    from checks.campaigns.solve import training
    from checks.saes.refit import Refit
    from checks.saes.train import Interrupted, Report, train

    stopped = 0
    told: Report | Refit | None = None
    with progress_bar() as report:

        def step(now: Report | Refit) -> None:
            nonlocal told
            told = now
            report(str(now), now.share)

        try:
            (sae,) = train(samples, k, lam, steps=steps, bias=bias, device=device, progress=step, **options)
        except Interrupted as interrupted:
            (sae,), stopped = interrupted.saes, interrupted.step
        report("measuring", 1.0)
        result = training(str(data), samples, sae, lam, bias, stopped or steps, device)
    return replace(result, refit=told) if isinstance(told, Refit) and not stopped else result, stopped
