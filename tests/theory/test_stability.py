"""What a certificate bounds at points that are not stationary, in exact arithmetic."""

from dataclasses import replace

import pytest

from theory.certificate import NotProved
from theory.stability import Stability, is_bounded, violation_bound
from theory.statements.atoms.a1_atom_stationarity import statement as a1
from theory.statements.codes.c1_code_kkt import statement as c1
from theory.statements.cones.k1_cone_identity import statement as k1
from theory.statements.residuals.r1_residual_identity import statement as r1
from theory.statements.width.w1_width_bound import statement as w1

SOME = (a1, c1, k1, r1, w1)


def test_it_is_about_every_proved_statement():
    found = Stability().lemmas
    assert {statement.id for statement in found} >= {"A1", "C1", "K1", "R1", "W1"}
    assert len(found) > 50


def test_claims_fail_by_no_more_than_their_residuals_allow():
    Stability(statements=SOME).prove()


@pytest.mark.parametrize("statement", [a1, r1])
def test_half_of_the_residuals_is_too_little(statement):
    with pytest.raises(NotProved, match="where its residuals allow"):
        is_bounded(replace(statement, proof=tuple(proof / 2 for proof in statement.proofs)), 0)


def test_what_is_slack_allows_nothing():
    assert violation_bound(w1).has(*w1.proofs[0].atoms())
    assert violation_bound(w1) != w1.proofs[0]


def test_an_open_claim_is_not_covered():
    from theory.statement import Status

    with pytest.raises(NotProved, match="is not PROVED"):
        Stability(statements=(replace(a1, status=Status.OPEN),)).prove()


def test_its_outline_has_a_bound_for_each_claim():
    parts = dict(Stability(statements=SOME).outline())
    assert len(parts[""]) == sum(len(each.claims) for each in SOME)
