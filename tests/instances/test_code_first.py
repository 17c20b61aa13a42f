"""Points that satisfy all assumptions, or all but one, are what they claim to be."""

import numpy as np
import pytest

from checks.instances import code_first
from checks.instances.assumptions import ASSUMPTIONS
from checks.instances.code_first import DRAWS, solutions
from checks.judging import exact
from checks.judging.certify import certify
from checks.judging.subjects import JOINTLY_OPTIMAL
from checks.judging.verdict import Verdict
from theory.statement import Status, discover

STATEMENTS = {statement.id: statement for statement in discover()}


def test_with_all_assumptions_every_proved_statement_holds():
    points = [solved.point for solved in solutions(draws=DRAWS)]
    proved = [statement for statement in STATEMENTS.values() if statement.status is Status.PROVED]
    judged = exact.judge(proved, points, JOINTLY_OPTIMAL)
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


def test_search_is_deterministic():
    bias = next(assumption for assumption in ASSUMPTIONS if "bias" in assumption.conditions)
    points = []
    for _ in range(2):
        code_first._solution.cache_clear()
        points.append(next(solutions(bias, seed=1, draws=4)).point)
    np.testing.assert_array_equal(points[0].instance.x, points[1].instance.x)
