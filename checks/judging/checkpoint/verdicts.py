"""The verdict on a law at a checkpoint, with an interval by the jackknife and what sampling alone would show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtrit

from checks.judging.approximate import NEARER, normalised
from checks.judging.verdict import Verdict
from checks.problem.instance import Array
from theory.statement import Statement

CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class Law:
    """A law at a checkpoint.

    violation  normalised: 0 if the law holds exactly, 1 if it is no better than its nearest control; NaN if not judged
    interval   of the violation, 95 %; None where the shards cannot tell
    noise      the violation that sampling alone would show of an SAE that keeps the law exactly; None as well
    of         what it is judged on
    """

    statement: Statement
    verdict: Verdict
    violation: float
    interval: tuple[float, float] | None = None
    noise: float | None = None
    of: str = "all"


def judged(statement: Statement, squares: Array, again: Sequence[Array] | None, noise: Array | None, of: str) -> Law:
    """again: squares without some shards in turn, None if there is one; noise: None for a law of every sample."""
    value = float(normalised(squares)[0])
    if np.isnan(value):
        return Law(statement, Verdict.VACUOUS, np.nan, of=of)
    if again is None:
        unsure = noise is not None and value > NEARER and np.isfinite(squares[0]).all()
        return Law(statement, Verdict.INCONCLUSIVE if unsure else _verdict(value, None), value, of=of)
    interval = _ratio_interval(value, np.array([normalised(each)[0] for each in again]))
    floor = None if noise is None else _normalised_noise(np.mean(again, axis=0), noise)
    return Law(statement, _verdict(value, interval, floor, len(again)), value, interval, floor, of)


def _normalised_noise(squares: Array, noise: Array) -> float:
    """The noise in the unit of `normalised`."""
    unit = squares[1:].max(axis=0, initial=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        controls = np.where(squares[1:] == 0, 0.0, squares[1:] / unit).sum(axis=1)
        return float(np.sqrt(np.where(noise == 0, 0.0, noise / unit).sum() / controls.min()))


def _verdict(
    value: float, interval: tuple[float, float] | None, noise: float | None = None, shards: int = 2
) -> Verdict:
    """A law is broken where it is seen to be, beyond what sampling alone would show, as so many shards tell it."""
    if value <= NEARER:
        return Verdict.CONFIRMED
    floor = noise or 0.0
    beyond = np.sqrt(max(0.0, value**2 - floor**2)) > NEARER and value > _reach(shards) * floor
    seen = beyond and not (interval is not None and interval[0] <= NEARER)
    return Verdict.FALSIFIED if seen or not np.isfinite(value) else Verdict.INCONCLUSIVE


def standard_error(again: Array) -> Array:
    """Jackknife: the standard error from values that leave out one shard each, (shards, …) → (…)."""
    count = len(again)
    if count < 2:
        return np.full(again.shape[1:], np.nan)
    return np.sqrt((count - 1) / count * ((again - again.mean(axis=0)) ** 2).sum(axis=0))


def _reach(shards: int) -> float:
    """Student's t, by how many standard errors the interval reaches: a few shards tell their own scatter badly."""
    return float(stdtrit(shards - 1, 0.5 + CONFIDENCE / 2))


def interval_of(value: float, again: Array) -> tuple[float, float]:
    """Of `CONFIDENCE`; NaN if there are fewer than two shards."""
    half = _reach(len(again)) * float(standard_error(again))
    return value - half, value + half


def _ratio_interval(value: float, again: Array) -> tuple[float, float]:
    """The interval of a ratio v ≥ 0, which may be infinite, by way of v / (1 + v), which is between 0 and 1."""

    def share(ratio: Any) -> Any:
        return 1 - 1 / (1 + np.asarray(ratio))

    low, high = np.clip(interval_of(float(share(value)), share(again)), 0.0, 1.0)
    with np.errstate(divide="ignore"):
        return float(1 / (1 - low) - 1), float(np.divide(1.0, 1 - high) - 1)
