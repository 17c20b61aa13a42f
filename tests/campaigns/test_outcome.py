"""Whether a status stands after an attack; each way in which it may not is shown."""

from dataclasses import replace

import pytest

from checks.campaigns import attack
from checks.campaigns.attack import PROFILES
from checks.campaigns.outcome import outcome, outcome_at
from checks.errors import BadInput
from checks.instances import cases
from checks.instances.cases import Case, SplitAtom
from checks.instances.stationary import StationaryGrid, StationaryRays
from checks.instances.strategies import stationary_specs
from checks.judging.verdict import Verdict
from theory.expectation import E
from theory.problem import a, b, r, x, xhat
from theory.statement import Eq, Gt, Status, discover

BY_ID = {statement.id: statement for statement in discover()}
B1, X1 = BY_ID["B1"], BY_ID["X1"]
CASES = [Case(spec) for spec in cases.draws(stationary_specs(max_n=8, max_d=3, max_k=3), 30, seed=0)]
GRID = Case(StationaryGrid(d=2, k=1, seed=0, lam=0.3))
OPEN = replace(B1, status=Status.OPEN, proof=None)
MEAN = replace(OPEN, id="mean", claim=Eq(E(x[a]), b[a]))


def outcome_of(statement, profile="dev"):
    ledger = attack.judge_all([statement], CASES)
    (finding,) = ledger.findings(seed=0) or [None]
    return outcome(statement, ledger, PROFILES[profile], finding)


def test_a_status_that_stands():
    for statement in (B1, OPEN, X1):
        assert outcome_of(statement).complaints == []
    assert outcome_of(B1).figures["verdict"] == "CONFIRMED"
    assert outcome_of(X1).figures["verdict"] == "FALSIFIED"
    assert outcome_of(B1).figures["violation"] <= outcome_of(B1).figures["bound"]


def test_an_open_claim_that_is_falsified_is_shown_in_full():
    found = outcome_of(MEAN)
    text = "\n".join(found.complaints)
    for said in ("mean FALSIFIED: ", "E[x_a] = b_a", "entry      a=", "violation  ", "set its status to REFUTED"):
        assert said in text
    case = cases.case_of(found.counterexample.name)
    assert repr(case) in text
    assert outcome_at(MEAN, case).finding.verdict is Verdict.FALSIFIED


def test_the_counterexample_that_is_shown_is_the_smallest():
    case = cases.case_of(outcome_of(MEAN).counterexample.name)
    failing = [each for each in CASES if each.spec.point().instance.bias]
    assert 2**case.spec.k * case.spec.d * case.spec.k <= min(2**e.spec.k * e.spec.d * e.spec.k for e in failing)


def test_a_proof_of_what_is_falsified_puts_the_engine_in_doubt():
    text = "\n".join(outcome_of(replace(MEAN, status=Status.PROVED, proof=B1.proof)).complaints)
    assert "the proof, the solver or the engine is wrong" in text


def test_a_refuted_claim_must_be_falsified():
    assert outcome_of(replace(B1, status=Status.REFUTED)).complaints[0].startswith("control never caught")
    always = replace(X1, claim=Eq(E(x[a]) - b[a] - E(xhat[a]), E(r[a])))
    assert outcome_of(always).complaints[0] == "REFUTED, but never falsified"


def test_a_claim_whose_premise_is_never_met():
    never = replace(OPEN, given=[Gt(E(x[a]), 0), Eq(E(x[a]), 0)])
    (line,) = outcome_of(never).complaints
    assert line.startswith("vacuous: its premise was met at none of")
    assert outcome_of(never).figures["verdict"] == "VACUOUS"


def test_a_control_without_teeth():
    toothless = replace(OPEN, controls={"the same": Eq(E(x[a]) - E(xhat[a]), b[a])})
    assert outcome_of(toothless).complaints == ["control never caught: the same"]


def test_evidence_needs_numbers():
    complaints = outcome_of(B1, profile="ci").complaints
    assert any("confirmed on" in line for line in complaints)
    assert any("certified instances, fewer than" in line for line in complaints)


# --- at one case ---


def test_one_case():
    assert outcome_at(B1, GRID).complaints == []
    assert outcome_at(B1, replace(GRID, companion=SplitAtom())).complaints == []
    assert outcome_at(X1, GRID).complaints == []
    assert "FALSIFIED" in outcome_at(MEAN, GRID).complaints[0]


def test_one_case_of_which_nothing_is_promised():
    rays = Case(StationaryRays(n=4, d=2, k=2, seed=0, lam=0.3))  # without a bias
    (line,) = outcome_at(MEAN, rays).complaints
    assert line.endswith("its status promises nothing there")


def test_one_case_at_which_the_premise_is_not_met():
    (line,) = outcome_at(replace(B1, given=[Gt(0 * E(x[a]), 1)]), GRID).complaints
    assert line.endswith("its premise is not met")


def test_one_case_without_a_certificate(monkeypatch):
    sound = cases.solved
    monkeypatch.setattr(cases, "solved", lambda spec: replace(sound(spec), Z=2 * sound(spec).Z))
    with pytest.raises(BadInput, match="is not certified: codes residual"):
        outcome_at(B1, GRID)
