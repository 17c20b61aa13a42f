"""Each assumption is needed by the right statements, and the points that show it are what they claim to be."""

import numpy as np
import pytest

from checks import certified
from checks import needed as search
from checks.campaign import JOINTLY_OPTIMAL
from checks.certify import certify
from checks.needed import ASSUMPTIONS, Needed, needed, needs_of, solutions, summary
from checks.verdict import Verdict
from theory.problem import L1
from theory.statement import Status, claimed, discover

DRAWS = 30
STATEMENTS = {statement.id: statement for statement in claimed(discover(), L1)}
SHOWN = ("A1", "A5", "B1", "C1", "D1", "H3", "K1", "K2", "R4", "W1", "X1")
OPTIMAL, ENCODER, ATOMS, BIAS, UNIT, NONNEGATIVE, LINEAR = (assumption.name for assumption in ASSUMPTIONS)


@pytest.fixture(scope="module")
def found():
    needs = needs_of([STATEMENTS[identifier] for identifier in SHOWN], draws=DRAWS)
    return {(identifier, need.assumption): need for identifier, row in needs.items() for need in row}


def test_with_all_assumptions_every_proved_statement_holds():
    points = [solved.point for solved in solutions(draws=DRAWS)]
    proved = [statement for statement in STATEMENTS.values() if statement.status is Status.PROVED]
    judged = certified.judge(proved, points, JOINTLY_OPTIMAL)
    assert len(points) >= 5
    assert {judgement.verdict for judgement in judged.values()} <= {Verdict.CONFIRMED, Verdict.VACUOUS}
    assert judged["K2"].verdict is Verdict.CONFIRMED  # some supports are nested
    assert not any(judgement.uncertified for judgement in judged.values())


@pytest.mark.parametrize("assumption", [a for a in ASSUMPTIONS if a.conditions], ids=lambda a: a.name)
def test_points_satisfy_all_conditions_but_those_dropped(assumption):
    solved = next(solutions(assumption, draws=DRAWS))
    certificate = certify(solved.point)
    assert certificate.shortfall(JOINTLY_OPTIMAL - assumption.conditions) == ""
    assert certificate.shortfall(JOINTLY_OPTIMAL) != ""


@pytest.mark.parametrize(
    ("identifier", "assumption"),
    [
        ("A1", ATOMS),
        ("A1", ENCODER),
        ("A1", UNIT),
        ("A5", ENCODER),
        ("B1", BIAS),
        ("C1", OPTIMAL),
        ("D1", BIAS),
        ("D1", ENCODER),
        ("K1", OPTIMAL),
        ("K1", ATOMS),
        ("K2", ATOMS),
        ("K2", UNIT),
        ("W1", UNIT),
        ("W1", NONNEGATIVE),
    ],
)
def test_needed(found, identifier, assumption):
    need = found[identifier, assumption]
    assert need.verdict is Needed.NEEDED
    assert need.counterexample.point.instance.n <= 24
    assert abs(need.counterexample.left - need.counterexample.right) > 1e-3


@pytest.mark.parametrize(
    ("identifier", "assumption"),
    [("A5", ATOMS), ("A5", UNIT), ("R4", OPTIMAL), ("R4", ATOMS), ("A1", OPTIMAL), ("D1", OPTIMAL), ("W1", OPTIMAL)],
)
def test_unneeded(found, identifier, assumption):
    need = found[identifier, assumption]
    assert need.verdict is Needed.UNNEEDED
    assert need.points > 0


@pytest.mark.parametrize("identifier", ["A1", "K1", "K2"])
@pytest.mark.parametrize("assumption", [NONNEGATIVE, LINEAR])
def test_other_penalties_break_the_form_for_l1_only(found, identifier, assumption):
    need = found[identifier, assumption]
    assert need.verdict is Needed.NEEDED
    assert need.holds_in_general


def test_no_proof_is_contradicted(found):
    assert all(need.used_by_proof for need in found.values() if need.verdict is Needed.NEEDED)


def test_nothing_is_said_of_refuted_statements():
    assert needed(STATEMENTS["X1"]) == []


def test_search_is_deterministic():
    bias = next(assumption for assumption in ASSUMPTIONS if assumption.name == BIAS)
    points = []
    for _ in range(2):
        search._solution.cache_clear()
        points.append(next(solutions(bias, seed=1, draws=4)).point)
    np.testing.assert_array_equal(points[0].instance.x, points[1].instance.x)


def test_summary(found):
    table = summary({"B1": [need for (identifier, _), need in found.items() if identifier == "B1"]})
    assert table.splitlines()[1].split() == ["B1", "·", "·", "·", "✔", "·", "·", "·"]
