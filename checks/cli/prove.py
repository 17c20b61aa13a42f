"""`saelaws prove`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from checks.errors import BadInput

if TYPE_CHECKING:
    from checks.claims.rocq.run import Checked
    from checks.report.document import Composition, Proof
    from theory.statement import Statement
    from theory.theorem import Documented
from checks.cli.app import app
from checks.cli.chosen import chosen_results, chosen_statements
from checks.cli.options import Force, From, JsonFile, MarkdownFile
from checks.cli.output import check_folder, check_writable, finish
from checks.cli.progress import Progress, progress_bar


@app.command()
def prove(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Statements and theorems, such as A1 and T1; all by default."),
    ] = None,
    independent: Annotated[
        bool, typer.Option("--independent", help="Also prove each claim anew at small dimensions, by an SMT solver.")
    ] = False,
    rocq: Annotated[
        bool,
        typer.Option("--rocq", help="Also prove each claim anew, for all dimensions, by the kernel of Rocq."),
    ] = False,
    rocq_files: Annotated[
        Path | None,
        typer.Option("--rocq-files", metavar="FOLDER", help="Write the theorems and their proofs as files of Rocq."),
    ] = None,
    find: Annotated[
        bool, typer.Option("--find", help="Search certificates instead, hiding those that there are, and print them.")
    ] = False,
    seconds: Annotated[float, typer.Option(min=0, help="With --find, processor time for each statement.")] = 60.0,
    degree: Annotated[int, typer.Option(min=1, help="With --find, how many rounds of terms to try.")] = 6,
    folders: From = None,
    json_file: JsonFile = None,
    markdown_file: MarkdownFile = None,
    force: Force = False,
) -> None:
    """Check the certificate of every statement by algebra, the steps of every theorem, and files for completeness."""
    check_writable(json_file, markdown_file, replaced=force)
    if find:
        if independent or rocq or rocq_files or json_file:
            raise BadInput("--find goes with --markdown, not with --independent, --rocq, --rocq-files or --json")
        _search_proofs(ids, folders, seconds, degree, markdown_file)
        return
    if markdown_file:
        raise BadInput("--markdown goes with --find")
    from checks.report import document, terminal
    from checks.report.catalogue import printed
    from checks.report.provenance import provenance

    attempt = _attempt_twice if independent else _attempt
    statements, theorems = chosen_results(ids, folders)
    if rocq_files:
        from checks.claims.rocq.run import names_of

        check_folder(rocq_files, names_of(statements, theorems), replaced=force)
    with progress_bar() as report:
        results = [attempt(statement) for statement in _reporting(statements, report)]
        composed = [_compose(theorem) for theorem in theorems]
        if rocq:
            results, composed = _by_rocq(results, composed, report)
    if rocq_files:
        _write_rocq(statements, theorems, rocq_files)
    if results:
        printed(terminal.proofs_table(results))
    if composed:
        printed(terminal.compositions_table(composed))
    if json_file:
        document.write(json_file, document.proofs(results, composed, provenance()))
    finish(agrees=not (any(each.failed for each in results) or any(each.failed for each in composed)))


def _compose(theorem: Documented) -> Composition:
    """Check the steps of a theorem, and its file."""
    from checks.report.document import Composition
    from theory.certificate import NotProved
    from theory.theorem import lint_theorem

    start = time.perf_counter()
    complaints = lint_theorem(theorem)
    try:
        theorem.prove()
    except (NotProved, TypeError, ValueError) as error:
        complaints.append(str(error))
    return Composition(theorem, time.perf_counter() - start, complaints)


def _attempt(statement: Statement) -> Proof:
    """Prove a statement and lint its file. What an OPEN statement lacks is no complaint."""
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
    if failure and statement.status is not Status.OPEN:
        complaints.append(failure)
    return Proof(statement, failure is None, time.perf_counter() - start, complaints)


def _search_proofs(
    ids: Sequence[str] | None,
    folders: Sequence[Path] | None,
    seconds: float,
    degree: int,
    markdown_file: Path | None,
) -> None:
    """Search a certificate of each claim, print what is found, and exit with 1 if one has none.

    Refuted claims are tried only if they are named.
    """
    from checks.claims.find import attempt
    from checks.report import certificates, document
    from theory.statement import Status

    statements = [each for each in chosen_statements(ids, folders) if ids or each.status is not Status.REFUTED]
    with progress_bar() as report:
        made = [attempt(each, seconds=seconds, degree=degree) for each in _reporting(statements, report)]
    print(certificates.certificates(made, folders or ()))
    if markdown_file:
        command = " ".join(["saelaws prove", *(ids or ()), "--find --markdown", str(markdown_file)])
        document.write_text(markdown_file, certificates.markdown(made, command))
    finish(agrees=all(each.is_complete for each in made))


def _by_rocq(
    results: Sequence[Proof], composed: Sequence[Composition], report: Progress
) -> tuple[list[Proof], list[Composition]]:
    """The attempts with what Rocq says of each. That it refuses what is claimed to be proved is a complaint."""
    from checks.claims.rocq.run import check

    def complaints(result: Proof | Composition, found: Checked) -> list[str]:
        return [*result.complaints, *([f"Rocq refuses its proof: {found.reason}"] if found.refused else [])]

    checked, again = check([each.statement for each in results], [each.theorem for each in composed], report)
    return (
        [replace(each, rocq=it, complaints=complaints(each, it)) for each, it in zip(results, checked, strict=True)],
        [replace(each, rocq=it, complaints=complaints(each, it)) for each, it in zip(composed, again, strict=True)],
    )


def _write_rocq(statements: Sequence[Statement], theorems: Sequence[Documented], folder: Path) -> None:
    """Write them as files of Rocq, with what they import. Raises BadInput where the folder cannot be written."""
    from checks.claims.rocq.run import write

    for line in write(statements, theorems, folder):
        print(line)


def _attempt_twice(statement: Statement) -> Proof:
    """By certificate and by solver. A counterexample to a PROVED statement is a complaint."""
    from checks.claims.smt import Result, attempts
    from theory.statement import Status

    proof = _attempt(statement)
    found = attempts(statement)
    refuted = [each for each in found if each.result is Result.SAT and statement.status is Status.PROVED]
    complaints = [f"the solver finds a counterexample with (n, d, k) = {each.shape}: {each.model}" for each in refuted]
    return replace(proof, independent=found, complaints=[*proof.complaints, *complaints])


def _reporting(statements: Sequence[Statement], report: Progress) -> Iterator[Statement]:
    for done, statement in enumerate(statements):
        report(statement.id, done / len(statements))
        yield statement
