"""Findings in words."""

from dataclasses import replace

import pytest

from checks.judging.subjects import EXACT, INFERRED, TRAINED
from checks.judging.verdict import Verdict
from checks.report.summary import (
    NEEDS,
    described,
    explanation,
    headline,
    in_words,
    mark,
    needs,
    tally,
    tightest,
    used_in_proof,
)
from theory.derive import BY_CONSTRUCTION, PREMISES, code2, tangent
from theory.problem import j
from theory.statement import Status


def test_every_premise_has_words():
    assert {name for name in PREMISES if not name.endswith("2")} - BY_CONSTRUCTION == set(NEEDS)


def test_residuals_of_a_proof_come_with_their_reasons(statements):
    constructed = replace(statements["B1"], proof=tangent[j] + code2[j])
    assert [(premise.name, words) for premise, words in used_in_proof(constructed)] == [
        ("code2", "optimal codes"),
        ("tangent", "by construction"),
    ]


def test_unknown_premise_goes_by_its_name():
    assert needs({"code", "novel"}) == "optimal codes and novel"


def test_needs_are_named_once():
    assert needs({"code", "comp", "unit"}) == "optimal codes and unit-norm atoms"


@pytest.mark.parametrize(
    ("verdict", "symbol", "words"),
    [
        (Verdict.CONFIRMED, "✔", "holds, as expected"),
        (Verdict.FALSIFIED, "✘!", "fails, not as expected"),
        (Verdict.VACUOUS, "–", "vacuous"),
        (Verdict.INCONCLUSIVE, "?!", "inconclusive, not as expected"),
    ],
)
def test_mark_and_description(statements, make, verdict, symbol, words):
    found = make(statements["A1"], EXACT, "digits", verdict)
    assert (mark(found), described(found)) == (symbol, words)


def test_expected_failure_is_marked_apart_from_a_surprise(statements, make):
    assert mark(make(statements["C1"], TRAINED, "digits")) == "✘"
    assert mark(make(statements["C1"], TRAINED, "digits", Verdict.CONFIRMED)) == "✔"
    assert mark(make(statements["B1"], EXACT, "planted", Verdict.CONFIRMED)) == "✔!"


@pytest.mark.parametrize("verdict", [Verdict.CONFIRMED, Verdict.INCONCLUSIVE])
def test_what_is_not_promised_is_no_surprise(statements, make, verdict):
    found = make(statements["A1"], INFERRED, "digits", verdict)
    assert mark(found) in ("✔", "?")
    assert described(found) in ("holds, not promised", "inconclusive, not promised")


def test_what_is_inconclusive_and_not_promised_is_said_so(statements, make, evidence_of):
    words = in_words(evidence_of([make(statements["C1"], TRAINED, "digits", Verdict.INCONCLUSIVE)]))
    assert words[TRAINED.name] == "C1 is inconclusive, not promised."


def test_control_that_was_not_caught_is_a_surprise(statements, make):
    found = make(statements["A1"], controls={"half the penalty": Verdict.CONFIRMED})
    assert (mark(found), described(found)) == ("✔!", "holds, but a control was not caught")


def test_missing_finding_has_no_mark():
    assert mark(None) == ""


def test_both_halves_of_the_theory(agreeing):
    words = in_words(agreeing)
    assert list(words) == [EXACT.name, INFERRED.name, TRAINED.name]
    assert "A1" in words[EXACT.name].split(" hold.")[0]
    assert "C1 and R1 fail, as expected without optimal codes." in words[TRAINED.name]
    assert "A1 and A3 fail, as expected without a stationary dictionary." in words[INFERRED.name]
    assert "B1 (planted) fails, as expected without a free, stationary bias." in words[EXACT.name]


def test_surprises_are_said_last(disagreeing):
    words = in_words(disagreeing)[EXACT.name]
    assert words == ("A5 is vacuous. Not as expected: A1 fails. Not as expected: R1 is inconclusive.")


def test_holding_against_expectation_outweighs_a_missed_control(statements, make, evidence_of):
    missed = {"half the price": Verdict.CONFIRMED}
    words = in_words(evidence_of([make(statements["B1"], EXACT, "planted", Verdict.CONFIRMED, controls=missed)]))
    assert words[EXACT.name] == "Not as expected: B1 holds."


def test_refuted_statement_fails_as_expected(statements, make, evidence_of):

    refuted = replace(statements["A1"], status=Status.REFUTED)
    words = in_words(evidence_of([make(refuted, EXACT)]))
    assert words[EXACT.name] == "A1 fails, as expected of a refuted claim."


def test_headline_and_tally(agreeing, disagreeing):
    assert headline(agreeing) == "The evidence agrees with all 6 statements"
    count = len(disagreeing.complaints)
    assert count > 1
    assert headline(disagreeing) == f"The evidence does not agree: {count} complaints about 5 statements"
    assert tally(disagreeing) == (
        "5 verdicts: 1 confirmed, 2 falsified, 1 vacuous, 1 inconclusive. 0 of 1 control caught."
    )


def test_explanation_is_the_docstring_between_title_and_boundary(statements):
    words = explanation(statements["A1"])
    assert words.startswith("E[r z_j] =")
    assert "Boundary" not in words
    assert statements["A1"].title not in words


def test_tightness_is_that_of_inequalities_that_hold(statements, make, evidence_of):
    held = make(statements["C1"], tightness=0.5)
    broken = make(statements["A1"], INFERRED, verdict=Verdict.FALSIFIED, tightness=8.0)
    assert tightest(evidence_of([held, broken])).endswith(": C1 0.5000.")
    assert tightest(evidence_of([broken])) == ""


def test_an_open_claim_fails_where_nothing_promises_it(statements, make, evidence_of):
    conjecture = replace(statements["C1"], status=Status.OPEN, proof=None)
    found = make(conjecture, TRAINED, "digits", Verdict.FALSIFIED)
    assert in_words(evidence_of([found]))[TRAINED.name] == "C1 fails, where nothing promises it."
