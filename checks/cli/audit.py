"""`saelaws audit`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from checks.cli.app import app, complain
from checks.cli.chosen import all_statements
from checks.cli.options import Force, From, JsonFile
from checks.cli.output import check_writable, finish
from checks.cli.progress import progress_bar
from checks.errors import BadInput


@app.command()
def audit(
    checkpoint: Annotated[
        Path,
        typer.Argument(
            metavar="SAE", help="An SAE: .safetensors with W_enc, b_enc, W_dec, b_dec, or a folder that SAELens saved."
        ),
    ],
    activations: Annotated[
        Path,
        typer.Argument(metavar="ACTIVATIONS", help="Samples as rows: .npy, .npz, .safetensors, .parquet, or a folder."),
    ],
    lam: Annotated[
        float | None,
        typer.Option("--lam", min=0.0, help="λ at which laws are judged; that of the file, else what is read off."),
    ] = None,
    resume: Annotated[
        Path | None, typer.Option("--resume", metavar="FILE", help="Keep the pass here, and go on with what is there.")
    ] = None,
    sure: Annotated[bool, typer.Option("--sure", help="Also measure the laws that no checkpoint can break.")] = False,
    device: Annotated[str, typer.Option(help="Where samples are encoded, such as cuda.")] = "cpu",
    folders: From = None,
    json_file: JsonFile = None,
    force: Force = False,
) -> None:
    """Audit a checkpoint on its activations: its λ, how converged it is, and which laws it keeps."""
    check_writable(json_file, replaced=force)
    check_writable(resume, replaced=True)  # which is gone on with
    if lam is not None and not math.isfinite(lam):
        raise BadInput(f"--lam {lam}: expected a number ≥ 0")
    from checks.campaigns import audit as measuring
    from checks.data import files
    from checks.report import audit as report_of
    from checks.report import document
    from checks.report.catalogue import printed
    from checks.report.provenance import provenance
    from checks.saes import checkpoints

    sae, samples = checkpoints.read(checkpoint), files.stream(activations)
    try:
        with progress_bar() as report:
            found = measuring.audit(
                sae, samples, all_statements(folders), lam=lam, device=device, resume=resume, sure=sure, progress=report
            )
    except KeyboardInterrupt:
        if resume is None or not resume.exists():
            raise
        raise typer.Exit(complain(f"interrupted: the same command goes on from {resume}", 130)) from None
    printed(report_of.audit_page(found, checkpoint.name))
    if json_file:
        document.write(json_file, report_of.audit_json(found, provenance(device=device)))
    finish(agrees=found.agrees)
