"""Findings made by hand, so that reports are tested without solving anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from checks.judging.findings import Evidence, Finding, complaints, expected
from checks.judging.subjects import EXACT, INFERRED, OF_THE_BIAS, TRAINED, Subject
from checks.judging.verdict import Judgement, Verdict
from theory.statement import Statement, discover

DATA = ("planted", "weighted", "digits", "patches")


def make_finding(
    statement: Statement,
    subject: Subject = EXACT,
    data: str = "planted",
    verdict: Verdict | None = None,
    **judged: object,
) -> Finding:
    """A finding with the expected verdict, unless another is given."""
    due = expected(statement, subject, subject.premises - (OF_THE_BIAS if data == "planted" else set()))
    verdict = verdict or due or Verdict.FALSIFIED
    figures = (
        {"violation": 1e-16, "bound": 1e-13} if verdict is Verdict.CONFIRMED else {"violation": 0.3, "bound": 1e-12}
    )
    if subject is TRAINED:
        held = verdict is Verdict.CONFIRMED
        figures = {"violation": 0.01 if held else 0.6, "bound": 0.1, "interval": (0.004, 0.03) if held else (0.5, 0.7)}
    controls = dict.fromkeys(statement.controls, Verdict.FALSIFIED)
    judgement = Judgement(verdict, where="a=1, j=2", **({"controls": controls} | figures | judged))
    return Finding(
        statement=statement, subject=subject.name, data=data, expected=due, judgement=judgement, instances=1, seed=7
    )


def make_evidence(found: Sequence[Finding]) -> Evidence:
    return Evidence(found, complaints(found))


@pytest.fixture(scope="session")
def statements() -> dict[str, Statement]:
    """A few of all statements, so that what a report says of them does not change with the rest."""
    return {statement.id: statement for statement in discover() if statement.id in ("A1", "A3", "A5", "B1", "C1", "R1")}


@pytest.fixture
def make() -> Callable[..., Finding]:
    return make_finding


@pytest.fixture
def evidence_of() -> Callable[[Sequence[Finding]], Evidence]:
    return make_evidence


@pytest.fixture(scope="session")
def agreeing(statements: dict[str, Statement]) -> Evidence:
    """All statements on all subjects and datasets, everything as expected."""
    subjects = (EXACT, INFERRED, TRAINED)
    return make_evidence(
        [make_finding(s, subject, data) for data in DATA for subject in subjects for s in statements.values()]
    )


@pytest.fixture(scope="session")
def disagreeing(statements: dict[str, Statement]) -> Evidence:
    """One of each kind of trouble: a counterexample with NaN, a control that was not caught, nothing to judge."""
    missed = {"half the penalty": Verdict.CONFIRMED}
    return make_evidence(
        [
            make_finding(statements["A1"], EXACT, "planted", Verdict.FALSIFIED, violation=float("nan")),
            make_finding(statements["A3"], TRAINED, "digits", controls=missed),
            make_finding(statements["A5"], EXACT, "planted", Verdict.VACUOUS),
            make_finding(
                statements["R1"], EXACT, "my data", Verdict.INCONCLUSIVE, violation=float("nan"), bound=float("nan")
            ),
            make_finding(statements["C1"], TRAINED, "digits"),
        ]
    )
