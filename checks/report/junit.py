"""Findings as JUnit XML, which every CI server reads: one test case for each statement, subject and dataset."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from checks.judging.findings import Evidence, Finding
from checks.judging.verdict import Verdict
from checks.report.summary import described, headline

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML 1.0


def verification(evidence: Evidence, provenance: Mapping[str, Any], repro: Callable[[Finding], str]) -> str:
    """One suite for each subject, and a last one in which the evidence as a whole fails if it does not agree."""
    root = Element("testsuites", name="saelaws")
    for subject in evidence.subjects:
        findings = [finding for finding in evidence.findings if finding.subject == subject]
        suite = SubElement(root, "testsuite", name=_text(subject))
        for finding in findings:
            _case(suite, finding, repro(finding))
    whole = SubElement(root, "testsuite", name="evidence", timestamp=str(provenance.get("time")))
    case = SubElement(whole, "testcase", classname="evidence", name="agrees with all statements", time="0")
    if not evidence.agrees:
        _failure(case, headline(evidence), "\n".join(evidence.complaints))
    for suite in root:
        _count(suite, [suite])
    _count(root, list(root))
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: Element, finding: Finding, repro: str) -> None:
    judgement = finding.judgement
    name = f"{finding.statement.id}: {finding.statement.title}"
    case = SubElement(
        suite, "testcase", classname=_text(f"{finding.subject}.{finding.data}"), name=_text(name), time="0"
    )
    figures = {
        "status": finding.statement.status.value,
        "verdict": finding.verdict.value,
        "expected": finding.expected.value if finding.expected else "either",
        "violation": repr(judgement.violation),
        "bound": repr(judgement.bound),
        "where": judgement.where,
        "instances": str(finding.instances),
        "uncertified": str(finding.uncertified),
        "seed": str(finding.seed),
        **({"instance": finding.instance} if finding.instance else {}),
    }
    properties = SubElement(case, "properties")
    for key, value in figures.items():
        SubElement(properties, "property", name=key, value=_text(value))
    if not finding.as_expected:
        place = f"at {judgement.where}" + (f" of {finding.instance}" if finding.instance else "")
        shown = f"violation {judgement.violation:.2e} against {judgement.bound:.2e} {place}"
        _failure(case, f"{finding.verdict.value}: {described(finding)}", f"{shown}\nrepeat: {repro}")
    elif finding.verdict is Verdict.VACUOUS:
        SubElement(case, "skipped", message="vacuous: nothing to judge")


def _failure(case: Element, message: str, text: str) -> None:
    SubElement(case, "failure", message=_text(message), type="evidence").text = _text(text)


def _count(element: Element, suites: list[Element]) -> None:
    cases = [case for suite in suites for case in suite.iter("testcase")]
    counts = {
        "tests": len(cases),
        "failures": sum(case.find("failure") is not None for case in cases),
        "errors": 0,
        "skipped": sum(case.find("skipped") is not None for case in cases),
    }
    element.attrib |= {name: str(count) for name, count in counts.items()} | {"time": "0"}


def _text(value: str) -> str:
    return ILLEGAL.sub("\ufffd", value)
