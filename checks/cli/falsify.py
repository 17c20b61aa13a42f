"""`saelaws falsify`."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from checks.cli.app import app
from checks.cli.chosen import chosen_statements
from checks.cli.options import Force, From, JsonFile
from checks.cli.output import check_writable, finish
from checks.cli.progress import progress_bar


@app.command()
def falsify(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="A statement, such as A1.")],
    seconds: Annotated[float, typer.Option(min=0.0, help="When to stop.")] = 60.0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all that is drawn, unless there is a database.")] = 0,
    places: Annotated[
        list[str] | None,
        typer.Option(
            "--database", metavar="PLACE", help="A folder or redis:// address that shares counterexamples; or several."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--case", metavar="CASE", help="Judge this case alone, as an earlier search names it.")
    ] = None,
    folders: From = None,
    json_file: JsonFile = None,
    force: Force = False,
) -> None:
    """Search for the smallest counterexample to a statement, or see how close to failing it comes."""
    check_writable(json_file, replaced=force)
    from checks.campaigns import falsify as search
    from checks.instances.cases import case_of
    from checks.report import document
    from checks.report import search as report_of
    from checks.report.provenance import provenance

    (statement,) = chosen_statements([identifier], folders)
    if name is not None:
        found = search.judge_case(statement, case_of(name))
    else:
        database = search.example_database(places or ())
        with progress_bar() as report:
            found = search.falsify(statement, seconds=seconds, seed=seed, database=database, progress=report)
    repro = partial(report_of.repro, statement, folders or ())
    report_of.show(found, repro)
    if json_file:
        document.write(json_file, report_of.search_json(found, repro, provenance(seed=seed)))
    if found.interrupted:
        raise KeyboardInterrupt
    finish(agrees=found.agrees)
