"""What is expected follows from the proofs, and evidence that disagrees is complained about."""

from dataclasses import replace

import pytest

from checks.campaign import EXACT, INFERRED, TRAINED, Finding, complaints, expected, findings
from checks.verdict import Judgement, Verdict
from theory.statement import Status, discover

STATEMENTS = {statement.id: statement for statement in discover()}


@pytest.mark.parametrize(
    ("id", "exact", "inferred", "trained"),
    [
        ("C1", True, True, False),
        ("R1", True, True, False),
        ("A1", True, False, True),
        ("A3", True, False, True),
        ("A5", True, True, True),
        ("B1", True, False, True),
    ],
)
def test_the_two_halves_of_the_theory_follow_from_the_proofs(id, exact, inferred, trained):
    for subject, holds in ((EXACT, exact), (INFERRED, inferred), (TRAINED, trained)):
        wanted = Verdict.CONFIRMED if holds else Verdict.FALSIFIED
        assert expected(STATEMENTS[id], subject.premises) is wanted


def test_without_a_bias_nothing_is_expected_of_it(optimum):
    unbiased = replace(optimum.instance, bias=False)
    assert "bias" not in EXACT.promises(unbiased)
    assert expected(STATEMENTS["B1"], EXACT.promises(unbiased)) is Verdict.FALSIFIED


def test_a_refuted_statement_is_expected_to_fail():
    assert expected(replace(STATEMENTS["A1"], status=Status.REFUTED), EXACT.premises) is Verdict.FALSIFIED


def test_findings_agree_at_an_optimum(optimum):
    found = findings(list(STATEMENTS.values()), EXACT, [optimum], seed=0)
    assert complaints(found) == []
    assert {f.verdict for f in found if f.statement.status is Status.PROVED} == {Verdict.CONFIRMED}


def finding(verdict, wanted=Verdict.CONFIRMED, controls=None):
    judgement = Judgement(verdict, 1.0, 0.5, "j=1", controls=controls or {"half": Verdict.FALSIFIED})
    return Finding(STATEMENTS["A1"], "exact optimum", "toy", wanted, judgement, 1, 0)


@pytest.mark.parametrize("verdict", [Verdict.FALSIFIED, Verdict.INCONCLUSIVE])
def test_evidence_against_a_proof_is_complained_about(verdict):
    assert "expected CONFIRMED" in complaints([finding(verdict)])[0]


def test_a_failure_that_does_not_show_is_complained_about():
    assert "expected FALSIFIED" in complaints([finding(Verdict.CONFIRMED, Verdict.FALSIFIED)])[0]


@pytest.mark.parametrize("verdict", [Verdict.CONFIRMED, Verdict.VACUOUS, Verdict.INCONCLUSIVE])
def test_a_control_that_is_not_caught_is_complained_about(verdict):
    assert "control not caught: half" in complaints([finding(Verdict.CONFIRMED, controls={"half": verdict})])[0]


def test_vacuous_somewhere_is_fine_and_everywhere_is_not():
    assert complaints([finding(Verdict.CONFIRMED), finding(Verdict.VACUOUS)]) == []
    assert "vacuous on every" in complaints([finding(Verdict.VACUOUS), finding(Verdict.VACUOUS)])[0]


def test_no_evidence_is_no_agreement():
    assert complaints([]) == ["no statement was judged"]
