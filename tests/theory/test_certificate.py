"""Every proof is verified, and the verifier refuses what is not one."""

from dataclasses import replace

import pytest
from sympy import Sum

from tests.mutants.neighbours import neighbours
from theory.certificate import NotProved, allowance, margin, slack, verify
from theory.derive import DEFINED, atom, code, comp, scale
from theory.expectation import E
from theory.instantiate import vanishes_at_random_instances
from theory.normal_form import is_zero
from theory.problem import D, a, c, j, l, marginal, mu, r, u, z
from theory.statement import Eq, Ge, Le, Status, discover

STATEMENTS = {statement.id: statement for statement in discover()}
PROVED = [statement for statement in STATEMENTS.values() if statement.status is Status.PROVED]
# Claims that differ from a proved one in letters only: where an atom is silent, its code does not follow.
SAME = {
    "H7": {"left without 1{z_j > 0}", "left without 1{z_j > 0} (3)", "right without 1{z_j > 0}"},
}


def ids(statement):
    return statement.id


@pytest.mark.parametrize("statement", PROVED, ids=ids)
def test_proved(statement):
    statement.prove()


@pytest.mark.parametrize("statement", PROVED, ids=ids)
def test_a_changed_claim_is_not_proved_by_the_same_certificate(statement):
    turned = [
        (neighbour, proof)
        for claim, proof in zip(statement.claims, statement.proofs, strict=True)
        for name, neighbour in neighbours(claim).items()
        if name in ("direction", "sign")
    ]
    assert turned or statement.id in ("B1", "E4")  # 0 has no sign
    for neighbour, proof in turned:
        with pytest.raises(NotProved):
            verify(neighbour, proof, statement.about, statement.given)


@pytest.mark.parametrize("statement", PROVED, ids=ids)
def test_no_neighbour_has_the_margin_that_is_certified(statement):
    """A certificate equals one margin, so that it proves a neighbour if, and only if, its margin is the same."""
    same = set()
    for claim in statement.claims:
        more = claim.func(claim.lhs + E(z[l] ** 3), claim.rhs, evaluate=False)
        for name, neighbour in {**neighbours(claim), "one more term": more}.items():
            difference = margin(neighbour) - margin(claim)
            if is_zero(statement.about.specialise(difference) if statement.about else difference, DEFINED):
                same.add(name)
    assert same == SAME.get(statement.id, set())


@pytest.mark.parametrize("statement", PROVED, ids=ids)
def test_no_control_is_proved_by_the_same_certificate(statement):
    for name in statement.controls:
        with pytest.raises(NotProved):
            replace(statement, claim=statement.control(name)).prove()


def test_an_equality_may_have_no_slack():
    with pytest.raises(NotProved, match="no slack"):
        verify(Eq(marginal(z[j]) - Sum(D[a, j] * r[a], a), 0), code[j] + mu[j])


def test_slack_must_be_manifestly_nonnegative():
    overlap = Sum(D[a, j] * r[a], a)
    with pytest.raises(NotProved, match="manifestly"):
        verify(Ge(overlap, 0), overlap)


def test_a_claim_may_not_be_its_own_premise():
    with pytest.raises(NotProved):
        verify(Eq(E(r[a] * z[j]), 0), E(r[a] * z[j]))


def test_a_statement_without_a_certificate_for_each_relation_is_not_proved():
    with pytest.raises(NotProved, match="certificates"):
        replace(STATEMENTS["C1"], proof=(code[j] + mu[j],)).prove()


def test_slack_and_allowance_split_a_certificate():
    proof = mu[j] + z[j] * code[j] - D[a, j] * scale[j]
    assert slack(proof) == mu[j]
    assert allowance(proof) == z[j] * code[j] - D[a, j] * scale[j]
    assert slack(Sum(u[a] * u[c] * atom[a, j], a, c)) == 0


def test_explicit_instances_agree_with_the_normal_form_and_refuse_what_it_refuses():
    identity = code[j] + mu[j] - marginal(z[j]) + Sum(D[a, j] * r[a], a)
    assert vanishes_at_random_instances(identity)
    assert vanishes_at_random_instances(comp[j] - mu[j] * z[j])
    assert not vanishes_at_random_instances(identity + mu[j])
    assert not vanishes_at_random_instances(E(z[j]) ** 2 - E(z[j] ** 2))


def test_an_inequality_is_proved_in_both_spellings():
    price, overlap = marginal(z[j]), Sum(D[a, j] * r[a], a)
    verify(Le(overlap, price), code[j] + mu[j])
    verify(Ge(price, overlap), code[j] + mu[j])
    with pytest.raises(NotProved):
        verify(Ge(overlap, price), code[j] + mu[j])
