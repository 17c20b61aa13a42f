"""The JSON contract."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from checks.errors import BadInput
from checks.judging.subjects import EXACT, INFERRED
from checks.judging.verdict import Verdict
from checks.report.document import SCHEMA, Proof, command, number, proofs, verification, write
from checks.report.provenance import provenance

ENTRY = {
    "id": str,
    "title": str,
    "status": str,
    "rank": (str, type(None)),
    "subject": str,
    "data": str,
    "verdict": str,
    "expected": (str, type(None)),
    "decides": bool,
    "as_expected": bool,
    "instances": int,
    "uncertified": int,
    "worst_excess": (float, type(None)),
    "bound": (float, type(None)),
    "where": str,
    "interval": (list, type(None)),
    "tightness": (float, type(None)),
    "controls": list,
    "counterexample": (dict, type(None)),
}
COUNTEREXAMPLE = {"subject", "data", "seed", "instance", "entry", "violation", "bound", "repro"}


def document(evidence):
    written = json.dumps(verification(evidence, provenance(seed=7, device="cpu"), command), allow_nan=False)
    return json.loads(written)


def test_every_field_of_the_contract(agreeing):
    made = document(agreeing)
    assert set(made) == {"schema", "statements", "summary", "provenance"}
    assert made["schema"] == SCHEMA == 1
    assert len(made["statements"]) == len(agreeing.findings)
    for entry in made["statements"]:
        assert set(entry) == set(ENTRY)
        assert all(isinstance(entry[name], kind) for name, kind in ENTRY.items())
        assert all(set(control) == {"name", "verdict"} for control in entry["controls"])
        assert {entry["verdict"], entry["expected"]} <= {*(verdict.value for verdict in Verdict), None}


def test_summary_agrees(agreeing):
    summary = document(agreeing)["summary"]
    assert summary["agrees"] is True
    assert summary["complaints"] == []
    assert summary["statements"] == len(agreeing.statements)
    assert summary["verdicts"] == summary["confirmed"] + summary["falsified"] == summary["as_expected"]
    assert summary["controls"] == summary["controls_caught"] > 0


def test_summary_of_trouble(disagreeing):
    summary = document(disagreeing)["summary"]
    assert summary["agrees"] is False
    assert summary["complaints"] == list(disagreeing.complaints)
    assert [summary[verdict.value.lower()] for verdict in Verdict] == [1, 2, 1, 1]
    assert (summary["controls"], summary["controls_caught"]) == (1, 0)


def test_counterexample_only_for_an_unexpected_falsification(disagreeing):
    entries = document(disagreeing)["statements"]
    assert [entry["id"] for entry in entries if entry["counterexample"]] == ["A1"]
    counterexample = entries[0]["counterexample"]
    assert set(counterexample) == COUNTEREXAMPLE
    assert counterexample["violation"] is None  # it was NaN
    assert counterexample["repro"] == "saelaws verify A1 --on solver --data planted --seed 7"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_becomes_null(value):
    assert number(value) is None


def test_number_keeps_figures():
    assert number(1e-300) == 1e-300


def test_command_repeats_all_options(statements, make):
    found = make(statements["A5"], INFERRED, "my data")
    repeat = partial(command, folders=[Path("my laws")], device="cuda:1")
    assert repeat(found) == ("saelaws verify A5 --on sae --data 'my data' --seed 7 --device cuda:1 --from 'my laws'")


def test_command_says_the_size_of_the_users_own_data(statements, make):
    found = make(statements["A5"], INFERRED, "x.npy")
    assert command(found, own={"x.npy": (3, 0.5)}) == (
        "saelaws verify A5 --on sae --data x.npy --k 3 --lam 0.5 --seed 7"
    )
    assert "--k" not in command(found, own={"y.npy": (3, 0.5)})


def test_document_of_proofs(statements):
    results = [Proof(statements["A1"], True, 0.5), Proof(statements["B1"], False, 0.1, ["no `Boundary:` line"])]
    made = json.loads(json.dumps(proofs(results, [], provenance()), allow_nan=False))
    assert [set(entry) for entry in made["statements"]] == [
        {"id", "title", "status", "rank", "proved", "seconds", "reason", "cites", "premises"}
    ] * 2
    assert made["statements"][0]["premises"] == ["atom", "scale", "unit"]
    assert [entry["rank"] for entry in made["statements"]] == ["law", "lemma"]
    assert made["statements"][1]["reason"] == "no `Boundary:` line"
    counted = {"statements": 2, "proved": 1, "failed": 1}
    assert made["summary"] == {**counted, "theorems": 0, "verified": 0, "agrees": False}


def test_write_is_strict_and_keeps_letters(tmp_path, agreeing):
    file = tmp_path / "out.json"
    write(file, {"λ": [1.5, None]})
    assert "λ" in file.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="JSON"):
        write(file, {"bad": float("nan")})


def test_unwritable_file_is_bad_input(tmp_path):
    with pytest.raises(BadInput, match="cannot be written"):
        write(tmp_path, {})


def test_finding_of_an_unknown_subject_has_a_command_without_it(statements, make):
    found = replace(make(statements["A1"], EXACT), subject="my trainer")
    assert "--on" not in command(found)
