"""What a study is: a behaviour that is predicted before it is measured, once for each seed.

A study is one file of `checks/studies`, found by scanning: its docstring says in its first line what is predicted, and
ends with the source; its `study` says how it is measured and judged. Nothing else has to be edited.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any

from checks.errors import BadInput

Value = float | int | str
Row = dict[str, Any]  # of values
Rows = Sequence[Row]
Measure = Callable[..., Iterable[Row]]


class Profile(Enum):
    """How large a study is: `dev` takes seconds, `ci` is the standard that is published, `deep` has no limit."""

    DEV = "dev"
    CI = "ci"
    DEEP = "deep"


@dataclass(frozen=True)
class Prediction:
    """A figure of each seed, and the range in which it is predicted to lie.

    says    the prediction in words, as a sentence
    figure  from the rows of one seed to a number; NaN, or an error, where they do not have it
    """

    says: str
    figure: Callable[[Rows], float]
    above: float = -math.inf
    below: float = math.inf


@dataclass(frozen=True)
class Panel:
    """One picture: columns y against x, a line for each value of `by`, or bars where x is in words.

    log: the axes with a logarithmic scale, such as "xy".
    """

    x: str
    y: Sequence[str]
    by: str = ""
    log: str = ""
    title: str = ""
    where: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Study:
    """How a behaviour is measured, and what is predicted of it.

    theorem       what the prediction follows from, such as "T3"; "conjecture" if it does not
    falsified_if  what would falsify it, in words
    control       the neighbouring predictions in words; each of `controls` must be falsified by the same rule
    sample        how much data, and of which kind
    measure       (seed, device, sizes…) → rows; its defaults are the standard sizes, `dev` and `deep` replace some
    keys          the columns that say what a row is about; all others are averaged over seeds
    shown         the columns that are printed
    panels        the figure
    seconds       what a seed takes at standard size, about: the longest studies start first
    """

    theorem: str
    predictions: Sequence[Prediction]
    falsified_if: str
    control: str
    controls: Sequence[Prediction]
    sample: str
    measure: Measure
    keys: Sequence[str]
    shown: Sequence[str]
    panels: Sequence[Panel]
    dev: Mapping[str, Any]
    deep: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 10.0
    name: str = ""
    title: str = ""
    text: str = ""

    def rows(self, seed: int, device: str, profile: Profile) -> list[Row]:
        """What one seed measures. Raises BadInput as the solvers and the trainer do."""
        sizes = {Profile.DEV: self.dev, Profile.CI: {}, Profile.DEEP: self.deep}[profile]
        return [dict(row) for row in self.measure(seed, device, **sizes)]


@cache
def studies() -> Mapping[str, Study]:
    """All studies by name, that of the file."""
    from dataclasses import replace

    import checks.studies as folder

    found = {}
    for module in pkgutil.iter_modules(folder.__path__, folder.__name__ + "."):
        if module.ispkg:
            continue
        loaded = importlib.import_module(module.name)
        name = module.name.rpartition(".")[2].replace("_", "-")
        title, _, text = (loaded.__doc__ or "").partition("\n")
        found[name] = replace(loaded.study, name=name, title=title.strip(), text=text.strip())
    return found


def chosen(names: Sequence[str]) -> list[Study]:
    """The studies of these names, all if there are none. Raises BadInput for an unknown name."""
    known = studies()
    if unknown := [name for name in names if name not in known]:
        raise BadInput(f"there is no study {unknown[0]!r}, but {', '.join(known)}")
    return [known[name] for name in (names or known)]
