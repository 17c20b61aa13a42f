"""What commands write, and the status they end with."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from checks.errors import BadInput

if TYPE_CHECKING:
    from checks.judging.findings import Evidence, Finding


def told_of_arrays(findings: Sequence[Finding], file: Path) -> list[str]:
    from checks.report.document import is_counterexample

    told = f"the arrays of each counterexample: saelaws report {file} --counterexamples FOLDER"
    return [told] if any(map(is_counterexample, findings)) else []


def publish(
    evidence: Evidence,
    origin: dict[str, object],
    repro: Callable[[Finding], str],
    json_file: Path | None,
    html_file: Path | None,
    markdown_file: Path | None,
    junit_file: Path | None,
) -> None:
    """Print the evidence, write it wherever it is wanted, and exit with its status."""
    from checks.report import document, junit, markdown, terminal
    from checks.report.catalogue import printed

    printed(terminal.verification(evidence, repro))
    if json_file:
        document.write(json_file, document.verification(evidence, origin, repro))
    if html_file:
        from checks.report import page

        document.write_text(html_file, page.verification(evidence, origin, repro))
    if markdown_file:
        document.write_text(markdown_file, markdown.verification(evidence, origin, repro))
    if junit_file:
        document.write_text(junit_file, junit.verification(evidence, origin, repro))
    finish(agrees=evidence.agrees)


def check_writable(*files: Path | None, replaced: bool) -> None:
    """Raises BadInput before the work rather than after it; also for a file that holds something, unless `replaced`."""
    for file in filter(None, files):
        if file.is_dir():
            raise BadInput(f"{file}: is a folder, expected a file to write")
        if not file.parent.is_dir():
            raise BadInput(f"{file}: there is no folder {file.parent}")
        if not os.access(file if file.exists() else file.parent, os.W_OK):
            raise BadInput(f"{file}: cannot be written")
        if not replaced and file.is_file() and file.stat().st_size:  # a CI makes an empty file for its summary
            raise BadInput(f"{file}: exists already: --force replaces it")


def check_folder(folder: Path, names: Sequence[str], *, replaced: bool, more: str = "") -> None:
    """Make the folder if it is missing. Raises BadInput before the work, also if it holds a file, unless `replaced`.

    more: what else than --force is possible then
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{folder}: cannot be made ({error.strerror})") from None
    if not os.access(folder, os.W_OK):
        raise BadInput(f"{folder}: cannot be written")
    there = [name for name in names if (folder / name).exists()]
    if there and not replaced:
        raise BadInput(f"{folder}: holds {there[0]}: {more}--force replaces it")


def check_output(file: Path, suffixes: Sequence[str], data: Path, *, resumed: bool, replaced: bool) -> None:
    """Raises BadInput if the file is of another kind, cannot be written, or would replace or join the data."""
    if file.suffix not in suffixes:
        raise BadInput(f"--out {file}: expected a {' or '.join(suffixes)} file")
    if data.resolve() in (file.resolve(), file.resolve().parent):
        raise BadInput(f"--out {file}: is among the data {data}")
    try:
        check_writable(file, replaced=resumed or replaced)
    except BadInput as error:
        raise BadInput(f"--out {error}") from None


def finish(*, agrees: bool) -> None:
    if not agrees:
        raise typer.Exit(1)
