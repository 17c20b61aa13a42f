"""Certificates that were searched for, on a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from checks.claims.find import Attempt
from checks.claims.written import as_source
from checks.report.markdown import plain, row
from theory.certificate import triviality


def certificates(attempts: Sequence[Attempt], folders: Sequence[Path] = ()) -> str:
    """The certificates that were found, ready to paste, and what was tried where there is none.

    folders: where further statements were read from
    """
    found = sum(attempt.is_complete for attempt in attempts)
    told = ["\n".join((*_told(attempt, folders), "")) for attempt in attempts]
    return "\n".join((*told, f"{found} of {len(attempts)} statements proved by search."))


def _told(attempt: Attempt, folders: Sequence[Path]) -> Iterator[str]:
    identifier = attempt.statement.id
    if attempt.is_complete:
        yield f"✔ {identifier}: proved at degree {attempt.degree} in {attempt.seconds:.1f} s, verified by the kernel"
        yield as_source(attempt.proofs)
    else:
        last = attempt.found[-1]
        if nothing := triviality(attempt.statement.claims[len(attempt.found) - 1], attempt.statement.given):
            yield f"– {identifier}: there is nothing to prove: {nothing}"
            return
        why = "time or room ran out" if last.stopped else "no other certificate is left to try"
        which = f"relation {len(attempt.found)} of " if len(attempt.statement.claims) > 1 else ""
        tried = f"degree {last.degree}, {last.columns} terms, {last.seconds:.1f} s"
        yield f"– {which}{identifier}: nothing found up to {tried}: {why}"
        yield f"  is it true? saelaws falsify {identifier}{''.join(f' --from {folder}' for folder in folders)}"


def markdown(attempts: Sequence[Attempt], command: str) -> str:
    """A table of the statements, with how their certificates were found, and the certificates."""
    return "\n".join(_markdown(attempts, command)) + "\n"


def _markdown(attempts: Sequence[Attempt], command: str) -> Iterator[str]:
    found = [attempt for attempt in attempts if attempt.is_complete]
    yield "# Proofs found by machine"
    yield ""
    yield f"{len(found)} of {len(attempts)} statements, their own proofs hidden."
    yield "The kernel verified every certificate. The degree is how many rounds of terms the search took;"
    yield "seconds are of processor time. Made by"
    yield ""
    yield f"    {command}"
    yield ""
    yield row("id", "statement", "found", "degree", "terms tried", "seconds")
    yield row("---", "---", "---", "--:", "--:", "--:")
    for attempt in attempts:
        terms = sum(each.columns for each in attempt.found)
        mark = "✔" if attempt.is_complete else "–"
        title = plain(attempt.statement.title)
        yield row(attempt.statement.id, title, mark, str(attempt.degree), str(terms), f"{attempt.seconds:.1f}")
    for attempt in found:
        yield from ("", f"## {attempt.statement.id}", "", "```", as_source(attempt.proofs), "```")
