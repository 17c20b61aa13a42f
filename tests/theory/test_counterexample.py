"""Counterexamples are exact: the point is stationary, the claim fails where its conditions hold, the controls hold."""

from dataclasses import replace
from fractions import Fraction

import pytest

from theory.certificate import NotProved
from theory.problem import G, cost_dearer, dead, dead_dearer, j, known, lam, lam2, m, z, z2
from theory.statement import Eq, Ge, Gt, Le, Status, discover

STATEMENTS = {statement.id: statement for statement in discover()}
REFUTED = [statement for statement in STATEMENTS.values() if statement.status is Status.REFUTED]
X9, X13, X14 = (STATEMENTS[name].counterexample for name in ("X9", "X13", "X14"))


def by_id(statement):
    return statement.id


@pytest.mark.parametrize("statement", REFUTED, ids=by_id)
def test_the_claim_fails_and_the_controls_hold(statement):
    statement.prove()
    for name in statement.controls:
        assert all(
            statement.counterexample.satisfies(control, statement.given) for control in statement.control(name)
        ), name


@pytest.mark.parametrize(
    ("statement", "change"),
    [
        (statement, change)
        for change in ("codes", "λ", "atoms")
        for statement in REFUTED
        if change != "λ" or not statement.counterexample.objective.limit  # such a limit is no price
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_a_point_that_is_not_stationary_is_refused(statement, change):
    point = statement.counterexample
    hair = Fraction(1, 10**9)
    first, code = ([row[0] + hair, *row[1:]] for row in (point.D[0], point.z[0]))
    changed = {
        "codes": replace(point, z=[code, *point.z[1:]]),
        "λ": replace(point, lam=[value + hair for value in point.prices]),
        "atoms": replace(point, D=[first, *point.D[1:]]),
    }[change]
    with pytest.raises(NotProved, match="no optimum"):
        replace(statement, counterexample=changed).prove()


@pytest.mark.parametrize("statement", [each for each in REFUTED if each.given], ids=by_id)
def test_a_failure_outside_the_conditions_is_none(statement):
    with pytest.raises(NotProved, match="the claim holds"):
        replace(statement, given=[*statement.given, Gt(G[j, j], 1)]).prove()


def test_pairs_are_of_different_samples():
    assert X9.satisfies(Le(lam, 2))
    assert not X9.satisfies(Le(lam2, lam))
    assert X9.satisfies(Eq(z2[j], 3), [Gt(lam2, 1), Gt(z2[j], 0)])
    alone = replace(X14, x=[[3]], dearer=None)
    assert alone.satisfies(Gt(z2[j], z[j]))  # there is no other sample


def test_a_neighbour_is_of_the_same_data_and_stationary():
    claims = STATEMENTS["X14"].claims
    for wrong, why in (
        (replace(X14.dearer, lam=3), "another problem"),
        (replace(X14.dearer, x=[[2], [-2]]), "another problem"),
        (replace(X14.dearer, D=[[1, -1, 1]], z=[[0, 0, 0]] * 2), "another number of atoms"),
        (replace(X14.dearer, z=[[1, 0], [0, 0]]), "no optimum"),
        (replace(X14.dearer, bias=False), "another problem"),
        (replace(X14.dearer, z=[[0], [0]]), "another shape"),
    ):
        with pytest.raises(NotProved, match=why):
            replace(X14, dearer=wrong).verify(claims)


def test_what_is_known_of_a_neighbour():
    assert X14.satisfies(Eq(dead, 0))
    assert X14.satisfies(Eq(dead_dearer, 2))
    assert X14.satisfies(Eq(known, 1))
    assert X14.satisfies(Eq(cost_dearer, Fraction(9, 2)))
    assert not X13.satisfies(Eq(known, 1))  # a residual of the narrow one is longer than λ
    copies = replace(X14, x=[[3]], D=[[1, 1]], z=[[Fraction(1, 2), Fraction(1, 2)]], bias=False, dearer=None)
    copies.verify([Ge(0, z[m])])
    assert copies.satisfies(Eq(dead, 1))
