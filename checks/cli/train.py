"""`saelaws train`."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from checks.cli.app import app, complain
from checks.cli.options import Data, Force, JsonFile
from checks.cli.output import check_output, check_writable
from checks.cli.progress import progress_bar
from checks.errors import BadInput


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
    from checks.campaigns.solve import training
    from checks.report import document, solution
    from checks.report.catalogue import printed
    from checks.report.provenance import provenance
    from checks.saes import memory, source
    from checks.saes.checkpoints import plain
    from checks.saes.refit import Refit
    from checks.saes.sae import architecture, settings_of
    from checks.saes.train import Interrupted, Report
    from checks.saes.train import train as trained

    chosen = architecture(kind, settings_of(settings or ()))
    if lam is None and chosen.has_price:
        raise BadInput(f"--lam: {chosen.name} needs a sparsity coefficient")
    price = lam or 0.0
    samples = source.opened(data)
    size = source.default_batch(samples.n) if batch is None else batch
    if epochs is not None and steps is not None:
        raise BadInput("--epochs and --steps say the same: give one of them")
    count = steps or (4000 if epochs is None else max(1, math.ceil(epochs * samples.n / (size or samples.n))))
    refits = size is not None if refit is None else refit
    need = memory.needed(samples, k, 1, size, refits)
    if memory.is_large(need):
        fits = memory.checked(need, device, f"lower --batch or --k{', or give --no-refit' if refits else ''}")
        print(f"saelaws: {count} steps of {size or samples.n} samples, {fits}", file=sys.stderr)
    plan: dict[str, Any] = {
        "lr": lr,
        "lam_warm_up": lam_warm_up,
        "average": average,
        "revive": revive,
        "refit": refits,
    }
    stopped = 0
    told: Report | Refit | None = None
    with progress_bar() as report:

        def step(now: Report | Refit) -> None:
            nonlocal told
            told = now
            report(str(now), now.share)

        try:
            (sae,) = trained(
                samples,
                k,
                price,
                architecture=chosen,
                bias=bias,
                seeds=[seed],
                steps=count,
                batch=size,
                device=device,
                keep=state,
                resume=resume,
                progress=step,
                **plan,
            )
        except Interrupted as interrupted:
            (sae,), stopped = interrupted.saes, interrupted.step
        report("measuring", 1.0)
        result = training(str(data), samples, sae, price, bias, stopped or count, device)
        if isinstance(told, Refit) and not stopped:
            result = replace(result, refit=told)
    origin = provenance(seed=seed, device=device)
    made = solution.training_json(result, origin, out)
    said = solution.training_metadata(result, made, origin)
    plain.write(out, sae, price if chosen.has_price else None, bias, said)
    if json_file:
        document.write(json_file, made)
    printed(solution.training_page(result, out))
    if stopped:
        raise typer.Exit(complain(f"interrupted after step {stopped} of {count}; --resume goes on from {state}", 130))
    state.unlink(missing_ok=True)
