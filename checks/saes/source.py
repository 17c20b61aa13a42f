"""Samples to train on, in memory or memory-mapped from shards on disk: any rows, whenever they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from checks.data.files import Reader, Stream, load, stream
from checks.errors import BadInput
from checks.problem.instance import Array

Rows = NDArray[np.int64]

BLOCK = 4096  # samples of a pass over all of them


class Source(Protocol):
    """n samples of d dimensions."""

    @property
    def n(self) -> int: ...

    @property
    def d(self) -> int: ...

    def rows(self, chosen: Rows) -> Tensor:
        """The samples of these numbers, (len(chosen), d), of any float type. Raises BadInput if one is not finite."""
        ...

    @property
    def held(self) -> int:
        """Bytes that it keeps in memory."""
        ...


@dataclass(frozen=True, eq=False)
class InMemory:
    x: Array

    @property
    def n(self) -> int:
        return len(self.x)

    @property
    def d(self) -> int:
        return int(self.x.shape[1])

    @property
    def held(self) -> int:
        return int(self.x.nbytes)

    def rows(self, chosen: Rows) -> Tensor:
        return torch.from_numpy(self.x[chosen])


@dataclass(frozen=True, eq=False)
class OnDisk:
    """.npy or .safetensors shards of one width, in order of name; `starts` is where each begins, with n at the end."""

    stream: Stream
    readers: tuple[Reader, ...]
    starts: Rows

    @property
    def n(self) -> int:
        return self.stream.n

    @property
    def d(self) -> int:
        return self.stream.d

    @property
    def held(self) -> int:
        return 0

    def rows(self, chosen: Rows) -> Tensor:
        found = torch.empty(len(chosen), self.d)
        shard = np.searchsorted(self.starts, chosen, side="right") - 1
        for number in np.unique(shard):
            here = np.flatnonzero(shard == number)
            here = here[np.argsort(chosen[here])]  # a disk likes to read forwards
            read = np.ascontiguousarray(self.readers[number](chosen[here] - self.starts[number]))
            found[torch.from_numpy(here)] = torch.from_numpy(read).to(torch.float32)
        finite = found.isfinite().all(dim=1)
        if not finite.all():
            row = int(chosen[int((~finite).nonzero()[0])])
            number = int(np.searchsorted(self.starts, row, side="right")) - 1
            raise BadInput(f"{self.stream.parts[number].file}: row {row - int(self.starts[number])} is not finite")
        return found


def on_disk(path: str | Path) -> OnDisk:
    """A .npy or .safetensors file, or a folder of them, opened without being read.

    Raises BadInput, naming the file, if it is missing, damaged, of another kind or of another width than the file
    before it.
    """
    return _on_disk(stream(path))


def _on_disk(found: Stream) -> OnDisk:
    for part in found.parts:
        if not part.chosen:
            raise BadInput(f"{part.file}: rows are chosen at random from .npy and .safetensors files only")
    starts = np.cumsum([0, *(part.n for part in found.parts)])
    return OnDisk(found, tuple(part.open() for part in found.parts), starts)


FULL = 8192  # samples up to which all of them are one batch, if nothing else is said
OF_BATCH = 2048


def default_batch(n: int) -> int | None:
    """Samples per step, None for all: a full batch of many samples is a waste of most of them."""
    return None if n <= FULL else OF_BATCH


def opened(path: str | Path) -> Source:
    """Samples of any format that `checks.data.files` reads: in memory, or left on disk if they are many.

    Raises BadInput as the readers do.
    """
    found = stream(path)
    if found.n > FULL and all(part.chosen for part in found.parts):
        return _on_disk(found)
    return InMemory(load(path))


def blocks(source: Source, size: int = BLOCK) -> Iterator[Rows]:
    """Numbers of all samples, some at a time."""
    for start in range(0, source.n, size):
        yield np.arange(start, min(start + size, source.n))


def batch_of_step(step: int, n: int, size: int, order: int) -> Rows:
    """The samples of a step: in each epoch all once, in an order that the epoch decides, but for an incomplete batch.

    It depends on nothing but its arguments, so that a run that is resumed sees what it would have seen.
    """
    epoch, position = divmod(step, n // size)
    return _epoch(epoch, n, order)[position * size : (position + 1) * size]


@lru_cache(maxsize=1)
def _epoch(epoch: int, n: int, order: int) -> Rows:
    return np.random.default_rng([order, epoch]).permutation(n)
