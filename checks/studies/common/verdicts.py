"""The verdict on a prediction, from one figure for each seed: never by hand.

The interval is Student's, for the mean over seeds. A prediction is confirmed if all of it lies where it was predicted,
falsified if none of it does, and undecided else, as it is with a single seed. What is not finite decides nothing, and
the study fails.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from checks.judging.verdict import Verdict
from checks.studies.common.column import out_of_order
from checks.studies.common.study import Prediction, Rows, Study

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Judged:
    """A prediction, its figure for each seed, and what follows."""

    prediction: Prediction
    values: tuple[float, ...]

    @cached_property
    def mean(self) -> float:
        return float(np.mean(self.values)) if self.values else math.nan

    @cached_property
    def interval(self) -> tuple[float, float]:
        return interval(self.values)

    @property
    def verdict(self) -> Verdict:
        low, high = self.interval
        if not self.values:
            return Verdict.VACUOUS
        if not np.isfinite(self.values).all():
            return Verdict.INCONCLUSIVE
        if self.prediction.above <= low and high <= self.prediction.below:
            return Verdict.CONFIRMED
        if high < self.prediction.above or self.prediction.below < low:
            return Verdict.FALSIFIED
        return Verdict.INCONCLUSIVE


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The interval of confidence for the mean; all numbers if there are fewer than two values, or one is not finite."""
    if len(values) < 2 or not np.isfinite(values).all():
        return -math.inf, math.inf
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, len(values) - 1) * stats.sem(values))
    mean = float(np.mean(values))
    return mean - half, mean + half


@dataclass(frozen=True)
class Result:
    """A study and what its seeds measured: rows and seconds of processor time of each."""

    study: Study
    rows: Mapping[int, Rows]
    seconds: Mapping[int, float]

    @cached_property
    def predictions(self) -> list[Judged]:
        return [self._judged(each) for each in self.study.predictions]

    @cached_property
    def controls(self) -> list[Judged]:
        return [self._judged(each) for each in self.study.controls]

    @property
    def verdict(self) -> Verdict:
        """FALSIFIED if one prediction is, CONFIRMED if all are."""
        found = {each.verdict for each in self.predictions}
        for decisive in (Verdict.FALSIFIED, Verdict.VACUOUS, Verdict.INCONCLUSIVE):
            if decisive in found:
                return decisive
        return Verdict.CONFIRMED

    @cached_property
    def complaints(self) -> list[str]:
        """Why the study failed, whatever became of its predictions; empty if it did not."""
        if not any(self.rows.values()):
            return ["it measured nothing"]
        told = [
            f"not finite: {each.prediction.says}"
            for each in (*self.predictions, *self.controls)
            if not np.isfinite(each.values).all()
        ]
        told += [
            f"a control was not falsified: {each.prediction.says}"
            for each in self.controls
            if len(self.rows) > 1 and each.verdict is not Verdict.FALSIFIED
        ]
        return told + [line for rows in self.rows.values() for row in rows for line in out_of_order(row)]

    def _judged(self, prediction: Prediction) -> Judged:
        return Judged(prediction, tuple(_figure(prediction, rows) for rows in self.rows.values() if rows))


def _figure(prediction: Prediction, rows: Rows) -> float:
    """NaN where the rows do not have it, so that it is told."""
    try:
        return float(prediction.figure(rows))
    except (KeyError, ValueError, IndexError, ZeroDivisionError):
        return math.nan
