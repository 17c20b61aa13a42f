"""`saelaws study`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Collection

    from checks.studies.common.verdicts import Result
from checks.cli.app import app, complain
from checks.cli.options import Hard
from checks.cli.output import check_folder, finish
from checks.cli.progress import progress_bar
from checks.errors import BadInput


@app.command()
def study(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Studies, such as width-law; all by default.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Write a page, and the figure and JSON of each study."),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the studies and what they predict.")] = False,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds: 0, 1, …; below 2 nothing is decided.")] = 3,
    profile: Annotated[
        Hard, typer.Option(help="dev: seconds; ci: the standard that docs/studies shows; deep: hours.")
    ] = Hard.ci,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    device: Annotated[str, typer.Option(help="Where SAEs are trained, such as cuda.")] = "cpu",
    resume: Annotated[bool, typer.Option("--resume", help="Keep what --out holds of this code, and go on.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace what --out holds.")] = False,
) -> None:
    """Measure behaviours that were predicted: verdict, figure and JSON, falsified predictions first.

    Exit status 1 says that a study failed: it measured nothing, a figure is not finite, a control was not caught or the
    theory contradicted. A falsified prediction is a result.
    """
    from checks.report import document, studied
    from checks.report.catalogue import printed
    from checks.report.provenance import provenance
    from checks.report.study_plot import figure
    from checks.studies.common.run import Cell, run
    from checks.studies.common.study import Profile, chosen

    wanted = chosen(names or ())
    if listed:
        printed(studied.listed(wanted))
        return
    size = Profile(profile.value)
    known: dict[tuple[str, int], Cell] = {}
    if out is not None:
        files = [f"{study.name}.json" for study in wanted]
        check_folder(out, files, replaced=resume or force, more="--resume goes on from it, ")
        for study in wanted if resume else ():
            found = studied.known(out / f"{study.name}.json", study, size, device)
            _check_kept(out / f"{study.name}.json", found, seeds, force)
            known |= found
    elif size is not Profile.DEV:
        print("saelaws: nothing is kept, and an interruption loses all: --out FOLDER keeps it", file=sys.stderr)
    origin = provenance(device=device)

    def keep(result: Result) -> None:
        if out is not None:
            document.write(out / f"{result.study.name}.json", studied.document(result, size, device, origin))
            document.write_text(out / f"{result.study.name}.svg", figure(result))

    try:
        with progress_bar() as report:
            results = run(
                wanted, range(seeds), profile=size, device=device, jobs=jobs, known=known, keep=keep, progress=report
            )
    except KeyboardInterrupt:
        if out is None:
            raise
        said = f"interrupted: {out} holds what was measured, the same command with --resume goes on from there"
        raise typer.Exit(complain(said, 130)) from None
    if out is not None:
        for result in results:
            keep(result)
        document.write_text(
            out / "README.md", studied.page(results, _command(names or [], out, seeds, profile), origin, size)
        )
    printed(studied.summary(results))
    finish(agrees=not any(result.complaints for result in results))


def _check_kept(file: Path, known: Collection[tuple[str, int]], seeds: int, force: bool) -> None:
    """Raises BadInput where going on would lose what a file holds: another run, or seeds that are not asked for."""
    if force or not file.exists():
        return
    if not known:
        raise BadInput(f"{file}: of another profile, device or code; with --force, --resume measures it anew")
    if (most := 1 + max(seed for _, seed in known)) > seeds:
        raise BadInput(f"{file}: has {most} seeds: --seeds {most} keeps them, --force leaves some out")


def _command(names: list[str], out: Path, seeds: int, profile: Hard) -> str:
    options = ["--out", str(out), "--seeds", str(seeds)]
    options += ["--profile", profile.value] if profile is not Hard.ci else []
    return shlex.join(["saelaws", "study", *names, *options])
