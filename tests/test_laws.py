"""All statements, judged on instances that Hypothesis draws to break them. The second half shows each gate firing."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import strategies as st

from checks import attack
from checks.attack import MIN_CERTIFIED, MIN_CONFIRMED, PROFILES, Case, Ledger, SplitAtom
from checks.campaign import stored_counterexample
from checks.distributions.strategies import rays, specs, stationary_specs
from checks.distributions.twins import Rotate
from checks.errors import BadInput
from checks.verdict import Judgement, Verdict
from theory.problem import L1
from theory.statement import Status, discover, under

STATEMENTS = discover()
BY_ID = {statement.id: statement for statement in STATEMENTS}
A1, X1 = BY_ID["A1"], BY_ID["X1"]
LIVE = specs(families=rays(), min_d=2, min_lam=0.1, max_lam=0.3, biases=st.just(False))


def drawn(strategy, examples=10):
    return [Case(spec) for spec in attack.draws(strategy, examples, seed=0)]


def test_every_law_holds_at_every_exact_point_that_was_drawn(subtests):
    profile = replace(PROFILES[os.environ.get("SAELAWS_PROFILE", "ci")], others=0)
    statements = [statement for statement in STATEMENTS if under(statement, L1)]
    ledger = attack.attack(statements, profile)
    assert ledger.certified
    for statement in statements:
        with subtests.test(statement.id):
            assert ledger.falsified[statement.id] == []
            assert ledger.gaps(statement) == [] or not profile.is_evidence
    with subtests.test("the attack as a whole"):
        assert ledger.complaints(profile) == []


@pytest.mark.parametrize("objective", attack.OTHERS, ids=str)
def test_laws_of_other_objectives_hold_as_well(objective):
    # `saelaws verify --profile ci` takes ten times as many.
    drawn = attack.draws(attack.cases_of(attack.specs_of(objective)), 15, seed=0)
    ledger = attack.judge_all(STATEMENTS, drawn)
    own = [s for s in STATEMENTS if under(s, objective) and not under(s, L1)]
    assert own
    assert not any(ledger.falsified.values())
    assert ledger.shortfalls(min_certified=15) == []
    for statement in own:
        refuted = statement.status is Status.REFUTED
        counts = (ledger.failed if refuted else ledger.verdicts)[statement.id]
        assert counts.total() >= 15
        assert counts[Verdict.FALSIFIED if refuted else Verdict.CONFIRMED]


def test_what_is_drawn_depends_on_the_seed_alone():
    first, again, other = (attack.cases(PROFILES["dev"], seed) for seed in (0, 0, 1))
    assert first == again != other
    assert len(set(map(repr, first))) == len(first)


def test_the_repr_of_a_case_builds_it_again():
    for case in attack.cases(PROFILES["dev"], seed=0):
        assert attack.case_of(repr(case)) == case


@pytest.mark.parametrize(
    "name", ["", "Case(", "open('f')", "Case(print())", "Case.points", "Case(1, 2, 3)", "Rotate(1)"]
)
def test_nothing_else_is_evaluated(name):
    with pytest.raises(BadInput, match="expected the description of an instance"):
        attack.case_of(name)


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
    sound = attack.solved
    monkeypatch.setattr(attack, "solved", lambda spec: break_it(sound(spec)))
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
    pasted = attack.case_of(message.removeprefix("A1 FALSIFIED at ").split(": entry")[0])
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


def test_a_twin_that_decides_otherwise_is_a_failure():
    ledger = Ledger([A1])
    held, failed = ({"A1": Judgement(verdict)} for verdict in (Verdict.CONFIRMED, Verdict.FALSIFIED))
    ledger.enter(attack.Trial("a point", "", False, held))
    ledger.enter(attack.Trial("the same turned", "", False, held, "a point", Rotate(seed=0)))
    assert not ledger.falsified["A1"]
    ledger.enter(attack.Trial("a twin", "", False, failed, "a point", Rotate(seed=0)))
    assert ledger.falsified["A1"][-1] == "A1 FALSIFIED at a twin, but CONFIRMED without the map"


def test_an_instance_counts_once():
    trial = attack.try_point(stored_counterexample(X1), "the same", [X1])
    ledger = Ledger([X1])
    for _ in range(2):
        ledger.enter(trial)
    assert len(ledger.certified) == ledger.failed["X1"].total() == 1


def test_companions_are_judged_along():
    (spec,) = attack.draws(stationary_specs(max_n=6, max_d=2, max_k=2), 1, seed=0)
    names = [trial.name for trial in attack.try_case(Case(spec, SplitAtom()), [A1])]
    assert names == [f"Case({spec!r})", f"Case({spec!r}, SplitAtom())"]


def test_a_run_of_nothing_is_no_evidence():
    assert Ledger([A1]).shortfalls() == [f"0 certified instances, fewer than {MIN_CERTIFIED}"]
    assert Ledger([A1]).complaints(PROFILES["ci"])
