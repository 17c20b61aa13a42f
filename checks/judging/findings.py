"""Findings: what was judged of a statement, against what its proof says of the subject."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sympy import Eq

from checks.judging.subjects import EXACT, Subject
from checks.judging.verdict import Judgement, Verdict, speaks_of_an_encoder
from theory.problem import (
    Objective,
)
from theory.statement import Statement, Status, under


@dataclass(frozen=True)
class Finding:
    """One statement on one subject and one dataset, over all points that were judged.

    instance: where there are many, Python that builds the one that decided.
    """

    statement: Statement
    subject: str
    data: str
    expected: Verdict | None
    judgement: Judgement
    instances: int
    seed: int
    instance: str = ""

    @property
    def verdict(self) -> Verdict:
        return self.judgement.verdict

    @property
    def uncertified(self) -> int:
        return self.judgement.uncertified

    @property
    def decides(self) -> bool:
        """Whether the statement can be contradicted here: at an exact optimum, or by a subject that must obey it.

        What is found anywhere else is information.
        """
        if speaks_of_an_encoder(self.statement):  # which an exact optimum does not have
            return self.subject != EXACT.name and self.expected is Verdict.CONFIRMED
        return self.subject == EXACT.name or self.expected is Verdict.CONFIRMED

    @property
    def missed_controls(self) -> list[str]:
        """Controls that were confirmed along with the statement. One that says the same here is not missed."""
        if self.verdict is not Verdict.CONFIRMED:
            return []
        caught = (Verdict.FALSIFIED, Verdict.VACUOUS)
        return [name for name, verdict in self.judgement.controls.items() if verdict not in caught]

    @property
    def controls_caught(self) -> bool:
        """Whether every control was caught that must be caught here.

        The controls of an equality fail at every point; those of an inequality only where it is sharp.
        """
        return not (self.missed_controls and has_equality(self.statement))

    @property
    def as_expected(self) -> bool:
        return not self.decides or (self.verdict_as_expected and self.controls_caught)

    @property
    def verdict_as_expected(self) -> bool:
        if not self.decides:
            return True
        if self.expected is None:
            return self.verdict is not Verdict.INCONCLUSIVE
        return self.verdict in (self.expected, Verdict.VACUOUS)


def has_equality(statement: Statement) -> bool:
    """Whether an equality is among the relations that a statement claims."""
    return any(isinstance(claim, Eq) for claim in statement.claims)


def expected(statement: Statement, subject: Subject, promises: Collection[str] | None = None) -> Verdict | None:
    """What a statement's proof says of a subject; None if it says nothing.

    It holds if the subject satisfies all that the proof uses. Without that an equality fails on exact subjects. The
    promises are those of the subject on one instance, if they differ from its own.
    """
    if statement.status is Status.REFUTED:
        return None
    if statement.premises <= frozenset(subject.premises if promises is None else promises):
        return Verdict.CONFIRMED
    if statement.status is Status.OPEN:  # without a proof, nothing says what it needs
        return None
    return Verdict.FALSIFIED if subject.falsifies and has_equality(statement) else None


def claimed_of(statements: Sequence[Statement], objectives: Collection[Objective]) -> list[Statement]:
    """The statements that claim something of one of these objectives."""
    return [statement for statement in statements if any(under(statement, each) for each in objectives)]


def complaints(found: Sequence[Finding]) -> list[str]:
    """Why the evidence does not agree with the statements, one line each; empty if it does.

    Only findings that decide are looked at. A statement that was vacuous in all of them has no evidence, and that is a
    complaint too.
    """
    lines = [_complaint(finding) for finding in found if not finding.as_expected]
    deciding = [finding for finding in found if finding.decides]
    for statement in {finding.statement.id: finding.statement for finding in deciding}.values():
        own = [finding for finding in deciding if finding.statement.id == statement.id]
        lines += _complaints_overall(statement, own)
    return lines or ([] if found else ["no statement was judged"])


def _complaints_overall(statement: Statement, found: Sequence[Finding]) -> Iterator[str]:
    verdicts = {finding.verdict for finding in found}
    if verdicts <= {Verdict.VACUOUS}:
        yield f"{statement.id}: vacuous on every subject and dataset"
    if statement.status is Status.REFUTED and Verdict.FALSIFIED not in verdicts:
        yield f"{statement.id}: REFUTED, but nothing falsified it"
    if statement.status is Status.REFUTED:
        shown = [finding.judgement.controls for finding in found if finding.verdict is Verdict.FALSIFIED]
        for name in statement.controls:
            if not any(controls[name] is Verdict.CONFIRMED for controls in shown):
                yield f"{statement.id}: control failed as well: {name}"
    against = [f for f in found if f.expected is Verdict.CONFIRMED and f.verdict is Verdict.FALSIFIED]
    if statement.status is Status.OPEN and against:
        yield f"{statement.id}: OPEN, but falsified: set its status to REFUTED and keep the counterexample"
    promising = [f for f in found if f.expected is Verdict.CONFIRMED and f.verdict is Verdict.CONFIRMED]
    for name in statement.controls if promising else ():
        if all(finding.judgement.controls.get(name) is not Verdict.FALSIFIED for finding in promising):
            yield f"{statement.id}: control never caught: {name}"


def _complaint(finding: Finding) -> str:
    place = f"{finding.statement.id} on {finding.subject}, {finding.data}"
    judgement = finding.judgement
    if not finding.verdict_as_expected:
        wanted = finding.expected.value if finding.expected else "a verdict"
        shown = f"violation {judgement.violation:.2e} against {judgement.bound:.2e} at {judgement.where}"
        return f"{place}: {finding.verdict.value}, expected {wanted} ({shown})"
    return f"{place}: control not caught: {', '.join(finding.missed_controls)}"


@dataclass(frozen=True, eq=False)
class Evidence:
    """All findings of a run, with the complaints about them and what else to know of where they come from."""

    findings: Sequence[Finding]
    complaints: Sequence[str]
    notes: Sequence[str] = ()

    @property
    def agrees(self) -> bool:
        return not self.complaints

    @cached_property
    def statements(self) -> list[Statement]:
        return list({finding.statement.id: finding.statement for finding in self.findings}.values())

    @cached_property
    def subjects(self) -> list[str]:
        return list(dict.fromkeys(finding.subject for finding in self.findings))

    @cached_property
    def data(self) -> list[str]:
        return list(dict.fromkeys(finding.data for finding in self.findings))

    def data_of(self, subject: str) -> list[str]:
        """The datasets that a subject was judged on."""
        return list(dict.fromkeys(finding.data for finding in self.findings if finding.subject == subject))

    def of(self, statement: Statement) -> list[Finding]:
        return [finding for finding in self.findings if finding.statement.id == statement.id]

    @cached_property
    def cells(self) -> dict[tuple[str, str, str], Finding]:
        """Findings by statement id, subject and data."""
        return {(finding.statement.id, finding.subject, finding.data): finding for finding in self.findings}
