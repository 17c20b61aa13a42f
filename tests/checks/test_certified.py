"""At exact optima the proof is the tolerance. Broken twins of a solver and of a law each get a named verdict."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Indexed, Rational

from checks import certified
from checks.campaign import JOINTLY_OPTIMAL, OPTIMAL_CODES
from checks.instance import instance
from checks.point import Point
from checks.verdict import Verdict
from theory.problem import a, r, xhat
from theory.statement import Eq, Status, discover

STATEMENTS = discover()
PROVED = [statement for statement in STATEMENTS if statement.status is Status.PROVED]


def verdicts(point, premises=JOINTLY_OPTIMAL, statements=PROVED):
    return {id: judgement.verdict for id, judgement in certified.judge(statements, [point], premises).items()}


def test_every_proved_statement_holds_and_every_control_is_caught(optimum, subtests):
    for id, judgement in certified.judge(PROVED, [optimum], JOINTLY_OPTIMAL).items():
        with subtests.test(id):
            assert judgement.verdict is Verdict.CONFIRMED
            assert judgement.violation <= judgement.bound < 1e-8
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


def mutated(statement, change):
    """The statement with the residual r replaced throughout its claims."""
    return replace(
        statement,
        claim=tuple(claim.replace(lambda part: _is(part, r), change) for claim in statement.claims),
    )


def _is(part, base):
    return isinstance(part, Indexed) and part.base == base


@pytest.mark.parametrize("statement", PROVED, ids=lambda s: s.id)
def test_a_law_wrong_by_one_part_in_ten_million_is_falsified(optimum, statement):
    wrong = mutated(statement, lambda part: part + Rational(1, 10**7) * xhat[part.indices[0]])
    assert verdicts(optimum, statements=[wrong]) == {statement.id: Verdict.FALSIFIED}


# E[r] = 0 has no sign to change.
@pytest.mark.parametrize("statement", [s for s in PROVED if s.id != "B1"], ids=lambda s: s.id)
def test_a_law_with_a_wrong_sign_is_falsified(optimum, statement):
    assert verdicts(optimum, statements=[mutated(statement, lambda part: -part)]) == {statement.id: Verdict.FALSIFIED}


def test_a_condition_that_is_not_promised_allows_nothing(optimum):
    turned = replace(optimum, D=_turned(optimum.D, 1e-2))
    from checks.campaign import with_optimal_codes

    judged = verdicts(with_optimal_codes(turned), OPTIMAL_CODES)
    assert judged["C1"] is judged["R1"] is judged["A5"] is Verdict.CONFIRMED
    assert judged["A1"] is judged["A3"] is judged["B1"] is Verdict.FALSIFIED


def test_dead_features_leave_nothing_to_judge():
    x = np.random.default_rng(0).standard_normal((20, 3))
    dead = Point(instance(x, 2, 100.0), np.eye(3)[:, :2], np.zeros(3), np.zeros((20, 2)))
    judged = verdicts(dead, OPTIMAL_CODES | {"atom"})
    assert judged["R1"] is judged["A1"] is judged["A5"] is Verdict.VACUOUS
    assert judged["C1"] is Verdict.CONFIRMED


def test_a_claim_that_is_not_finite_is_falsified(optimum):
    from theory.expectation import E
    from theory.problem import j, z

    A5 = next(s for s in STATEMENTS if s.id == "A5")
    dead = replace(optimum, Z=optimum.Z * (np.arange(optimum.instance.k) > 0))
    ungiven = replace(A5, given=())
    judged = certified.judge([ungiven], [dead], {"unit"})
    assert judged["A5"].verdict is Verdict.FALSIFIED
    assert not certified.judge([replace(A5, claim=Eq(E(z[j]), E(z[j])))], [dead], {"unit"})["A5"].where.startswith("n")


def test_the_worst_point_decides(optimum):
    broken = BROKEN["off by 1e-6"](optimum)
    judged = certified.judge(PROVED, [optimum, broken], JOINTLY_OPTIMAL)
    assert {j.verdict for j in judged.values()} == {Verdict.INCONCLUSIVE}
    assert {j.uncertified for j in judged.values()} == {1}


def test_a_conjecture_without_proof_is_judged_by_the_accuracy_of_the_point(optimum):
    template = next(s for s in STATEMENTS if s.id == "B1")
    false = replace(template, status=Status.OPEN, proof=None, claim=Eq(r[a], 0))
    assert verdicts(optimum, statements=[false]) == {"B1": Verdict.FALSIFIED}
    true = replace(template, status=Status.OPEN, proof=None)
    assert verdicts(optimum, statements=[true]) == {"B1": Verdict.CONFIRMED}
