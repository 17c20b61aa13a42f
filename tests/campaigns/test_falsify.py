"""The search breaks what is wrong, by however little, and nothing else; what it finds is small and can be repeated."""

import json
import os
import shlex
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from checks.campaigns import falsify
from checks.campaigns.falsify import BOXES, Search, example_database, judge_case, sightings
from checks.cli import app
from checks.data.synthetic.geometry import Gaussian
from checks.errors import BadInput, MissingExtra
from checks.instances import cases
from checks.instances.cases import Case, is_claimed
from checks.instances.spec import Spec
from checks.instances.stationary import StationaryGrid, StationaryRays
from checks.instances.strategies import stationary_specs
from checks.judging.verdict import Verdict
from theory.statement import Status, discover

STATEMENTS = {statement.id: statement for statement in discover()}
LAWS = [statement for statement in STATEMENTS.values() if statement.status is Status.PROVED]
REFUTED = [statement for statement in STATEMENTS.values() if statement.status is Status.REFUTED]
A1, B1, R1, W1, X5, X8 = (STATEMENTS[name] for name in ("A1", "B1", "R1", "W1", "X5", "X8"))
DEEP = os.environ.get("SAELAWS_PROFILE") == "deep"
TINY = 1 + 1e-7
RAYS = Case(StationaryRays(n=2, d=2, k=2, seed=0, lam=0.1))


def off(statement):
    """The same claim with its right side wrong by one part in ten million."""
    claims = tuple(claim.func(claim.lhs, claim.rhs * TINY, evaluate=False) for claim in statement.claims)
    return replace(statement, claim=claims, controls={})


def wrong(statement, **options):
    """OPEN, without a proof."""
    return replace(statement, status=Status.OPEN, proof=None, **options)


WRONG_BY_A_HAIR = {
    "A1, an equality of moments": off(A1),
    "A1 without its proof": wrong(off(A1)),
    "R1, an equality of each sample": off(R1),
    "D1, an equality with a free bias": off(STATEMENTS["D1"]),
    "W1, an inequality that is sharp on rays": off(W1),
}


def until_found(what, fraction):
    if "shrinking" in what:
        raise KeyboardInterrupt


@pytest.mark.parametrize("which", WRONG_BY_A_HAIR)
def test_a_claim_wrong_by_one_part_in_ten_million_is_falsified(which):
    found = falsify.falsify(WRONG_BY_A_HAIR[which], seconds=60, progress=until_found)
    assert found.counterexample is not None
    assert not found.agrees
    entry = found.counterexample.entry
    assert entry.violation > entry.bound
    assert entry.left != entry.right


@pytest.mark.parametrize("statement", [A1, W1, wrong(A1)], ids=["A1", "W1", "A1 without its proof"])
def test_what_is_true_survives(statement):
    found = falsify.falsify(statement, seconds=1.5)
    assert found.counterexample is None
    assert found.agrees
    assert found.judged > 0
    assert found.closest.entry.excess <= 1


def test_how_close_an_inequality_came_is_told():
    found = falsify.falsify(W1, seconds=1.5)
    assert 0.999 < found.closest.closeness <= 1
    assert cases.case_of(found.closest.name)


def test_a_wrong_claim_shrinks_to_the_smallest_case():
    found = falsify.falsify(X8, seconds=60)
    assert found.agrees
    assert found.counterexample.size == (2, 1, 1)
    assert "\n" not in found.counterexample.name
    again = judge_case(X8, cases.case_of(found.counterexample.name))
    assert again.counterexample.entry == found.counterexample.entry


def test_the_same_seed_finds_the_same():
    first, again = (falsify.falsify(off(R1), seconds=60, seed=3) for _ in range(2))
    assert first.counterexample == again.counterexample
    assert first.certified == again.certified


@pytest.mark.skipif(not DEEP, reason="a minute for each: SAELAWS_PROFILE=deep")
@pytest.mark.parametrize("statement", REFUTED, ids=lambda statement: statement.id)
def test_a_search_that_does_not_know_the_counterexample_finds_one(statement):
    assert falsify.falsify(statement, seconds=60).agrees


# --- what is no counterexample ---


def test_a_point_that_is_not_certified_is_none(monkeypatch):
    sound = cases.solved
    monkeypatch.setattr(cases, "solved", lambda spec: replace(sound(spec), Z=sound(spec).Z * (1 + 1e-6)))
    found = falsify.falsify(A1, seconds=1)
    assert found.counterexample is None
    assert found.judged == 0
    assert found.uncertified
    assert not found.agrees
    with pytest.raises(BadInput, match=r"not certified, so that nothing can be said: codes residual"):
        judge_case(A1, RAYS)


def test_a_point_that_is_not_a_number_is_none(monkeypatch):
    sound = cases.solved
    monkeypatch.setattr(cases, "solved", lambda spec: replace(sound(spec), Z=sound(spec).Z * np.nan))
    assert list(sightings(A1, RAYS)) == []


def test_rounding_of_atoms_is_none():
    # Orthogonal atoms, turned: their cosine is −5e-16, which is no angle beyond the right one.
    case = cases.case_of("Case(StationaryGrid(d=2, k=2, seed=435, lam=0.0, bias=False), Rotate(seed=9998))")
    assert {sighting.verdict for sighting in sightings(STATEMENTS["X11"], case)} <= {Verdict.CONFIRMED, Verdict.VACUOUS}


def test_a_law_of_the_bias_is_not_claimed_without_one():
    assert is_claimed(B1, biased=True)
    assert not is_claimed(B1, biased=False)
    assert not is_claimed(wrong(R1), biased=False)  # nothing says what it needs
    assert is_claimed(STATEMENTS["X11"], biased=False)  # as it says itself
    assert not is_claimed(STATEMENTS["X4"], biased=False)
    with pytest.raises(BadInput, match="claimed of points with a free bias"):
        judge_case(B1, RAYS)


@settings(max_examples=20)
@given(st.sampled_from(BOXES).flatmap(lambda box: cases.cases_about(B1, **box.sizes)))
def test_cases_are_drawn_where_a_statement_is_claimed(case):
    assert case.spec.build().bias


def test_vacuous_everywhere_is_no_evidence():
    found = falsify.falsify(replace(A1, given=X5.given), seconds=0.5)
    assert found.judged <= len(found.certified)
    assert not Search(A1).agrees
    assert not Search(X5).agrees


# --- time, and what is kept ---


def test_time_is_kept_while_searching_and_while_shrinking():
    for statement in (A1, off(STATEMENTS["A3"])):
        assert falsify.falsify(statement, seconds=0.5).seconds < 3.0


def test_an_interrupt_keeps_what_was_found():
    def interrupt(_, fraction):
        if fraction > 0.01:
            raise KeyboardInterrupt

    found = falsify.falsify(A1, seconds=30, progress=interrupt)
    assert found.interrupted
    assert found.seconds < 10
    assert found.certified


def test_a_counterexample_is_shared_through_a_folder(tmp_path):
    place = str(tmp_path / "examples")
    first = falsify.falsify(X8, seconds=60, database=example_database([place]), progress=until_found)
    assert first.found_after > 1
    places = example_database([place, str(tmp_path / "more")])
    again = falsify.falsify(X8, seconds=60, database=places, progress=until_found)
    # Each size of case is begun with what is kept; a case has a companion.
    assert again.found_after <= 2 * len(falsify.BOXES) * falsify.REPLAYS


def test_bad_places_for_a_database_are_one_line(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="--database"):
        example_database([str(tmp_path / "file")])
    monkeypatch.setitem(__import__("sys").modules, "redis", None)
    monkeypatch.delitem(__import__("sys").modules, "hypothesis.extra.redis", raising=False)
    with pytest.raises(MissingExtra, match=r"pip install 'sae-laws\[redis\]'"):
        example_database(["redis://nowhere"])
    assert example_database([]) is None


# --- companions ---


def test_repriced_samples_are_certified_and_carry_no_weight():
    case = cases.case_of("Case(Spec(Gaussian(condition=1.0, rank=2), n=5, d=2, k=3, seed=0, lam=0.1), Reprice(by=2.0))")
    assert case == Case(Spec(Gaussian(condition=1.0, rank=2), n=5, d=2, k=3, seed=0, lam=0.1), cases.Reprice(2.0))
    (_, point), (_, twice) = case.points()
    assert len(list(sightings(A1, case))) == 2
    assert np.array_equal(twice.instance.x[::2], twice.instance.x[1::2])
    assert np.array_equal(twice.instance.lam[1::2], 2 * point.instance.lam)
    assert twice.objective == pytest.approx(point.objective, rel=1e-14)
    assert (twice.Z[1::2].sum(axis=1) <= point.Z.sum(axis=1)).all()


@pytest.mark.parametrize("statement", LAWS if DEEP else [A1], ids=lambda statement: statement.id)
@settings(max_examples=settings().max_examples if DEEP else 20)
@given(data=st.data())
def test_a_law_under_fuzzing(statement, data):
    """In the shape that HypoFuzz runs, with the search's own targets."""
    seen = list(sightings(statement, data.draw(cases.cases_about(statement, **BOXES[-1].sizes))))
    falsify.steer(seen)
    assert all(sighting.verdict is not Verdict.FALSIFIED for sighting in seen)


def test_a_grid_is_drawn_without_a_bias_too():
    assert any(not grid.bias for grid in drawn_grids(biased=False))
    assert all(grid.bias for grid in drawn_grids(biased=True))


def drawn_grids(biased):
    strategy = stationary_specs(max_n=8, max_d=2, max_k=2, biased=biased)
    return [spec for spec in cases.draws(strategy, 200, seed=0) if isinstance(spec, StationaryGrid)]


# --- the command ---


def saelaws(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_command_says_what_it_found_in_lines_that_paste_back(tmp_path):
    result = saelaws("falsify", "x8", "--seconds", 5, "--json", tmp_path / "x8.json")
    assert result.exit_code == 0
    made = json.loads((tmp_path / "x8.json").read_text(encoding="utf-8"))
    repro = made["counterexample"]["repro"]
    assert made["falsified"]
    assert made["agrees"]
    assert repro in result.output.splitlines()[-3]
    assert "As its status REFUTED says." in result.output
    again = saelaws(*shlex.split(repro)[1:])
    assert again.exit_code == 0
    assert made["counterexample"]["case"] in again.output
    assert f"{made['counterexample']['left']:.9g} against 0.5" in again.output


def test_the_command_says_how_close_it_came():
    result = saelaws("falsify", "W1", "--seconds", 1)
    assert result.exit_code == 0
    assert "✔ survives" in result.output
    assert "of the larger\n  Case(" in result.output
    assert "As its status PROVED says." in result.output


def test_an_open_claim_that_is_falsified_asks_to_be_refuted(tmp_path):
    (tmp_path / "y1_alike.py").write_text(
        '"""Alike.\n\nBoundary: none.\n\nReference: a test.\n"""\n\n'
        "from theory.problem import G, j, l\nfrom theory.statement import Ge, Statement, Status\n\n"
        'statement = Statement(status=Status.OPEN, claim=Ge(G[j, l], 0), controls={"more": Ge(G[j, l], 1)})\n'
    )
    result = saelaws("falsify", "Y1", "--seconds", 2, "--from", tmp_path)
    assert result.exit_code == 1
    assert "OPEN, but falsified: set its status to REFUTED and keep the counterexample." in result.output
    assert f'saelaws falsify Y1 --from {tmp_path} --case "Case(' in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("X5", "--case", "garbage("),
        ("X5", "--case", "__import__('os')"),
        ("B1", "--case", repr(RAYS)),
        ("nothing",),
        ("A1", "--seconds", -1),
        ("A1", "--json", "no/such/folder.json"),
    ],
)
def test_bad_input_is_one_line(arguments):
    result = saelaws("falsify", *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("saelaws: ")
    assert result.stderr.count("\n") == 1


def test_an_interrupted_command_prints_what_it_found(monkeypatch):
    found = judge_case(X5, RAYS)
    found.interrupted = True
    monkeypatch.setattr(falsify, "falsify", lambda *_, **options: found)
    result = saelaws("falsify", "X5")
    assert result.exit_code == 130
    assert repr(RAYS) in result.stdout
    assert result.stderr == "saelaws: interrupted\n"
