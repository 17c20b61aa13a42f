"""Where a verdict belongs, and what a file holds of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from theory.problem import Objective


@dataclass(frozen=True)
class Place:
    """What tells the points of one place from those of all others, given the code.

    data, subject  what the verdicts on it are listed under
    seed           of the data, the solver and the training
    settings       what else its points depend on: the device of a training, the profile of an attack
    instance       Python that builds the instance, where a dataset holds many
    source         digest of the data themselves, where they come from elsewhere than from seed and code
    """

    data: str
    subject: str
    seed: int
    settings: str = ""
    instance: str = ""
    source: str = ""


@dataclass(frozen=True, eq=False)
class Kept:
    """What a file holds of a place: why its points are not good enough to judge, if so, whether b is free there, and
    the objectives of its points.
    """

    place: Place
    shortfall: str
    bias: bool
    objectives: Sequence[Objective]

    @property
    def points(self) -> int:
        return len(self.objectives)


@dataclass(frozen=True)
class Campaign:
    """One run: when it began and finished (None if it did not), its code, what was asked and where it ran."""

    began: str
    finished: str | None
    code: str
    settings: Mapping[str, Any]
    provenance: Mapping[str, Any]
