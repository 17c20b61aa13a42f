"""What is said of studies: falsified predictions first, figures from rows alone."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from types import SimpleNamespace

import pytest

from checks.judging.verdict import Verdict
from checks.report import studied
from checks.report.study_plot import figure
from checks.studies.common.study import Panel, Prediction, Profile, Study
from checks.studies.common.verdicts import Result


def study(name, below):
    return Study(
        theorem="T3",
        predictions=[Prediction("The mean is small.", lambda rows: rows[0]["y"], below=below)],
        falsified_if="it is large",
        control="that it is very large",
        controls=[Prediction("It is very large.", lambda rows: rows[0]["y"], above=100.0)],
        sample="two numbers",
        measure=lambda seed, device: [],
        keys=("x",),
        shown=("y", "z"),
        panels=[Panel("x", ("y", "z"), log="y"), Panel("word", ("y",))],
        dev={},
        name=name,
        title=f"{name} | title.",
        text="More.\n\nReference: none.",
    )


def result(name, below):
    rows = {
        seed: [{"x": x, "y": 1.0 + x + 0.01 * seed, "z": float("nan"), "word": f"w{x}"} for x in (0, 1)]
        for seed in (0, 1)
    }
    return Result(study(name, below), rows, {0: 1.0, 1: 2.0})


TRUE, FALSE = result("true", 2.0), result("false", 0.5)


def test_what_was_falsified_comes_first():
    assert [each.verdict for each in studied.in_order([TRUE, FALSE])] == [Verdict.FALSIFIED, Verdict.CONFIRMED]
    page = studied.page([TRUE, FALSE], "saelaws study", {"commit": None, "time": "now"})
    assert page.index("## false") < page.index("## true")
    assert "1 falsified, 1 confirmed" in page
    assert "false \\| title." in page


def test_so_do_falsified_predictions_of_a_study_that_has_others():
    both = Result(
        replace(study("both", 2.0), predictions=[*TRUE.study.predictions, *FALSE.study.predictions]),
        TRUE.rows,
        TRUE.seconds,
    )
    page = studied.page([both], "saelaws study", {"commit": None, "time": "now"})
    assert page.index("| ✘ falsified |") < page.index("| ✔ confirmed |")


def test_the_headline_counts_predictions():
    assert studied.headline([TRUE, FALSE]) == "2 studies, 2 predictions: 1 falsified, 1 confirmed."


def test_rows_are_averaged_over_seeds_with_their_interval():
    first, second = studied.averaged(TRUE)
    mean, half = first["y"]
    assert (first["x"], second["x"]) == (0, 1)
    assert mean == pytest.approx(1.005)
    assert half == pytest.approx(12.706 * 0.005, rel=1e-3)


def test_a_document_is_strict_json_and_is_read_back(tmp_path):
    made = studied.document(TRUE, Profile.CI, "cpu", {"commit": None})
    file = tmp_path / "true.json"
    file.write_text(json.dumps(made, allow_nan=False), encoding="utf-8")
    cells = studied.known(file, TRUE.study, Profile.CI, "cpu")
    assert cells["true", 1][1] == 2.0
    assert cells["true", 0][0][1]["y"] == 2.0
    assert studied.known(file, FALSE.study, Profile.CI, "cpu") == {}


def test_the_figure_is_the_same_for_the_same_rows_and_leaves_out_what_is_no_number():
    svg = figure(TRUE)
    assert svg == figure(result("true", 2.0))
    ET.fromstring(svg)
    assert re.search(r">y<", svg)
    assert "w1" in svg
    assert "nan" not in svg.lower()


def test_ranges_and_figures_are_said_in_words():
    (judged,) = TRUE.predictions
    assert studied.range_in_words(judged) == "≤ 2"
    assert studied.figure_in_words(judged).startswith("1.005 [")
    one = SimpleNamespace(interval=(-float("inf"), float("inf")), mean=1.0, values=(1.0,))
    assert studied.figure_in_words(one) == "1 (no interval: 1 seed)"
