"""Each assumption is needed by the right statements."""

import pytest

from checks.campaigns.ablation import Needed, ablate, ablate_all, summary
from checks.instances.assumptions import ASSUMPTIONS
from theory.problem import L1
from theory.statement import claimed, discover

DRAWS = 30
STATEMENTS = {statement.id: statement for statement in claimed(discover(), L1)}
SHOWN = ("A1", "A5", "B1", "C1", "D1", "H3", "H7", "K1", "K2", "K5", "R2", "R4", "W1", "W7", "X1")
OPTIMAL, ENCODER, ATOMS, BIAS, UNIT, NONNEGATIVE, LINEAR = (assumption.name for assumption in ASSUMPTIONS)


@pytest.fixture(scope="module")
def found():
    needs = ablate_all([STATEMENTS[identifier] for identifier in SHOWN], draws=DRAWS)
    return {(identifier, need.assumption): need for identifier, row in needs.items() for need in row}


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
        ("H7", ENCODER),
        ("R2", OPTIMAL),
        ("W1", UNIT),
        ("W7", UNIT),
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
    [
        ("A5", ATOMS),
        ("A5", UNIT),
        ("R4", OPTIMAL),
        ("R4", ATOMS),
        ("A1", OPTIMAL),
        ("D1", OPTIMAL),
        ("W1", OPTIMAL),
        ("K5", ATOMS),
    ],
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
    assert ablate(STATEMENTS["X1"]) == []


def test_summary(found):
    table = summary({"B1": [need for (identifier, _), need in found.items() if identifier == "B1"]})
    assert table.splitlines()[1].split() == ["B1", "·", "·", "·", "✔", "·", "·", "·"]
