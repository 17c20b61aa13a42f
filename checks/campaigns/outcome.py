"""What an attack says of one statement: whether its status stands, with the figures and the smallest counterexample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from checks.campaigns import attack
from checks.campaigns.attack import Ledger, Profile, Trial
from checks.errors import BadInput
from checks.instances.cases import Case, case_of, wanted
from checks.judging.exact import TOO_LOW
from checks.judging.findings import Finding
from checks.judging.verdict import Verdict
from theory.printing import text
from theory.statement import Statement, Status


@dataclass(frozen=True)
class Outcome:
    """One statement after an attack.

    finding         over all certified points at which it should hold, of a refuted one over all; None without such
    counterexample  the smallest point at which it fails but should hold, if there is one
    complaints      why its status does not stand, one line each
    """

    statement: Statement
    finding: Finding | None
    counterexample: Trial | None
    complaints: Sequence[str]

    @property
    def figures(self) -> dict[str, object]:
        """Verdict, number of instances, and the violation that came nearest to its bound, for a report."""
        if self.finding is None:
            return {"verdict": Verdict.VACUOUS.value, "instances": 0}
        judged = self.finding.judgement
        return {
            "verdict": judged.verdict.value,
            "instances": self.finding.instances,
            "violation": judged.violation,
            "bound": judged.bound,
        }


def outcome(statement: Statement, ledger: Ledger, profile: Profile, finding: Finding | None) -> Outcome:
    """Whether the statement's status stands after an attack as thorough as the profile."""
    found = _counterexample(statement, ledger)
    if found or ledger.falsified[statement.id]:
        lines = _refutation(statement, ledger, found)
    else:
        lines = [*ledger.undecided[statement.id][:1], *_gaps(statement, ledger, profile)]
        lines += ledger.shortfalls() if profile.is_evidence else []
    return Outcome(statement, finding, found, lines)


def outcome_at(statement: Statement, case: Case) -> Outcome:
    """Whether a statement does at one case what its status says: holds, or fails if it is refuted."""
    ledger = Ledger([statement])
    for trial in attack.try_case(case, [statement]):
        ledger.enter(trial)
    if ledger.uncertified:
        raise BadInput(f"{case!r} is not certified: {', '.join(ledger.uncertified.values())}")
    *_, last = ledger.certified.values()
    finding = next(iter(ledger.findings(seed=0)), None)
    found = _counterexample(statement, ledger)
    due = Verdict.FALSIFIED if statement.status is Status.REFUTED else Verdict.CONFIRMED
    verdict = last.judged[statement.id].verdict
    lines = _refutation(statement, ledger, found) if found else []
    if not lines and verdict is not due:
        where = last.judged[statement.id].where
        why = {
            Verdict.VACUOUS: "its premise is not met" if not where.startswith(TOO_LOW) else where,
            Verdict.INCONCLUSIVE: where,
        }.get(verdict, "its status promises nothing there")
        lines = [f"{statement.id} is {verdict.value} at {last.name}: {why}"]
    return Outcome(statement, finding, found, lines)


def _gaps(statement: Statement, ledger: Ledger, profile: Profile) -> list[str]:
    """What is missing for the status to stand; in a smoke test one confirmation is enough."""
    confirmed = ledger.verdicts[statement.id][Verdict.CONFIRMED]
    if statement.status is not Status.REFUTED and not confirmed:
        tried = len(ledger.judged(statement))
        return [f"vacuous: its premise was met at none of {tried} certified instances, so that nothing was tested"]
    gaps = ledger.gaps(statement)
    return gaps if profile.is_evidence else [gap for gap in gaps if not gap.startswith("confirmed on")]


def _counterexample(statement: Statement, ledger: Ledger) -> Trial | None:
    """The smallest certified point at which a statement should hold and fails."""
    against = [
        trial
        for trial in ledger.judged(statement)
        if wanted(statement, trial.biased) is Verdict.CONFIRMED
        and trial.judged[statement.id].verdict is Verdict.FALSIFIED
    ]
    return min(against, key=_size, default=None)


def _size(trial: Trial) -> tuple[int, int]:
    """How large the case is that a trial's name describes, in numbers and in characters."""
    try:
        problem = case_of(trial.name).spec.build()
    except BadInput:  # a counterexample that a statement keeps, which has no case
        return 0, 0
    return problem.n * problem.d * problem.k, len(trial.name)


def _refutation(statement: Statement, ledger: Ledger, found: Trial | None) -> list[str]:
    """A falsified claim, in full."""
    lines = [f"{statement.id} FALSIFIED: {statement.title}"]
    lines += [f"claim      {text(claim)}" for claim in statement.claims]
    lines += [f"given      {text(condition)}" for condition in statement.given]
    if found is None:
        return [*lines, f"seen       {ledger.falsified[statement.id][0]}"]
    judged = found.judged[statement.id]
    due = sum(wanted(statement, trial.biased) is Verdict.CONFIRMED for trial in ledger.judged(statement))
    lines += [
        f"at         {found.name}",
        f"entry      {judged.where or 'the only one'}",
        f"violation  {judged.violation:.3g}, where its bound is {judged.bound:.3g} (data of size 1)",
        f"seen       {len(ledger.falsified[statement.id])} failures at {due} certified instances",
    ]
    if statement.status is Status.OPEN:
        lines.append("status     OPEN: set its status to REFUTED and keep the counterexample")
    else:
        lines.append(f"status     {statement.status.value}: the proof, the solver or the engine is wrong")
    return lines
