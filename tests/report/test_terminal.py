"""What is printed."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from checks.report import terminal
from checks.report.document import Proof, command
from theory.statement import Status, discover


def rendered(renderable, width=80, **options):
    console = Console(file=io.StringIO(), width=width, highlight=False, **options)
    console.print(renderable)
    return console.file.getvalue()


def row(shown, identifier):
    return next(line for line in shown.splitlines() if line.startswith(f"{identifier} "))


def test_matrix_has_a_row_for_each_statement_and_groups_by_subject(agreeing):
    shown = rendered(terminal.verification(agreeing, command))
    assert row(shown, "A1").split("…")[1].split() == ["✔"] * 4 + ["✘"] * 4 + ["✔"] * 4
    assert row(shown, "C1").split("…")[1].split() == ["✔"] * 8 + ["✘"] * 4
    assert "data: 1 planted   2 weighted   3 digits   4 patches" in shown
    assert "C1 and R1 fail, as expected" in shown
    assert "The evidence agrees with all 6 statements." in shown


def test_trouble_is_marked_without_colour(disagreeing):
    shown = rendered(terminal.verification(disagreeing, command))
    assert "\x1b" not in shown
    assert [row(shown, name).split("…")[-1].split()[-1] for name in ("A1", "A3", "R1", "C1")] == ["✘!", "✔!", "?!", "✘"]
    assert all(" ".join(line.split()) in " ".join(shown.split()) for line in disagreeing.complaints)
    assert "repeat: saelaws verify A1 --on solver --data planted --seed 7" in shown
    assert "The evidence does not agree" in shown


@pytest.mark.parametrize("width", [80, 120])
def test_nothing_is_wider_than_the_terminal(agreeing, disagreeing, width):
    for evidence in (agreeing, disagreeing):
        shown = rendered(terminal.verification(evidence, command), width)
        assert max(len(line) for line in shown.splitlines()) <= width


def test_surprise_and_expected_failure_differ_in_colour(disagreeing):
    shown = rendered(terminal.verification(disagreeing, command), force_terminal=True, color_system="standard")
    assert "\x1b[1;31m✘!" in shown
    assert "\x1b[36m✘" in shown


def test_statement_page_says_all(statements):
    shown = rendered(terminal.statement_page(statements["A1"]), 120)
    for part in (
        "A1 · PROVED law · The activation-weighted mean residual",
        "E[r_a z_j] = E[z_j φ'(z_j)] D_aj",
        "E[r_a z_j] = E[λ z_j] D_aj",
        "left − right = D_aj (d_j·atom_j − ν_j unit_j − scale_j) − atom_aj",
        "= D_aj ν_j − E[r_a z_j]",
        "fails: it needs a stationary dictionary",
        "no penalty (top-k)",
        "vacuous for dead features (E[z_j] = 0).",
        "arXiv:2606.02385",
        "a1_atom_stationarity.py",
    ):
        assert part in shown


def test_conditions_are_shown(statements):
    assert "given: E[z_j] > 0" in rendered(terminal.statement_page(statements["A5"]))


def test_a_page_says_all_that_is_taken_for_granted():
    statements = {statement.id: statement for statement in discover()}
    rotated = rendered(terminal.statement_page(statements["A7"]))
    assert "for every Q with QᵀQ = 1" in rotated
    assert "objective: L1" in rendered(terminal.statement_page(statements["E3"]))
    assert "optimality: a local minimum, with a free bias or a fixed one" in rendered(
        terminal.statement_page(statements["X11"])
    )
    assert "with a free bias" in rendered(terminal.statement_page(statements["X1"]))


def test_free_bias_is_a_condition(statements):
    assert "holds where the bias is free" in rendered(terminal.statement_page(statements["B1"]))


def test_statement_without_a_proof(statements):
    conjecture = replace(statements["A1"], status=Status.OPEN, proof=None)
    assert "none: the claim is expected of exact optima only" in rendered(terminal.statement_page(conjecture))
    refuted = replace(conjecture, status=Status.REFUTED)
    assert rendered(terminal.statement_page(refuted)).count("fails: refuted") == 3


def test_proofs_table(statements):
    results = [Proof(statements["A1"], True, 0.5), Proof(statements["C1"], False, 0.1, ["a step [b] is missing"])]
    shown = rendered(terminal.proofs_table(results))
    assert "✔ verified" in row(shown, "A1")
    assert "✘ fails" in row(shown, "C1")
    assert "✘ C1: a step [b] is missing" in shown
    assert "1 of 2 statements verified, 1 not in order." in shown
