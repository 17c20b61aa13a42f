"""All moments of all claims in one pass: its memory does not depend on the number of samples.

A pass is a value. It can be saved and resumed, and two passes over parts of the data add up to that over the whole.
Samples come in blocks; the blocks go in turn to SHARDS sums, which are kept apart so that leaving one out at a time
tells how much the sample decides (jackknife). Of moments too large to be kept so often, the shards
keep the part of some chosen atoms. Pairs of atoms are formed among the chosen ones alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sympy import Idx

from checks.errors import BadInput
from checks.evaluation.block import Block
from checks.evaluation.lowering import Env, Named
from checks.evaluation.plan import Summed, Term, add_to, plan, sharing, summed
from checks.evaluation.spelling import indices, label
from checks.problem.arrays import is_tensor, on_the_processor
from checks.problem.instance import Array
from theory.expectation import E
from theory.problem import k as K

SHARDS = 32
BLOCK = 2048  # samples that are looked at together, if there are enough for a block in each shard
WIDE = 1 << 23  # numbers in the shards of one moment, beyond which they keep the chosen atoms alone
CHOSEN = 128  # atoms
FORMAT = 1
EACH = slice(None)


@dataclass(frozen=True)
class Reducer:
    """A figure of each sample, whose sum and largest value are kept.

    name    under which it is found again
    rows    the figures of the samples in an environment, (n,)
    of_few  whether a few samples of each block have to do, as where there is a figure for each atom or pair of them
    """

    name: str
    rows: Callable[[Env], Any]
    of_few: bool = False


@dataclass(frozen=True)
class Plan:
    """What a pass collects, and what it is a pass of: passes add up only if their subjects are equal."""

    terms: tuple[Term, ...]
    reducers: tuple[Reducer, ...]
    chosen: tuple[int, ...] | None
    subject: str

    @staticmethod
    def of(
        moments: Collection[E], reducers: Sequence[Reducer], subject: str, chosen: Sequence[int] | None = None
    ) -> Plan:
        """chosen: the atoms that stand for all where all are too many; None if they are not."""
        return Plan(plan(moments), tuple(reducers), None if chosen is None else tuple(map(int, chosen)), subject)


@dataclass(eq=False)
class Pass:
    """Sums over samples. All arrays are float64.

    rows     samples so far, in so many blocks
    weight   of each shard, (SHARDS,)
    shards   sums by name and shard, (SHARDS, …); those of the chosen atoms alone are called "name, chosen"
    totals   sums over all shards of what is too large to be kept for each
    axes     names of the axes of each moment
    largest  of each reducer, with its sample
    """

    subject: str
    rows: int = 0
    blocks: int = 0
    weight: Array = field(default_factory=lambda: np.zeros(SHARDS))
    shards: dict[str, Array] = field(default_factory=dict)
    totals: dict[str, Array] = field(default_factory=dict)
    axes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    largest: dict[str, tuple[float, int]] = field(default_factory=dict)
    _sums: dict[str, tuple[int, Array]] = field(default_factory=dict, init=False, repr=False)
    _away: dict[str, Any] = field(default_factory=dict, init=False, repr=False)  # sums on a device, to be fetched

    def __add__(self, other: Pass) -> Pass:
        """The pass over the samples of both. Raises BadInput if they are not about the same subject."""
        if self.subject != other.subject:
            raise BadInput("two passes over different subjects do not add up")
        self.fetch()
        other.fetch()
        if not (self.rows and other.rows):
            return self if self.rows else other
        later = {name: (value, row + self.rows) for name, (value, row) in other.largest.items()}
        return Pass(
            self.subject,
            self.rows + other.rows,
            self.blocks + other.blocks,
            self.weight + other.weight,
            {name: sums + other.shards[name] for name, sums in self.shards.items()},
            {name: sums + other.totals[name] for name, sums in self.totals.items()},
            self.axes,
            {name: _larger(largest, later[name]) for name, largest in self.largest.items()},
        )

    def means(self, moments: Collection[E], *, without: Sequence[int] = (), atoms: slice = EACH) -> dict[E, Named]:
        """The mean of each moment over all samples, or all but some shards; of those that are known so.

        atoms: which of them, where a moment has an axis of atoms.
        """
        found = {moment: self._mean(label(moment), without, atoms) for moment in moments}
        return {moment: mean for moment, mean in found.items() if mean is not None}

    def means_of_chosen(
        self, moments: Collection[E], chosen: Sequence[int], *, without: Sequence[int] = ()
    ) -> dict[E, Named]:
        """The same as if there were no other atoms than the chosen ones."""
        found = {}
        for moment in moments:
            mean = self._mean(_of_chosen(moment), without)
            if mean is None and (whole := self._mean(label(moment), without)) is not None:
                at = [n for n, axis in enumerate(whole.axes) if axis in ("j", "l", "m")]
                array = whole.array
                for axis in at:
                    array = np.take(array, np.array(chosen), axis=axis)
                mean = Named(array, whole.axes)
            if mean is not None:
                found[moment] = mean
        return found

    def reduced(self, name: str, *, without: Sequence[int] = ()) -> float:
        """The mean of a reducer over the samples that it looked at."""
        return float(_ratio(_total(self.shards[name], without), _total(self.shards[f"weight of {name}"], without)))

    def fetch(self) -> None:
        """Add what a device has summed since the last time: `shards` and `totals` then have all samples."""
        for name, sums in self._away.items():
            into = self.shards[name] if name in self.shards else self.totals[name]
            into += on_the_processor(sums)
        self._away.clear()

    def sums_there(self, name: str, like: Any) -> Any:
        """Sums of a moment on the device of a tensor, to which is added until they are fetched."""
        if name not in self._away:
            import torch

            shape = (self.shards[name] if name in self.shards else self.totals[name]).shape
            self._away[name] = torch.zeros(shape, dtype=torch.float64, device=like.device)
        return self._away[name]

    def _mean(self, name: str, without: Sequence[int], atoms: slice = EACH) -> Named | None:
        self.fetch()
        if name in self.shards:
            total = self._sum(name)
            left = total - self.shards[name][list(without)].sum(axis=0) if without else total
        elif name in self.totals and not without:
            left = self.totals[name]
        else:
            return None
        axes = self.axes[name]
        some = tuple(atoms if axis == "j" else EACH for axis in axes)
        return Named(_ratio(left[some], _total(self.weight, without)), axes)

    def _sum(self, name: str) -> Array:
        """Over all shards; remembered for as long as no sample is added."""
        at, total = self._sums.get(name, (-1, self.weight))
        if at != self.rows:
            total = self.shards[name].sum(axis=0)
            self._sums[name] = self.rows, total
        return total

    @property
    def filled(self) -> list[int]:
        """The shards that hold any sample."""
        return [int(shard) for shard in np.flatnonzero(self.weight > 0)]

    def save(self, path: Path) -> None:
        """Write it as .npz, without pickle. Raises BadInput if the file cannot be written."""
        said: dict[str, Any] = {
            "format": FORMAT,
            "subject": self.subject,
            "rows": self.rows,
            "blocks": self.blocks,
            "axes": self.axes,
            "largest": self.largest,
        }
        self.fetch()
        arrays = {f"shards/{name}": sums for name, sums in self.shards.items()}
        arrays |= {f"totals/{name}": sums for name, sums in self.totals.items()}
        names = {f"a{n}": name for n, name in enumerate(arrays)}
        partial = path.with_name(f"{path.name}.partial")
        try:
            with partial.open("wb") as file:
                said = {**said, "names": names}
                held: dict[str, Any] = {short: arrays[name] for short, name in names.items()}
                np.savez(file, **held, weight=self.weight, said=np.array(json.dumps(said)))
            os.replace(partial, path)
        except OSError as error:
            raise BadInput(f"{path}: cannot be written ({error.strerror})") from None

    @staticmethod
    def load(path: Path) -> Pass:
        """Read what was saved. Raises BadInput if it is not that."""
        try:
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                said = json.loads(str(file["said"]))
                if said["format"] != FORMAT:
                    raise BadInput(f"{path}: a pass of format {said['format']}, this is version {FORMAT}")
                arrays = {name: file[short] for short, name in said["names"].items()}
                weight = file["weight"]
        except BadInput:
            raise
        except Exception as error:  # a damaged archive raises whatever it likes
            raise BadInput(f"{path}: not a saved pass, or damaged ({type(error).__name__})") from None
        return Pass(
            said["subject"],
            said["rows"],
            said["blocks"],
            weight,
            _below("shards/", arrays),
            _below("totals/", arrays),
            {name: tuple(axes) for name, axes in said["axes"].items()},
            {name: (float(value), int(row)) for name, (value, row) in said["largest"].items()},
        )


def block_length(n: int, k: int) -> int:
    """How many of n samples make a block, for k atoms."""
    if k > CHOSEN:
        return BLOCK  # each block costs a visit to the sums of all atoms
    return min(BLOCK, max(1, -(-n // SHARDS)))


def take(done: Pass, collected: Plan, block: Block, part: Block | None = None, few: Block | None = None) -> None:
    """Add a block to a pass, in place.

    part: the same block with the chosen atoms alone, where there are such; few: its first few samples.

    Raises BadInput, naming the sample, if a residual is not finite.
    """
    _check_finite(block, done.rows)
    shard = done.blocks % SHARDS
    weights = on_the_processor(block.env.weights)
    paired = [term for term in collected.terms if part is not None and is_of_pairs(term.moment)]
    _add(done, {label(term.moment): term for term in collected.terms if term not in paired}, block, shard)
    if part is not None:
        unkept = [term for term in collected.terms if term.entry is not None and label(term.moment) not in done.shards]
        _add(done, {_of_chosen(term.moment): term for term in dict.fromkeys(paired + unkept)}, part, shard)
    for reducer in collected.reducers:
        _reduce(done, reducer, few if few is not None and reducer.of_few else block, shard)
    done.weight[shard] += weights.sum()
    done.rows += len(weights)
    done.blocks += 1


def is_of_pairs(moment: E) -> bool:
    """Whether a moment has an entry for each pair of atoms."""
    return sum(isinstance(index, Idx) and index.upper + 1 == K for index in indices(moment)) > 1


def _of_chosen(moment: E) -> str:
    """The name of the part of a moment that the chosen atoms have."""
    return f"{label(moment)}, chosen"


def _add(done: Pass, terms: Mapping[str, Term], block: Block, shard: int) -> None:
    """Add moments of a block, by the names that their sums have."""
    names = {term: name for name, term in terms.items()}
    for some in sharing(terms.values()):
        found = summed(some, block)
        add_to([_sums(done, names[term], each, block, shard) for term, each in zip(some, found)], found, block)


def _sums(done: Pass, name: str, found: Summed, block: Block, shard: int) -> Any:
    """Where a moment is added up: in its shard if the shards keep it."""
    if name not in done.axes:
        done.axes[name] = found.axes
        if SHARDS * int(np.prod(found.shape)) <= WIDE:
            # Filled, so that the memory is taken now and not block by block: what is needed shows at once.
            done.shards[name] = np.full((SHARDS, *found.shape), 0.0)
        else:
            done.totals[name] = np.zeros(found.shape)
    kept = name in done.shards
    here = done.shards[name] if kept else done.totals[name]
    sums = done.sums_there(name, block.like) if is_tensor(block.like) else here
    return sums[shard, ...] if kept else sums


def _reduce(done: Pass, reducer: Reducer, block: Block, shard: int) -> None:
    rows = on_the_processor(reducer.rows(block.env))
    weights = on_the_processor(block.env.weights)
    for name, value in ((reducer.name, weights @ rows), (f"weight of {reducer.name}", weights.sum())):
        done.shards.setdefault(name, np.zeros(SHARDS))[shard] += value
    worst = int(np.argmax(rows))  # the first that is not a number, if one is not
    found = float(rows[worst]), done.rows + worst
    done.largest[reducer.name] = _larger(done.largest.get(reducer.name, (-np.inf, -1)), found)


def _larger(one: tuple[float, int], other: tuple[float, int]) -> tuple[float, int]:
    """The larger of two values with their places; what is not a number is larger than anything."""
    return one if not one[0] <= other[0] else other


def _check_finite(block: Block, before: int) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        sizes = on_the_processor((block.env.arrays["r"].array ** 2).sum(1))
    bad = np.flatnonzero(~np.isfinite(sizes))
    if bad.size:
        raise BadInput(f"row {before + bad[0]}: the residual is not finite, and so in {bad.size} rows of its block")


def _ratio(total: Array, weight: Array) -> Array:
    """A mean; not a number where nothing is left, as without the only shard."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(total / weight)


def _total(sums: Array, without: Sequence[int]) -> Array:
    total = sums.sum(axis=0)
    return total - sums[list(without)].sum(axis=0) if without else total


def _below(prefix: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
