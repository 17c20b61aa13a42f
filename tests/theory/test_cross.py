"""No proved claim fails at any point that counterexamples or witnesses are made of: theorems and optima agree."""

import pytest

from theory.optimality import Level
from theory.problem import alpha
from theory.statement import OF_THE_BIAS, Status, discover, under
from theory.witness import POINTS

STATEMENTS = discover()
PROVED = [statement for statement in STATEMENTS if statement.status is Status.PROVED]
POINTS_BY_NAME = {each.id: each.counterexample for each in STATEMENTS if each.counterexample is not None} | {
    f"witness {place}": point for place, point in enumerate(POINTS)
}
NEEDS_BEST_CODES = Level.BEST_CODES


def applies(statement, point):
    """Whether a point satisfies all that a statement's proof spends."""
    return (point.bias or not statement.premises & OF_THE_BIAS) and (
        statement.level < NEEDS_BEST_CODES or point.level >= NEEDS_BEST_CODES
    )


@pytest.mark.parametrize("name", POINTS_BY_NAME)
def test_no_proved_claim_fails_at_a_point_of_the_theory(name):
    point = POINTS_BY_NAME[name]
    point.verify_optimal()
    judged = [
        (statement.id, claim, point.satisfies(claim, own.given))
        for statement in PROVED
        if (own := under(statement, point.objective)) is not None and applies(own, point)
        for claim in own.claims
        if not speaks_of_what_is_not_there(claim, point)
    ]
    assert len(judged) > 4
    assert [(identifier, str(claim)) for identifier, claim, holds in judged if not holds] == []


def speaks_of_what_is_not_there(claim, point):
    """Coefficients α with x − b = Dα are of samples in the span of the atoms, some of which are not."""
    return claim.has(alpha) and not point.represents_its_samples


def test_a_false_claim_fails_at_some_point():
    """The same comparison sees what is not so: every control of A1 and R1 fails somewhere."""
    for identifier in ("A1", "R1", "C1"):
        statement = next(each for each in PROVED if each.id == identifier)
        points = [point for point in POINTS_BY_NAME.values() if under(statement, point.objective) is statement]
        for control in statement.controls:
            assert not all(
                point.satisfies(each, statement.given) for point in points for each in statement.control(control)
            ), (identifier, control)
