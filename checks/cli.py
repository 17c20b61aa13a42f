"""The command line.

Exit status: 0 the evidence agrees with every statement; 1 it does not; 2 bad usage or input, with one line on stderr;
130 interrupted. Nothing heavy is imported here: each command imports what it runs.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperGroup

from checks.errors import BadInput

if TYPE_CHECKING:
    from checks.report.document import Proof
    from checks.workloads import Workload
    from theory.statement import Statement

T = TypeVar("T")
UsageError = typer.BadParameter.__base__
Progress = Callable[[str, float], None]


class OneLineErrors(TyperGroup):
    """Commands whose errors are one line on stderr."""

    def main(self, *args: Any, **options: Any) -> Any:
        try:
            status = super().main(*args, **(options | {"standalone_mode": False}))
        except UsageError as error:  # type: ignore[misc]
            status = _error(f"{error.format_message()} (see saelaws --help)")
        sys.exit(status or 0)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BadInput as error:
            raise typer.Exit(_error(str(error))) from None
        except KeyboardInterrupt:
            raise typer.Exit(_error("interrupted", 130)) from None


def _error(message: str, status: int = 2) -> int:
    print(f"saelaws: {' '.join(message.split())}", file=sys.stderr)
    return status


app = typer.Typer(
    cls=OneLineErrors,
    help="Executable theory of sparse autoencoders: what must hold, its proofs, and the evidence.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


class On(StrEnum):
    """Subjects, by how they are obtained."""

    solver = "solver"
    sae = "sae"


Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Statements, such as A1; all by default.")]
From = Annotated[list[Path] | None, typer.Option("--from", metavar="FOLDER", help="A folder of further statements.")]
JsonFile = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the result as JSON.")]


@app.callback(invoke_without_command=True)
def _saelaws(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        from checks.report.provenance import DISTRIBUTION, installed

        print(f"saelaws {installed(DISTRIBUTION) or '(not installed)'}")
    elif context.invoked_subcommand is None:
        print(context.get_help())


@app.command("list")
def list_(folders: From = None) -> None:
    """List all statements: id, status and title."""
    from checks.report.catalogue import printed, statements_table

    printed(statements_table(_statements(folders)))


@app.command()
def show(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="A statement, such as A1.")], folders: From = None
) -> None:
    """Show a statement: its claim, its proof and what that needs, where it should hold, its controls."""
    from checks.report import terminal
    from checks.report.catalogue import printed

    (statement,) = _chosen([identifier], folders)
    printed(terminal.statement_page(statement))


@app.command()
def prove(ids: Ids = None, folders: From = None, json_file: JsonFile = None) -> None:
    """Check the certificate of every statement by algebra, and its file for completeness."""
    _check_writable(json_file)
    from checks.report import document, terminal
    from checks.report.catalogue import printed
    from checks.report.provenance import provenance

    statements = _chosen(ids, folders)
    with _progress() as report:
        results = [_attempt(statement) for statement in _reporting(statements, report)]
    printed(terminal.proofs_table(results))
    if json_file:
        document.write(json_file, document.proofs(results, provenance()))
    _finish(agrees=not any(result.failed for result in results))


@app.command()
def verify(
    ids: Ids = None,
    on: Annotated[list[On] | None, typer.Option("--on", help="Exact optima, or trained SAEs; both by default.")] = None,
    data: Annotated[
        list[str] | None, typer.Option("--data", metavar="NAME", help="A data set; all by default.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of data, solver and training.")] = 0,
    device: Annotated[str, typer.Option(help="Where SAEs are trained, such as cuda.")] = "cpu",
    folders: From = None,
    json_file: JsonFile = None,
    html_file: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the result as a page.")
    ] = None,
) -> None:
    """Judge statements on exact optima and on trained SAEs, and compare with what their proofs promise."""
    _check_writable(json_file, html_file)
    from checks import campaign
    from checks.report import document, terminal
    from checks.report.catalogue import printed
    from checks.report.provenance import provenance
    from checks.report.summary import Evidence

    statements, workloads = _chosen(ids, folders), _workloads(data)
    kinds = tuple(dict.fromkeys(kind.value for kind in on or On))
    with _progress() as report:
        judged = campaign.verify(statements, on=kinds, workloads=workloads, seed=seed, device=device, progress=report)
        findings = list(judged)
    evidence = Evidence(findings, campaign.complaints(findings))
    origin = provenance(seed=seed, device=device)
    repro = partial(document.command, folders=folders or (), device=device)
    printed(terminal.verification(evidence, repro))
    if json_file:
        document.write(json_file, document.verification(evidence, origin, repro))
    if html_file:
        from checks.report import page

        document.write_text(html_file, page.verification(evidence, origin, repro))
    _finish(agrees=evidence.agrees)


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without Unicode shows ?
    app(prog_name="saelaws")


# --- statements and data by name -------------------------------------------------------------------------------------


def _statements(folders: Sequence[Path] | None) -> list[Statement]:
    """All statements. Raises BadInput if those of a folder cannot be loaded."""
    from theory.statement import discover

    for folder in folders or ():
        if not folder.is_dir():
            raise BadInput(f"--from {folder}: no such folder")
    try:
        return discover(folders or ())
    except Exception as error:  # a statement file is a program: it can raise anything
        if not folders:
            raise
        raise BadInput(f"{_culprit(error, folders)}: {type(error).__name__}: {error}") from None


def _culprit(error: Exception, folders: Sequence[Path]) -> str:
    """The user's file that an error comes from, with its line; the folders if it cannot be told."""
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}"
    place, trace = ", ".join(map(str, folders)), error.__traceback__
    while trace:
        file = Path(trace.tb_frame.f_code.co_filename)
        if any(file.is_relative_to(folder) for folder in folders):
            place = f"{file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _chosen(ids: Sequence[str] | None, folders: Sequence[Path] | None) -> list[Statement]:
    """The statements with these ids, in the order of all; all of them if none is named."""
    found = _statements(folders)
    chosen = _named(ids, {statement.id: statement for statement in found}, "statement", "saelaws list")
    return [statement for statement in found if statement in chosen]


def _workloads(names: Sequence[str] | None) -> list[Workload]:
    from checks.workloads import STANDARD

    known = {workload.name: workload for workload in STANDARD}
    return _named(names, known, "data set", f"known are {', '.join(known)}")


def _named(names: Sequence[str] | None, known: dict[str, T], what: str, where: str) -> list[T]:
    """The things of these names, whatever the case of letters, each once. Raises BadInput, naming the nearest."""
    folded = {name.casefold(): name for name in known}
    for name in names or ():
        if name.casefold() not in folded:
            near = get_close_matches(name.casefold(), folded, n=3, cutoff=0.5)
            hint = f"did you mean {', '.join(folded[key] for key in near)}?" if near else f"see {where}"
            raise BadInput(f"no {what} {name!r}: {hint}")
    return [known[folded[key]] for key in dict.fromkeys(name.casefold() for name in names or known)]


# --- running ---------------------------------------------------------------------------------------------------------


def _attempt(statement: Statement) -> Proof:
    """Prove a statement and lint its file. A missing or failed proof is a complaint only of a PROVED statement."""
    from checks.report.document import Proof
    from theory.certificate import NotProved
    from theory.statement import Status, lint

    start = time.perf_counter()
    complaints = lint(statement)
    failure = None
    try:
        statement.prove()
    except (NotProved, TypeError, ValueError) as error:
        failure = str(error)
    if failure and statement.status is Status.PROVED:
        complaints.append(failure)
    return Proof(statement, failure is None, time.perf_counter() - start, complaints)


def _reporting(statements: Sequence[Statement], report: Progress) -> Iterator[Statement]:
    for done, statement in enumerate(statements):
        report(statement.id, done / len(statements))
        yield statement


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on stderr while something runs; nothing if stderr is not a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    columns = (BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda what, fraction: bar.update(task, description=what, completed=fraction)


def _check_writable(*files: Path | None) -> None:
    """Raises BadInput before the work rather than after it."""
    for file in filter(None, files):
        if file.is_dir():
            raise BadInput(f"{file}: is a folder, expected a file to write")
        if not file.parent.is_dir():
            raise BadInput(f"{file}: there is no folder {file.parent}")
        if not os.access(file if file.exists() else file.parent, os.W_OK):
            raise BadInput(f"{file}: cannot be written")


def _finish(*, agrees: bool) -> None:
    if not agrees:
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
