"""Findings as Markdown, such as a CI server shows above the log of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from checks.judging.findings import Evidence, Finding
from checks.report.document import is_counterexample
from checks.report.summary import LEGEND, headline, in_words, mark, tally
from theory.statement import Status


def verification(evidence: Evidence, provenance: Mapping[str, Any], repro: Callable[[Finding], str]) -> str:
    """The verdict on everything, what is wrong with it, the matrix of verdicts and what they say."""
    return "\n".join(_lines(evidence, provenance, repro)) + "\n"


def _lines(evidence: Evidence, provenance: Mapping[str, Any], repro: Callable[[Finding], str]) -> Iterator[str]:
    yield f"## {'✔' if evidence.agrees else '✘'} {headline(evidence)}"
    yield ""
    yield tally(evidence)
    yield ""
    if evidence.complaints:
        yield from (f"- ✘ {plain(line)}" for line in evidence.complaints)
        yield ""
    for finding in filter(is_counterexample, evidence.findings):
        yield f"Counterexample to {plain(finding.statement.id)} on {finding.subject}, {plain(finding.data)}:"
        yield ""
        yield from (f"    {line}" for line in filter(None, (finding.instance, repro(finding))))
        yield ""
    yield from _matrix(evidence)
    yield ""
    yield " · ".join(LEGEND)
    yield ""
    for subject, words in in_words(evidence).items():
        yield f"**{subject}**: {plain(words)}"
        yield ""
    yield from (f"{plain(note)}  " for note in evidence.notes)
    commit = provenance.get("commit") or "unknown"
    yield f"<sub>commit {commit}, seed {provenance.get('seed')}, {provenance.get('time')}</sub>"


def _matrix(evidence: Evidence) -> Iterator[str]:
    columns = [(subject, data) for subject in evidence.subjects for data in evidence.data_of(subject)]
    yield row("", "statement", *(f"{subject}<br>{plain(data)}" for subject, data in columns))
    yield row("---", "---", *(":-:" for _ in columns))
    for statement in evidence.statements:
        tag = "" if statement.status is Status.PROVED else f"[{statement.status.value.lower()}] "
        found = (evidence.cells.get((statement.id, subject, data)) for subject, data in columns)
        yield row(plain(statement.id), tag + plain(statement.title), *map(mark, found))


def row(*cells: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def plain(value: str) -> str:
    """Text in which nothing is markup."""
    value = " ".join(value.split()).replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{letter}" if letter in "\\`*_[]|" else letter for letter in value)
