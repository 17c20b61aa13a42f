"""At exact optima the proof is the tolerance. Broken twins of a solver and of a law each get a named verdict."""

from dataclasses import replace

import numpy as np
import pytest
import sympy
from sympy import Indexed, Rational

from checks.instances.companions import with_split_atom
from checks.judging import exact
from checks.judging.findings import has_equality
from checks.judging.subjects import JOINTLY_OPTIMAL, OPTIMAL_CODES
from checks.judging.verdict import Verdict
from checks.problem.instance import instance
from checks.problem.point import Point
from checks.solvers.optimum import with_optimal_codes
from theory.problem import L1, a, r, xhat
from theory.statement import Eq, Status, claimed, discover

STATEMENTS = claimed(discover(), L1)
PROVED = [statement for statement in STATEMENTS if statement.status is Status.PROVED]


def verdicts(point, premises=JOINTLY_OPTIMAL, statements=PROVED):
    return {id: judgement.verdict for id, judgement in exact.judge(statements, [point], premises).items()}


def test_every_proved_statement_holds_and_every_control_is_caught(optimum, subtests):
    points = [optimum, with_split_atom(optimum)]
    for statement in PROVED:
        judgement = exact.judge([statement], points, JOINTLY_OPTIMAL)[statement.id]
        with subtests.test(statement.id):
            assert judgement.verdict is Verdict.CONFIRMED
            assert judgement.violation <= judgement.bound < 1e-8
            if has_equality(statement):
                assert set(judgement.controls.values()) == {Verdict.FALSIFIED}


BROKEN = {
    "off by 1e-6": lambda p: replace(p, Z=p.Z * (1 + 1e-6)),
    "stopped early": lambda p: replace(p, D=_turned(p.D, 1e-3)),
    "wrong sign": lambda p: replace(p, D=-p.D),
    "negative codes": lambda p: replace(p, Z=p.Z - 1e-3),
    "not a number": lambda p: replace(p, Z=np.where(p.Z > 1, np.nan, p.Z)),
    "all not a number": lambda p: replace(p, Z=np.full_like(p.Z, np.nan)),
    "infinite dictionary": lambda p: replace(p, D=np.full_like(p.D, np.inf)),
}


def _turned(D, angle):
    turned = D + angle * np.roll(D, 1, axis=1)
    return turned / np.linalg.norm(turned, axis=0)


@pytest.mark.parametrize("twin", BROKEN)
def test_a_broken_solver_confirms_nothing(optimum, twin):
    assert set(verdicts(BROKEN[twin](optimum)).values()) == {Verdict.INCONCLUSIVE}


def wrong_by_one_part_in_ten_million(claim):
    if claim.rhs == 0:
        return claim.replace(lambda part: isinstance(part, Indexed) and part.base == r, _disturbed)
    return claim.func(claim.lhs * (1 + Rational(1, 10**7)), claim.rhs, evaluate=False)


def _disturbed(part):
    return part + Rational(1, 10**7) * xhat[part.indices[0]]


@pytest.mark.parametrize("statement", [s for s in PROVED if has_equality(s)], ids=lambda s: s.id)
def test_an_equality_wrong_by_one_part_in_ten_million_is_falsified(optimum, statement):
    claims = tuple(wrong_by_one_part_in_ten_million(c) if isinstance(c, sympy.Eq) else c for c in statement.claims)
    wrong = replace(statement, claim=claims)
    point = with_split_atom(optimum) if statement.id == "K2" else optimum
    assert verdicts(point, statements=[wrong]) == {statement.id: Verdict.FALSIFIED}


# E[r] = 0 has no sign to change.
@pytest.mark.parametrize("statement", [s for s in PROVED if s.id not in ("B1", "E4")], ids=lambda s: s.id)
def test_a_claim_with_a_changed_sign_or_direction_is_falsified(optimum, statement):
    point = with_split_atom(optimum) if statement.id == "K2" else optimum
    claims = tuple(changed(claim) for claim in statement.claims)
    assert verdicts(point, statements=[replace(statement, claim=claims)]) == {statement.id: Verdict.FALSIFIED}


def changed(claim):
    if isinstance(claim, sympy.Eq):
        return claim.func(-claim.lhs, claim.rhs, evaluate=False)
    return claim.func(claim.rhs, claim.lhs, evaluate=False)


def test_a_condition_that_is_not_promised_allows_nothing(optimum):
    turned = replace(optimum, D=_turned(optimum.D, 1e-2))
    judged = verdicts(with_optimal_codes(turned), OPTIMAL_CODES)
    assert judged["C1"] is judged["R1"] is judged["A5"] is Verdict.CONFIRMED
    assert judged["A1"] is judged["A3"] is judged["B1"] is Verdict.FALSIFIED


def test_dead_features_leave_nothing_to_judge():
    x = np.random.default_rng(0).standard_normal((20, 3))
    dead = Point(instance(x, 2, 100.0), np.eye(3)[:, :2], np.zeros(3), np.zeros((20, 2)))
    judged = verdicts(dead, OPTIMAL_CODES | {"atom"})
    assert judged["R1"] is judged["A1"] is judged["A5"] is Verdict.VACUOUS
    assert judged["C1"] is Verdict.CONFIRMED


def test_in_parts_of_the_samples_a_claim_is_judged_as_it_is_as_a_whole(optimum, monkeypatch):
    """Also one that is refuted, by whose entries one sees the number of a sample."""
    point = optimum.scaled(0)
    whole = exact.judge(STATEMENTS, [point], JOINTLY_OPTIMAL)
    monkeypatch.setattr(exact, "PART", 1 << 8)
    parts = exact.judge(STATEMENTS, [point], JOINTLY_OPTIMAL)
    assert {id: (each.verdict, each.controls) for id, each in parts.items()} == {
        id: (each.verdict, each.controls) for id, each in whole.items()
    }
    falsified = [id for id, each in whole.items() if each.verdict is Verdict.FALSIFIED and "sample" in each.where]
    assert any("sample=0" not in whole[id].where for id in falsified)
    for id, each in whole.items():
        assert parts[id].tightness == (each.tightness and pytest.approx(each.tightness)), id
    for id in falsified:
        assert (parts[id].where, parts[id].violation) == (whole[id].where, pytest.approx(whole[id].violation)), id


def test_the_worst_point_decides(optimum):
    broken = BROKEN["off by 1e-6"](optimum)
    judged = exact.judge(PROVED, [optimum, broken], JOINTLY_OPTIMAL)
    assert {j.verdict for j in judged.values()} == {Verdict.INCONCLUSIVE}
    assert {j.uncertified for j in judged.values()} == {1}


def test_a_conjecture_without_proof_is_judged_by_the_accuracy_of_the_point(optimum):
    template = next(s for s in STATEMENTS if s.id == "B1")
    false = replace(template, status=Status.OPEN, proof=None, claim=Eq(r[a], 0))
    assert verdicts(optimum, statements=[false]) == {"B1": Verdict.FALSIFIED}
    true = replace(template, status=Status.OPEN, proof=None)
    assert verdicts(optimum, statements=[true]) == {"B1": Verdict.CONFIRMED}


# --- T8: nearly stationary is nearly lawful --------------------------------------------------------------------------


def moved_away(point, size, seed=0):
    """Codes and atoms changed at random: admissible, and stationary in nothing."""
    rng = np.random.default_rng(seed)
    D = point.D + size * rng.standard_normal(point.D.shape)
    Z = point.Z * np.abs(1 + size * rng.standard_normal(point.Z.shape))
    return replace(point, D=D / np.linalg.norm(D, axis=0), Z=Z)


@pytest.mark.parametrize("size", [0.0, 1e-3, 0.1, 1.0])
def test_at_any_point_laws_fail_by_no_more_than_residuals_allow(optimum, size):
    judged = exact.within_residuals(PROVED, moved_away(optimum, size))
    wrong = {id: (each.violation, each.bound) for id, each in judged.items() if each.verdict is Verdict.FALSIFIED}
    assert not wrong
    assert sum(each.verdict is Verdict.CONFIRMED for each in judged.values()) >= 45


def test_what_is_allowed_is_what_is_needed(optimum):
    """At a point that is off by a tenth these fail by almost all that is allowed: half of it would refute them."""
    point = moved_away(optimum, 0.1)
    tight = [statement for statement in PROVED if statement.id in ("R1", "A1", "C1")]
    judged = exact.within_residuals(tight, point)
    assert all(each.violation > 0.5 * each.bound for each in judged.values())
    halved = [replace(each, proof=tuple(proof / 2 for proof in each.proofs)) for each in tight]
    assert {each.verdict for each in exact.within_residuals(halved, point).values()} == {Verdict.FALSIFIED}


def test_trained_saes_are_lawful_up_to_their_residuals():
    from checks.data.synthetic.planted import planted
    from checks.saes.train import train

    x = planted(200, 4, 6, seed=0).x
    (sae,) = train(x, 6, 0.1, steps=200, seeds=[0])
    judged = exact.within_residuals(PROVED, sae.point(instance(x, 6, 0.1, bias=True)))
    assert {id for id, each in judged.items() if each.verdict is Verdict.FALSIFIED} == set()
    assert judged["A1"].violation > 0
