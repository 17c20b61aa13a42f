"""All statements, judged on instances that Hypothesis draws to break them. The second half shows each gate firing."""

from __future__ import annotations

import importlib
import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import strategies as st

from checks.campaigns import attack
from checks.campaigns.attack import MIN_CERTIFIED, MIN_CONFIRMED, PROFILES, Ledger, Profile
from checks.errors import BadInput
from checks.instances import cases
from checks.instances.cases import Case, SplitAtom
from checks.instances.metamorphic import Rotate
from checks.instances.stationary import StationaryGrid
from checks.instances.stored import stored_counterexample
from checks.instances.strategies import rays, specs, stationary_specs
from checks.judging.verdict import Judgement, Verdict
from theory.expectation import E
from theory.problem import j, z
from theory.statement import Eq, Gt, Status, discover

STATEMENTS = discover()
BY_ID = {statement.id: statement for statement in STATEMENTS}
A1, X1 = BY_ID["A1"], BY_ID["X1"]
LIVE = specs(families=rays(), min_d=2, min_lam=0.1, max_lam=0.3, biases=st.just(False))


def drawn(strategy, examples=10):
    return [Case(spec) for spec in cases.draws(strategy, examples, seed=0)]


def test_every_law_holds_at_every_exact_point_that_was_drawn(subtests):
    # `saelaws verify --profile ci` takes all of it.
    asked = PROFILES[os.environ.get("SAELAWS_PROFILE", "ci")]
    profile = replace(asked, shared=asked.shared // 6, others=asked.others // 12, decided=asked.decided // 10)
    ledger = attack.attack(STATEMENTS, profile)
    assert ledger.certified
    for statement in STATEMENTS:
        with subtests.test(statement.id):
            assert ledger.falsified[statement.id] == []
            assert ledger.gaps(statement) == [] or not profile.is_evidence
            assert ledger.decided[statement.id] >= profile.decided
    with subtests.test("the attack as a whole"):
        assert ledger.complaints(profile) == []


def test_what_is_drawn_depends_on_the_seed_alone():
    first, again, other = (attack.shared_cases(PROFILES["dev"], seed) for seed in (0, 0, 1))
    assert first == again != other
    assert len(set(map(repr, first))) == len(first)
    first, again, other = (attack.own_cases(A1, 5, seed) for seed in ("0 1", "0 1", "1 1"))
    assert first == again != other


def test_what_else_is_imported_makes_no_difference(tmp_path, monkeypatch):
    before = attack.shared_cases(PROFILES["dev"], seed=0)
    (tmp_path / "numbers_that_hypothesis_would_try.py").write_text(f"NUMBERS = {list(range(200, 1000))}")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("numbers_that_hypothesis_would_try")
    assert attack.shared_cases(PROFILES["dev"], seed=0) == before


def test_the_repr_of_a_case_builds_it_again():
    for case in [*attack.shared_cases(PROFILES["dev"], seed=0), *attack.own_cases(BY_ID["X16"], 5, "0")]:
        assert cases.case_of(repr(case)) == case


@pytest.mark.parametrize(
    "name", ["", "Case(", "open('f')", "Case(print())", "Case.points", "Case(1, 2, 3)", "Rotate(1)"]
)
def test_nothing_else_is_evaluated(name):
    with pytest.raises(BadInput, match="expected the description of an instance"):
        cases.case_of(name)


def test_a_premise_that_is_never_met_is_no_evidence():
    ledger = attack.judge_all([A1], drawn(specs(min_lam=3.0, max_lam_spread=0.0)))
    assert ledger.shortfalls(min_certified=1) == []
    assert ledger.gaps(A1)[0] == f"confirmed on 0 instances, fewer than {MIN_CONFIRMED}"
    assert ledger.gaps(A1)[1:] == [f"control never caught: {name}" for name in A1.controls]


def turned(point):
    """All atoms turned by 1e-3 in the plane of the first two coordinates."""
    turn = np.eye(point.instance.d)
    turn[:2, :2] = [[np.cos(1e-3), -np.sin(1e-3)], [np.sin(1e-3), np.cos(1e-3)]]
    return replace(point, D=turn @ point.D)


BROKEN = {
    "atoms turned by 1e-3": (turned, "atoms residual"),
    "codes off by 1e-6": (lambda point: replace(point, Z=point.Z * (1 + 1e-6)), "codes residual"),
    "codes not a number": (lambda point: replace(point, Z=np.full_like(point.Z, np.nan)), "not finite, first at row 0"),
    "wrong sign": (lambda point: replace(point, D=-point.D), "codes residual"),
    "atoms a hair too long": (lambda point: replace(point, D=point.D * (1 + 1e-9)), "norms residual"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_solver_is_counted_as_uncertified(fault, monkeypatch):
    break_it, reason = BROKEN[fault]
    sound = cases.solved
    monkeypatch.setattr(cases, "solved", lambda spec: break_it(sound(spec)))
    ledger = attack.judge_all([A1], drawn(LIVE))
    assert not ledger.verdicts
    (line,) = ledger.shortfalls(min_certified=0)
    assert "uncertified" in line
    assert reason in line
    assert ledger.shortfalls()[0].startswith("0 certified instances")
    assert ledger.findings(seed=0) == []


def test_a_law_that_is_wrong_is_named_in_one_line_that_pastes_back():
    wrong = replace(A1, claim=A1.controls["twice the penalty"])
    ledger = attack.judge_all([wrong], drawn(stationary_specs(max_n=6, max_d=2, max_k=2)))
    message, *_ = ledger.complaints(PROFILES["ci"])
    assert message.startswith("A1 FALSIFIED at Case(Stationary")
    assert "\n" not in message
    pasted = cases.case_of(message.removeprefix("A1 FALSIFIED at ").split(": entry")[0])
    assert attack.try_case(pasted, [wrong])[-1].judged["A1"].verdict is Verdict.FALSIFIED
    (finding,) = ledger.findings(seed=0)
    assert finding.verdict is Verdict.FALSIFIED
    assert not finding.as_expected


def test_a_control_without_teeth_is_noticed():
    toothless = replace(A1, controls={"itself": A1.claim})
    ledger = attack.judge_all([toothless], drawn(LIVE))
    assert "control never caught: itself" in ledger.gaps(toothless)
    assert any("control never caught: itself" in line for line in ledger.complaints(PROFILES["ci"]))


def test_a_refuted_statement_must_be_seen_to_fail():
    true = replace(A1, status=Status.REFUTED)
    ledger = attack.judge_all([true, X1], drawn(LIVE))
    assert ledger.gaps(true)[0] == "REFUTED, but never falsified"
    assert ledger.gaps(X1) == []


def test_an_image_that_decides_otherwise_is_a_failure():
    ledger = Ledger([A1])
    held, failed = ({"A1": Judgement(verdict)} for verdict in (Verdict.CONFIRMED, Verdict.FALSIFIED))
    ledger.enter(attack.Trial("a point", "", False, held))
    ledger.enter(attack.Trial("the same turned", "", False, held, "a point", Rotate(seed=0)))
    assert not ledger.falsified["A1"]
    ledger.enter(attack.Trial("an image", "", False, failed, "a point", Rotate(seed=0)))
    assert ledger.falsified["A1"][-1] == "A1 FALSIFIED at an image, but CONFIRMED without the map"


def test_what_images_decide_is_compared_unless_a_probe_may_be_missing():
    unseen = {statement.id for statement in STATEMENTS if attack.may_fail_unseen(statement)}
    assert {"W5", "X17"} <= unseen
    assert unseen.isdisjoint({"A1", "X2", "X5", "X8", "X12", "X13", "X14"})


def test_an_instance_counts_once():
    trial = attack.try_point(stored_counterexample(X1), "Case(the same)", [X1])
    ledger = Ledger([X1])
    for _ in range(2):
        ledger.enter(trial)
    assert len(ledger.certified) == ledger.failed["X1"].total() == ledger.decided["X1"] == 1


def test_a_counterexample_that_is_kept_is_no_news():
    ledger = attack.judge_all([X1], [])
    assert ledger.certified
    assert ledger.decided["X1"] == 0
    assert ledger.gaps(X1)[0] == "REFUTED, but never falsified"
    ledger = attack.judge_all([replace(A1, claim=A1.controls["twice the penalty"]), X1], [])
    assert ledger.falsified["A1"][0].startswith("A1 FALSIFIED at the counterexample of X1")


def test_a_statement_that_is_rarely_decided_gets_cases_of_its_own():
    profile = Profile(0, 0, 12)
    ledger = attack.attack([BY_ID["X3"], BY_ID["X9"], BY_ID["M4"]], profile)
    assert ledger.decided["M4"] >= 12
    for never_true in ("X3", "X9"):
        assert ledger.failed[never_true][Verdict.FALSIFIED] == ledger.decided[never_true] >= 12
    assert not any("decided on" in line for line in ledger.complaints(profile))


def test_a_premise_that_is_never_met_is_given_up_and_named():
    never = replace(A1, given=[Gt(E(z[j]), 0), Eq(E(z[j]), 0)])
    ledger = attack.attack([never], Profile(0, 0, 5))
    assert len(ledger.certified) < 60
    assert "A1: decided on 0 certified instances, fewer than 5" in ledger.complaints(Profile(0, 0, 5))


def test_what_is_falsified_is_not_attacked_further():
    wrong = replace(A1, claim=A1.controls["twice the penalty"])
    ledger = attack.attack([wrong], Profile(4, 0, 50))
    assert ledger.falsified["A1"]
    assert len(ledger.certified) < 10


def test_where_the_bias_must_be_free_points_without_it_do_not_count():
    (grid,) = [Case(StationaryGrid(d=2, k=2, seed=0, lam=0.3, bias=False))]
    ledger = attack.judge_all([A1, BY_ID["B1"]], [grid])
    assert ledger.decided == {"A1": 1}


def test_companions_are_judged_along():
    (spec,) = cases.draws(stationary_specs(max_n=6, max_d=2, max_k=2), 1, seed=0)
    names = [trial.name for trial in attack.try_case(Case(spec, SplitAtom()), [A1])]
    assert names == [f"Case({spec!r})", f"Case({spec!r}, SplitAtom())"]


def test_a_run_of_nothing_is_no_evidence():
    assert Ledger([A1]).shortfalls() == [f"0 certified instances, fewer than {MIN_CERTIFIED}"]
    assert Ledger([A1]).complaints(PROFILES["ci"])
