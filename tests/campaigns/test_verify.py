"""What is expected follows from the proofs, and evidence that disagrees is complained about."""

from dataclasses import replace

import pytest

from checks.campaigns.verify import findings
from checks.instances.stored import stored_counterexample
from checks.judging.findings import Finding, complaints, expected
from checks.judging.subjects import EXACT, INFERRED, TRAINED
from checks.judging.verdict import Judgement, Verdict
from theory.problem import L1
from theory.statement import Status, claimed, discover

HOLDS, FAILS = Verdict.CONFIRMED, Verdict.FALSIFIED
STATEMENTS = {statement.id: statement for statement in discover()}


@pytest.mark.parametrize(
    ("id", "exact", "inferred", "trained"),
    [
        ("C1", HOLDS, HOLDS, None),
        ("R1", HOLDS, HOLDS, None),
        ("A1", HOLDS, FAILS, HOLDS),
        ("A3", HOLDS, FAILS, HOLDS),
        ("A5", HOLDS, HOLDS, HOLDS),
        ("B1", HOLDS, FAILS, HOLDS),
        ("D1", HOLDS, FAILS, HOLDS),
        ("D2", HOLDS, None, None),
        ("K1", HOLDS, FAILS, None),
        ("W1", HOLDS, HOLDS, HOLDS),
    ],
)
def test_the_two_halves_of_the_theory_follow_from_the_proofs(id, exact, inferred, trained):
    for subject, wanted in ((EXACT, exact), (INFERRED, inferred), (TRAINED, trained)):
        assert expected(STATEMENTS[id], subject) is wanted


def test_without_a_bias_nothing_is_expected_of_it(optimum):
    unbiased = replace(optimum.instance, bias=False)
    assert "bias" not in EXACT.promises(unbiased)
    assert expected(STATEMENTS["B1"], EXACT, EXACT.promises(unbiased)) is Verdict.FALSIFIED


def test_a_refuted_statement_must_fail_somewhere_and_its_controls_hold_there(optimum):
    X1 = STATEMENTS["X1"]
    assert complaints(findings([X1], EXACT, [stored_counterexample(X1)], seed=0)) == []
    assert expected(X1, EXACT) is None
    confirmed = replace(finding(Verdict.CONFIRMED, None), statement=X1)
    assert any("nothing falsified it" in line for line in complaints([confirmed]))
    wrong = replace(X1, controls={"twice": X1.claim})
    assert any("control failed" in line for line in complaints(findings([wrong], EXACT, [optimum], seed=0)))


def test_an_open_statement_that_is_falsified_asks_to_be_refuted():
    opened = replace(finding(Verdict.FALSIFIED), statement=replace(STATEMENTS["A1"], status=Status.OPEN, proof=None))
    assert any("set its status to REFUTED" in line for line in complaints([opened]))


def test_controls_of_an_inequality_need_to_fail_once(optimum):
    W1 = STATEMENTS["W1"]
    caught = dict.fromkeys(W1.controls, Verdict.FALSIFIED)
    name = next(iter(W1.controls))
    never = replace(finding(Verdict.CONFIRMED, controls=caught | {name: Verdict.CONFIRMED}), statement=W1)
    assert complaints([never]) == [f"W1: control never caught: {name}"]
    assert complaints([never, replace(finding(Verdict.CONFIRMED, controls=caught), statement=W1)]) == []


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("subject", [INFERRED, TRAINED])
@pytest.mark.parametrize("status", [Status.PROVED, Status.OPEN, Status.REFUTED])
def test_what_is_not_promised_decides_nothing(status, subject, verdict):
    K1 = replace(STATEMENTS["K1"], status=status)
    K1 = K1 if status is Status.PROVED else replace(K1, proof=None)
    luck = replace(finding(verdict, expected(K1, subject)), statement=K1, subject=subject.name)
    luck = replace(luck, judgement=replace(luck.judgement, controls=dict.fromkeys(K1.controls, Verdict.CONFIRMED)))
    assert not luck.decides
    assert complaints([luck]) == []


@pytest.mark.parametrize("verdict", [Verdict.FALSIFIED, Verdict.INCONCLUSIVE])
def test_what_a_trained_sae_promises_is_complained_about(verdict):
    broken = replace(finding(verdict), subject=TRAINED.name)
    assert broken.decides
    assert "A1 on trained SAE, toy" in complaints([broken])[0]


def test_a_trained_sae_by_itself_refutes_and_confirms_nothing():
    refuted = replace(STATEMENTS["A1"], status=Status.REFUTED)
    held = replace(finding(Verdict.CONFIRMED, None), statement=refuted)
    luck = replace(finding(Verdict.FALSIFIED, None), statement=refuted, subject=TRAINED.name)
    assert "A1: REFUTED, but nothing falsified it" in complaints([held, luck])
    empty = finding(Verdict.VACUOUS)
    assert complaints([empty, replace(luck, statement=STATEMENTS["K1"])]) == [
        "A1: vacuous on every subject and dataset"
    ]


def test_findings_agree_at_an_optimum(optimum):
    found = findings(claimed(list(STATEMENTS.values()), L1), EXACT, [optimum], seed=0)
    assert all(finding.as_expected for finding in found)
    # One λ per sample leaves no pair for R2, and nothing implies anything (K2).
    vacuous = {finding.statement.id for finding in found if finding.verdict is Verdict.VACUOUS}
    refuted = {each.id for each in STATEMENTS.values() if each.status is Status.REFUTED}
    assert vacuous - refuted <= {"K2", "R2"}
    proved = {f.verdict for f in found if f.statement.status is Status.PROVED and f.statement.id not in vacuous}
    assert proved == {Verdict.CONFIRMED}


CAUGHT = dict.fromkeys(STATEMENTS["A1"].controls, Verdict.FALSIFIED)


def finding(verdict, wanted=Verdict.CONFIRMED, controls=None):
    judgement = Judgement(verdict, 1.0, 0.5, "j=1", controls=controls or CAUGHT)
    return Finding(STATEMENTS["A1"], "exact optimum", "toy", wanted, judgement, 1, 0)


@pytest.mark.parametrize("verdict", [Verdict.FALSIFIED, Verdict.INCONCLUSIVE])
def test_evidence_against_a_proof_is_complained_about(verdict):
    assert "expected CONFIRMED" in complaints([finding(verdict)])[0]


def test_a_failure_that_does_not_show_is_complained_about():
    assert "expected FALSIFIED" in complaints([finding(Verdict.CONFIRMED, Verdict.FALSIFIED)])[0]


@pytest.mark.parametrize("verdict", [Verdict.CONFIRMED, Verdict.INCONCLUSIVE])
def test_a_control_that_is_not_caught_is_complained_about(verdict):
    missed = finding(Verdict.CONFIRMED, controls=CAUGHT | {"half the penalty": verdict})
    caught = finding(Verdict.CONFIRMED)
    assert complaints([missed, caught]) == ["A1 on exact optimum, toy: control not caught: half the penalty"]


def test_a_control_that_says_the_same_somewhere_must_be_caught_elsewhere():
    same = finding(Verdict.CONFIRMED, controls=CAUGHT | {"half the penalty": Verdict.VACUOUS})
    assert complaints([same, finding(Verdict.CONFIRMED)]) == []
    assert complaints([same]) == ["A1: control never caught: half the penalty"]


def test_vacuous_somewhere_is_fine_and_everywhere_is_not():
    assert complaints([finding(Verdict.CONFIRMED), finding(Verdict.VACUOUS)]) == []
    assert "vacuous on every" in complaints([finding(Verdict.VACUOUS), finding(Verdict.VACUOUS)])[0]


def test_no_evidence_is_no_agreement():
    assert complaints([]) == ["no statement was judged"]
