"""The solver proves what the certificates prove, and what it is asked is neither contradictory nor always true."""

import json
import sys
from dataclasses import replace

import pytest
import sympy
from typer.testing import CliRunner

from checks import cli
from theory.problem import L1, TANH, D, G, a, j, l, lam, lam2, marginal, r, xhat, z
from theory.statement import Eq, Ge, Status, discover

pytest.importorskip("z3")

from checks.claims.smt import Result, attempt, attempts

SMALL = ((1, 1, 1), (1, 1, 2), (2, 1, 2))
RICHER = (*SMALL, (1, 2, 2), (2, 2, 1))
STATEMENTS = {statement.id: statement for statement in discover()}
PROVED = [statement for statement in STATEMENTS.values() if statement.status is Status.PROVED]
# Two features of a nested dictionary, one within the other, take more dimensions than the solver can search in time.
OUT_OF_REACH = ("M4", "X15")
WITHIN_REACH = [statement for statement in STATEMENTS.values() if statement.id not in OUT_OF_REACH]
REFUTED = [statement for statement in WITHIN_REACH if statement.status is Status.REFUTED]
# In one dimension, with one or two atoms; those that need more, or a second dictionary, are beyond the solver.
SMALL_REFUTED = [
    each
    for each in REFUTED
    if len(each.counterexample.D) == 1 and len(each.counterexample.D[0]) <= 2 and each.counterexample.dearer is None
]


# What has too many unknowns as it stands. W8 depends on λz and r − λw only, so that it may as well be asked at λ = 1.
EASIER = {"W8": [Eq(lam, 1), Eq(lam2, 1)]}


def asked(statement):
    return replace(statement, given=[*statement.given, *EASIER.get(statement.id, [])])


def by_id(statement):
    return statement.id


@pytest.mark.parametrize("statement", PROVED, ids=by_id)
def test_what_is_proved_is_proved_again(statement):
    shapes, timeout = (SMALL[:1], 20.0) if statement.id in EASIER else (SMALL[1:], 2.0)
    small, *larger = attempts(asked(statement), shapes, timeout)
    assert small.result is Result.UNSAT
    assert Result.SAT not in {each.result for each in larger}


@pytest.mark.parametrize("statement", SMALL_REFUTED, ids=by_id)
def test_what_is_refuted_has_a_counterexample(statement):
    assert attempt(statement, statement.claims, (2, 1, 2)).result is Result.SAT


@pytest.mark.parametrize("statement", WITHIN_REACH, ids=by_id)
def test_premises_do_not_contradict_each_other(statement):
    never = Eq(sympy.S.Zero, sympy.S.One)
    assert attempt(statement, [never], (2, 1, 2)).result is Result.SAT


@pytest.mark.parametrize("statement", [s for s in PROVED if s in WITHIN_REACH], ids=by_id)
def test_controls_of_what_is_proved_fail(statement):
    for name in statement.controls:
        assert any(fails(asked(statement), statement.control(name), shape) for shape in RICHER), name


@pytest.mark.parametrize("statement", SMALL_REFUTED, ids=by_id)
def test_controls_of_what_is_refuted_hold(statement):
    for name in statement.controls:
        assert attempt(statement, statement.control(name), (2, 1, 2)).result is Result.UNSAT


def fails(statement, claims, shape):
    found = attempt(statement, claims, shape, timeout=1.0)
    return found is not None and found.result is Result.SAT


def test_a_dropped_premise_is_missed():
    scale_alone = replace(STATEMENTS["A1"], proof=STATEMENTS["A5"].proofs[0])
    assert attempt(scale_alone, scale_alone.claims, (1, 1, 1)).result is Result.SAT


def test_a_counterexample_comes_with_its_point():
    found = attempt(STATEMENTS["X2"], STATEMENTS["X2"].claims, (1, 1, 2))
    assert {"D (0, 0)", "D (0, 1)"} <= set(found.model)


def test_shapes_without_a_pair_have_nothing_to_say_of_pairs():
    assert attempt(STATEMENTS["K2"], STATEMENTS["K2"].claims, (1, 1, 1)) is None
    assert [each.shape for each in attempts(STATEMENTS["K2"], SMALL)] == [(1, 1, 2), (2, 1, 2)]


def test_a_claim_of_one_penalty_is_not_proved_of_all():
    alike = Eq(z[j] * marginal(z[j]) * z[l], z[l] * marginal(z[l]) * z[j])
    r1 = STATEMENTS["R1"]
    assert attempt(r1, [alike], (1, 1, 2)).result is Result.SAT
    assert attempt(replace(r1, about=L1), [alike], (1, 1, 2)).result is Result.UNSAT


def test_what_is_not_polynomial_is_not_attempted():
    assert attempts(replace(STATEMENTS["R1"], about=TANH), SMALL) == []
    root = replace(STATEMENTS["R1"], claim=Ge(sympy.Sum(sympy.sqrt(D[a, j] ** 2 + 1), a), 0))
    assert attempts(root, SMALL) == []


def test_an_interrupt_is_not_an_unfinished_search(monkeypatch):
    import z3

    monkeypatch.setattr(z3.Solver, "check", lambda _: z3.unknown)
    monkeypatch.setattr(z3.Solver, "reason_unknown", lambda _: "interrupted from keyboard")
    with pytest.raises(KeyboardInterrupt):
        attempt(STATEMENTS["B1"], STATEMENTS["B1"].claims, (1, 1, 1))


def test_an_unfinished_search_proves_nothing():
    cosine = Ge(G[j, l] * sympy.Sum(r[a] * xhat[a], a), -10)
    found = attempt(STATEMENTS["K1"], [cosine], (2, 2, 2), timeout=0.01)
    assert found.result is Result.TIMEOUT


# --- saelaws prove --independent ---


def saelaws(*arguments):
    return CliRunner().invoke(cli.app, list(map(str, arguments)))


def test_prove_independent(tmp_path):
    file = tmp_path / "proofs.json"
    result = saelaws("prove", "B1", "X1", "--independent", "--json", file)
    assert result.exit_code == 0, result.output
    assert "8 of 8" in result.output
    assert "✘ 2×1×1" in result.output
    b1, x1 = json.loads(file.read_text(encoding="utf-8"))["statements"]
    assert [each["shape"] for each in b1["independent"]][:2] == [[1, 1, 1], [1, 1, 2]]
    assert {each["result"] for each in b1["independent"]} == {"unsat"}
    assert all(each["seconds"] >= 0 for each in b1["independent"])
    assert "sat" in {each["result"] for each in x1["independent"]}


def test_prove_alone_says_nothing_of_shapes(tmp_path):
    file = tmp_path / "proofs.json"
    result = saelaws("prove", "B1", "--json", file)
    assert "shapes" not in result.output
    assert "independent" not in json.loads(file.read_text(encoding="utf-8"))["statements"][0]


def test_a_counterexample_to_what_is_proved_is_a_failure(monkeypatch):
    wrong = replace(STATEMENTS["B1"], claim=STATEMENTS["B1"].control("the bias is the data mean")[0])
    monkeypatch.setattr("checks.cli.prove.chosen_results", lambda *_: ([wrong], []))
    result = saelaws("prove", "--independent")
    assert result.exit_code == 1
    assert "the solver finds a counterexample" in " ".join(result.output.split())


def test_without_the_solver_one_line_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "z3", None)
    monkeypatch.delitem(sys.modules, "checks.claims.smt")
    result = saelaws("prove", "B1", "--independent")
    assert result.exit_code == 2
    assert result.stderr.strip().count("\n") == 0
    assert "sae-laws[proof]" in result.stderr
    assert saelaws("prove", "B1").exit_code == 0
