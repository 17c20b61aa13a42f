"""Subjects: anything that returns points, with the conditions that it promises to satisfy."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from checks.judging import approximate, exact
from checks.judging.verdict import Judgement
from checks.problem.point import Point
from checks.saes.promises import STATIONARY_PARAMETERS
from theory.statement import Statement

BEST_CODES = frozenset({"code", "comp", "act", "drop", "add", "swap", "trade"})
OPTIMAL_CODES = BEST_CODES | {"scale", "enc_b", "enc_w", "unit"}
OF_THE_BIAS = frozenset({"bias", "tied"})
JOINTLY_OPTIMAL = OPTIMAL_CODES | STATIONARY_PARAMETERS

Judge = Callable[[Sequence[Statement], Sequence[Point], Collection[str]], dict[str, Judgement]]


class Posed(Protocol):
    """A problem, as far as promises depend on it."""

    @property
    def bias(self) -> bool:
        """Whether the decoder bias is free."""


@dataclass(frozen=True)
class Subject:
    """A kind of solution: its name, the conditions it satisfies and how statements are judged on it.

    falsifies says whether a law that needs a condition which is not promised is expected to fail. Exact solutions are
    judged so sharply that it shows; how far an encoder is from optimal codes is a matter of degree.
    """

    name: str
    premises: frozenset[str]
    judge: Judge
    falsifies: bool

    def promises(self, instance: Posed) -> frozenset[str]:
        """The conditions satisfied on an instance: without a free bias there is nothing stationary about it."""
        return self.premises if instance.bias else self.premises - OF_THE_BIAS


EXACT = Subject("exact optimum", JOINTLY_OPTIMAL, exact.judge, falsifies=True)
INFERRED = Subject("optimal codes, SAE dictionary", OPTIMAL_CODES, exact.judge, falsifies=True)
TRAINED = Subject("trained SAE", STATIONARY_PARAMETERS, approximate.judge, falsifies=False)
SUBJECTS = {"solver": (EXACT,), "sae": (INFERRED, TRAINED)}
