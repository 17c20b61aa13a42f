"""Results as JSON. The schema is a contract: fields may be added, and a change of meaning raises SCHEMA."""

from __future__ import annotations

import json
import math
import shlex
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from checks.campaigns.verify import COUNTEREXAMPLE
from checks.errors import BadInput
from checks.judging.findings import Evidence, Finding
from checks.judging.subjects import SUBJECTS
from checks.judging.verdict import Verdict
from checks.report.catalogue import rank_of
from checks.report.summary import controls_caught, in_words
from theory.inference import name_of
from theory.statement import Statement, Status
from theory.theorem import Documented

if TYPE_CHECKING:
    from checks.claims.rocq.run import Checked
    from checks.claims.smt import Attempt

SCHEMA = 1

Json = dict[str, object]


@dataclass(frozen=True, eq=False)
class Proof:
    """One attempt to prove a statement, with why it did not succeed or what its file lacks.

    independent: what the solver says of it shape by shape, None if it was not asked.
    rocq: what the proof assistant says of it, None if it was not asked.
    """

    statement: Statement
    proved: bool
    seconds: float
    complaints: Sequence[str] = ()
    independent: Sequence[Attempt] | None = None
    rocq: Checked | None = None

    @property
    def failed(self) -> bool:
        """Whether the statement's file is not in order: an OPEN claim without a proof is."""
        return bool(self.complaints)

    @property
    def reason(self) -> str | None:
        return "; ".join(self.complaints) or None


@dataclass(frozen=True, eq=False)
class Composition:
    """One attempt to prove a theorem, with the fault of its proof or what its file lacks."""

    theorem: Documented
    seconds: float
    complaints: Sequence[str] = ()
    rocq: Checked | None = None

    @property
    def failed(self) -> bool:
        return bool(self.complaints)


def verification(evidence: Evidence, provenance: Json, repro: Callable[[Finding], str]) -> Json:
    """The document of `verify`: one entry per statement, subject and dataset. `repro` gives a finding's command."""
    return {
        "schema": SCHEMA,
        "statements": [_entry(finding, repro(finding)) for finding in evidence.findings],
        "summary": _summary(evidence),
        "provenance": provenance,
    }


def proofs(results: Sequence[Proof], composed: Sequence[Composition], provenance: Json) -> Json:
    """The document of `prove`: statements, then theorems."""
    return {
        "schema": SCHEMA,
        "statements": [
            {
                "id": result.statement.id,
                "title": result.statement.title,
                "status": result.statement.status.value,
                "rank": rank_of(result.statement) or None,
                "proved": result.proved,
                "seconds": result.seconds,
                "reason": result.reason,
                "cites": list(result.statement.cites),
                "premises": sorted(result.statement.premises) if result.statement.proofs else [],
                **_independent(result),
                **_rocq(result),
            }
            for result in results
        ],
        "theorems": [
            {
                "id": each.theorem.id,
                "title": each.theorem.title,
                "verified": not each.failed,
                "seconds": each.seconds,
                "reason": "; ".join(each.complaints) or None,
                "lemmas": list(map(name_of, each.theorem.lemmas)),
            }
            for each in composed
        ],
        "summary": {
            "statements": len(results),
            "proved": sum(result.proved for result in results),
            "failed": sum(result.failed for result in results),
            "theorems": len(composed),
            "verified": sum(not each.failed for each in composed),
            "agrees": not (any(each.failed for each in results) or any(each.failed for each in composed)),
        },
        "provenance": provenance,
    }


def _independent(result: Proof) -> Json:
    if result.independent is None:
        return {}
    made = [
        {"shape": list(each.shape), "result": each.result.value, "seconds": each.seconds} for each in result.independent
    ]
    return {"independent": made}


def _rocq(result: Proof) -> Json:
    if result.rocq is None:
        return {}
    found = result.rocq
    said: Json = {"proved": found.proved, "theorems": found.theorems, "axioms": list(found.axioms)}
    return {"rocq": said | {"refused": found.refused, "reason": found.reason or None, "seconds": found.seconds}}


def write(path: Path, document: Json) -> None:
    """Write a document as strict JSON. Raises BadInput if the file cannot be written."""
    write_text(path, json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_text(path: Path, content: str) -> None:
    """Raises BadInput if the file cannot be written."""
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror})") from None


def command(
    finding: Finding,
    *,
    folders: Sequence[Path] = (),
    device: str | None = None,
    profile: str | None = None,
    own: Mapping[str, tuple[int, float]] = MappingProxyType({}),
) -> str:
    """The command that obtains a finding again.

    profile: of the attack, for what was found in one. own: k and λ of datasets that are the user's own, by name.
    """
    kinds = [kind for kind, subjects in SUBJECTS.items() if any(each.name == finding.subject for each in subjects)]
    options = [part for kind in kinds for part in ("--on", kind)]
    # A refuted statement is judged at its own counterexample whatever the data.
    options += ["--data", finding.data] if finding.data != COUNTEREXAMPLE else []
    if finding.data in own:
        k, lam = own[finding.data]
        options += ["--k", str(k), "--lam", repr(lam)]
    options += ["--profile", profile] if profile and finding.instance else []
    options += ["--seed", str(finding.seed)]
    options += ["--device", device] if device not in (None, "cpu") else []
    options += [part for folder in folders for part in ("--from", str(folder))]
    return shlex.join(["saelaws", "verify", finding.statement.id, *options])


def _entry(finding: Finding, repro: str) -> Json:
    judgement = finding.judgement
    return {
        "id": finding.statement.id,
        "title": finding.statement.title,
        "status": finding.statement.status.value,
        "rank": rank_of(finding.statement) or None,
        "subject": finding.subject,
        "data": finding.data,
        "verdict": finding.verdict.value,
        "expected": finding.expected.value if finding.expected else None,
        "as_expected": finding.as_expected,
        "decides": finding.decides,
        "instances": finding.instances,
        "uncertified": finding.uncertified,
        "worst_excess": number(judgement.violation),
        "bound": number(judgement.bound),
        "where": judgement.where,
        "tightness": number(judgement.tightness) if judgement.tightness is not None else None,
        "interval": [number(end) for end in judgement.interval] if judgement.interval else None,
        "controls": [{"name": name, "verdict": verdict.value} for name, verdict in judgement.controls.items()],
        "counterexample": _counterexample(finding, repro) if is_counterexample(finding) else None,
    }


def is_counterexample(finding: Finding) -> bool:
    """Whether a finding refutes a statement where it should hold."""
    return finding.verdict is Verdict.FALSIFIED and not finding.as_expected


def _counterexample(finding: Finding, repro: str) -> Json:
    return {
        "subject": finding.subject,
        "data": finding.data,
        "seed": finding.seed,
        "instance": finding.instance or None,
        "entry": finding.judgement.where,
        "violation": number(finding.judgement.violation),
        "bound": number(finding.judgement.bound),
        "repro": repro,
    }


def _summary(evidence: Evidence) -> Json:
    verdicts = Counter(finding.verdict for finding in evidence.findings)
    caught, controls = controls_caught(evidence)
    return {
        "statements": len(evidence.statements),
        "verdicts": len(evidence.findings),
        **{verdict.value.lower(): verdicts[verdict] for verdict in Verdict},
        "as_expected": sum(finding.as_expected for finding in evidence.findings),
        "proved": sum(statement.status is Status.PROVED for statement in evidence.statements),
        "controls": controls,
        "controls_caught": caught,
        "complaints": list(evidence.complaints),
        "notes": list(evidence.notes),
        "agrees": evidence.agrees,
        "in_words": in_words(evidence),
    }


def number(value: float) -> float | None:
    """A figure that JSON can hold: NaN and infinities become null."""
    return float(value) if math.isfinite(value) else None
