"""Arguments and options that several commands have."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class On(StrEnum):
    """Subjects, by how they are obtained."""

    solver = "solver"
    sae = "sae"


class Hard(StrEnum):
    """Profiles, by how hard they attack."""

    dev = "dev"
    ci = "ci"
    deep = "deep"


Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Statements, such as A1; all by default.")]
From = Annotated[
    list[Path] | None, typer.Option("--from", metavar="FOLDER", help="A folder of further statements and theorems.")
]
Data = Annotated[
    Path, typer.Argument(metavar="DATA", help="Samples as rows: .npy, .npz, .safetensors, .parquet, or a folder.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace output that is there already.")]
JsonFile = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the result as JSON.")]
HtmlFile = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the result as a page.")]
MarkdownFile = Annotated[
    Path | None, typer.Option("--markdown", metavar="FILE", help="Write the result as Markdown, for a CI summary.")
]
JunitFile = Annotated[
    Path | None, typer.Option("--junit", metavar="FILE", help="Write the result as JUnit XML, for a CI server.")
]
