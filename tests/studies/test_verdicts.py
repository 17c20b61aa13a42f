"""The rule that gives verdicts, on a tiny study whose answer is known."""

import math

import numpy as np
import pytest

from checks.judging.verdict import Verdict
from checks.studies.common.study import Panel, Prediction, Study
from checks.studies.common.verdicts import Judged, Result, interval


def mean_of(rows):
    return float(np.mean([row["y"] for row in rows]))


HALF = Prediction("The mean is a half, to a twentieth.", mean_of, above=0.45, below=0.55)
WHOLE = Prediction("The mean is one, to a twentieth.", mean_of, above=0.95, below=1.05)


def study(measure, predictions=(HALF,), controls=(WHOLE,)):
    return Study(
        theorem="conjecture",
        predictions=predictions,
        falsified_if="the mean is another",
        control="the mean is one",
        controls=controls,
        sample="a thousand numbers",
        measure=measure,
        keys=("x",),
        shown=("y",),
        panels=[Panel("x", ("y",))],
        dev={},
        name="tiny",
    )


def uniform(seed, device):
    return [{"x": x, "y": float(y)} for x, y in enumerate(np.random.default_rng(seed).random(1000))]


def result(made, seeds=range(4)):
    return Result(made, {seed: list(made.measure(seed, "cpu")) for seed in seeds}, dict.fromkeys(seeds, 1.0))


def test_a_true_prediction_is_confirmed_and_its_control_falsified():
    found = result(study(uniform))
    assert found.verdict is Verdict.CONFIRMED
    assert [each.verdict for each in found.controls] == [Verdict.FALSIFIED]
    assert found.complaints == []


def test_a_false_prediction_is_falsified_and_no_complaint():
    found = result(study(uniform, predictions=(HALF, WHOLE)))
    assert [each.verdict for each in found.predictions] == [Verdict.CONFIRMED, Verdict.FALSIFIED]
    assert found.verdict is Verdict.FALSIFIED
    assert found.complaints == []


def test_a_control_that_holds_is_told():
    (complaint,) = result(study(uniform, controls=(HALF,))).complaints
    assert complaint.startswith("a control was not falsified: The mean is a half")


def test_one_seed_decides_nothing():
    assert result(study(uniform), seeds=[0]).verdict is Verdict.INCONCLUSIVE


def test_an_interval_across_the_threshold_decides_nothing():
    assert Judged(Prediction("", mean_of, above=0.5), (0.4, 0.5, 0.6)).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_finite_decides_nothing_and_fails(value):
    found = result(study(lambda seed, device: [{"x": 0, "y": value}]))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert any(line.startswith("not finite: The mean is a half") for line in found.complaints)


def test_rows_without_the_figure_fail():
    found = result(study(lambda seed, device: [{"x": 0}]))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.complaints


def test_a_study_without_rows_is_vacuous_and_fails():
    found = result(study(lambda seed, device: []))
    assert found.verdict is Verdict.VACUOUS
    assert found.complaints == ["it measured nothing"]


def test_the_interval_covers_the_mean_as_often_as_it_says():
    draws = np.random.default_rng(0).standard_normal((2000, 3))
    covered = np.mean([low <= 0 <= high for low, high in map(interval, draws)])
    assert abs(covered - 0.95) < 4 * (0.95 * 0.05 / len(draws)) ** 0.5
