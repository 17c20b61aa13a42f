"""`saelaws report`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from checks.cli.app import app
from checks.cli.chosen import all_statements
from checks.cli.options import Force, From, HtmlFile, JsonFile, JunitFile, MarkdownFile
from checks.cli.output import check_folder, check_writable, publish, told_of_arrays


@app.command("report")
def report_(
    evidence_file: Annotated[Path, typer.Argument(metavar="FILE", help="Evidence that verify has kept.")],
    folders: From = None,
    counterexamples: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write the arrays of every counterexample there, as .npz."),
    ] = None,
    json_file: JsonFile = None,
    html_file: HtmlFile = None,
    markdown_file: MarkdownFile = None,
    junit_file: JunitFile = None,
    force: Force = False,
) -> None:
    """Show the evidence that a file holds, of the code that wrote to it last. Nothing is judged."""
    files = (json_file, html_file, markdown_file, junit_file)
    check_writable(*files, replaced=force)
    if counterexamples:
        check_folder(counterexamples, [file.name for file in sorted(counterexamples.glob("*.npz"))], replaced=force)
    from checks.evidence.store import Store
    from checks.report import document
    from checks.report.recorded import recorded, write_counterexamples

    statements = all_statements(folders)
    with Store.read(evidence_file) as store:
        found = recorded(store, statements)
        written = write_counterexamples(store, found.evidence, counterexamples) if counterexamples else []
    told = [f"written: {file}" for file in written] or told_of_arrays(found.evidence.findings, evidence_file)
    evidence = replace(found.evidence, notes=[*found.evidence.notes, *told])
    repro = partial(document.command, folders=folders or (), device=found.device, profile=found.profile)
    publish(evidence, found.provenance, repro, *files)
