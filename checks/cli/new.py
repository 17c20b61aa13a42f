"""`saelaws new`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from checks.cli.app import app


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The claim in words, such as atoms_are_means.")],
    folder: Annotated[Path, typer.Option("--in", metavar="FOLDER", help="Where the file goes.")] = Path(),
) -> None:
    """Write the file of a new statement, with blanks to fill in."""
    from checks.claims import scaffold

    print(scaffold.next_steps(scaffold.new(name, folder)))
