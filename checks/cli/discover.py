"""`saelaws discover`."""

from __future__ import annotations

from typing import Annotated

import typer

from checks.cli.app import app
from checks.cli.chosen import all_statements
from checks.cli.options import Force, From, MarkdownFile
from checks.cli.output import check_writable
from checks.cli.progress import progress_bar


@app.command()
def discover(
    points: Annotated[int, typer.Option(min=2, help="How many random minima to look at.")] = 24,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the data.")] = 0,
    seconds: Annotated[float, typer.Option(min=0, help="How long to search for each proof.")] = 10.0,
    attack: Annotated[float, typer.Option(min=0, help="How long to attack what is not proved.")] = 5.0,
    folders: From = None,
    markdown_file: MarkdownFile = None,
    force: Force = False,
) -> None:
    """Look for laws: relations between moments that hold at exact optima, proved or falsified."""
    check_writable(markdown_file, replaced=force)
    from checks.campaigns import discover as campaign
    from checks.report import discovered, document

    with progress_bar() as report:
        laws = campaign.discover(
            statements=all_statements(folders),
            points=points,
            seed=seed,
            seconds=seconds,
            attack=attack,
            progress=report,
        )
    command = f"saelaws discover --points {points} --seed {seed}"
    print(discovered.markdown(laws, command))
    if markdown_file:
        document.write_text(markdown_file, discovered.markdown(laws, f"{command} --markdown {markdown_file}"))
