"""`saelaws data`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from checks.cli.app import app, complain
from checks.cli.chosen import by_name
from checks.cli.progress import progress_bar


@app.command()
def data(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Such as minilm-3; none lists them all.")] = None,
    n: Annotated[int | None, typer.Option("--n", min=2, help="How many samples; text comes in windows of 126.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Which parts of the text, or of the images, are drawn.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Keep them here, else in $SAELAWS_CACHE or ~/.cache/saelaws."),
    ] = None,
) -> None:
    """Make real data once, as a folder of shards with checksums, and print the folder: it can be used as DATA."""
    from checks.data.cache import kept
    from checks.data.real import REAL
    from checks.report.catalogue import data_table, printed

    if name is None:
        printed(data_table(REAL.values()))
        return
    (chosen,) = by_name([name], REAL, "data", "saelaws data")
    recipe = chosen.recipe(chosen.usual if n is None else n, seed)
    try:
        with progress_bar() as report:
            found = kept(recipe, out, report)
    except KeyboardInterrupt:
        raise typer.Exit(complain("interrupted: the same command goes on from the last whole shard", 130)) from None
    print(f"saelaws: {found}", file=sys.stderr)
    print(found.folder)
