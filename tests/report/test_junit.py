"""JUnit XML as pytest writes it and CI servers read it."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest

from checks.judging.verdict import Verdict
from checks.report import junit
from checks.report.document import command
from checks.report.provenance import provenance

# Attributes of pytest's own files and of Jenkins' schema; those that must be there first.
ATTRIBUTES = {
    "testsuites": ({"tests", "failures"}, {"name", "errors", "skipped", "time"}),
    "testsuite": ({"name", "tests", "failures", "errors"}, {"skipped", "time", "timestamp", "hostname"}),
    "testcase": ({"name", "classname", "time"}, set()),
    "property": ({"name", "value"}, set()),
    "failure": ({"message"}, {"type"}),
    "skipped": (set(), {"message", "type"}),
    "properties": (set(), set()),
}
CHILDREN = {"testsuites": {"testsuite"}, "testsuite": {"testcase"}, "properties": {"property"}}


def made(evidence):
    return junit.verification(evidence, provenance(seed=7), command)


def parsed(evidence):
    """The document, once everything in it is where it may be."""
    root = ElementTree.fromstring(made(evidence))
    for element in root.iter():
        required, optional = ATTRIBUTES[element.tag]
        assert required <= set(element.attrib) <= required | optional
        allowed = CHILDREN.get(
            element.tag, {"properties", "failure", "skipped"} if element.tag == "testcase" else set()
        )
        assert {child.tag for child in element} <= allowed
    return root


def failing(root):
    return [case for case in root.iter("testcase") if case.find("failure") is not None]


@pytest.mark.parametrize("name", ["agreeing", "disagreeing"])
def test_counts_are_right(name, request):
    root = parsed(request.getfixturevalue(name))
    for element in (root, *root):
        cases = list(element.iter("testcase"))
        assert int(element.get("tests")) == len(cases)
        assert int(element.get("failures")) == sum(case.find("failure") is not None for case in cases)
        assert int(element.get("skipped")) == sum(case.find("skipped") is not None for case in cases)


def test_evidence_that_agrees_has_no_failure(agreeing):
    root = parsed(agreeing)
    assert failing(root) == []
    assert int(root.get("tests")) == len(agreeing.findings) + 1
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(names)) == len(names)


def test_each_surprise_is_a_failure_that_can_be_repeated(disagreeing):
    cases = failing(parsed(disagreeing))
    assert [case.get("name").split(":")[0] for case in cases[:-1]] == ["A1", "R1", "A3"]
    first = cases[0].find("failure")
    assert first.get("message") == "FALSIFIED: fails, not as expected"
    assert first.text.endswith("repeat: saelaws verify A1 --on solver --data planted --seed 7")
    assert {"verdict": "FALSIFIED", "violation": "nan"}.items() <= {
        each.get("name"): each.get("value") for each in cases[0].iter("property")
    }.items()
    assert cases[-1].find("failure").text.splitlines() == list(disagreeing.complaints)


def test_a_complaint_about_the_whole_is_a_failure_too(agreeing, evidence_of):
    whole = replace(evidence_of(agreeing.findings), complaints=["A1: control never caught: half the penalty"])
    (case,) = failing(parsed(whole))
    assert case.get("name") == "agrees with all statements"


def test_vacuous_is_skipped(statements, make, evidence_of):
    root = parsed(evidence_of([make(statements["A1"], verdict=Verdict.VACUOUS), make(statements["A1"], data="digits")]))
    assert [case.find("skipped") is not None for case in root.iter("testcase")] == [True, False, False]


def test_text_that_xml_cannot_hold(statements, make, evidence_of):
    root = parsed(evidence_of([make(statements["A1"], data="my <data> & \x00more\x1b")]))
    assert next(root.iter("testcase")).get("classname") == "exact optimum.my <data> & \ufffdmore\ufffd"
