"""Samples to train on, in memory or memory-mapped from shards on disk: any rows, whenever they are asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from checks.data.files import READERS, load
from checks.errors import BadInput
from checks.problem.instance import Array

Rows = NDArray[np.int64]

BLOCK = 4096  # samples of a pass over all of them

# Of the numbers that a .safetensors file may hold; numpy has no bfloat16, which is read by its bits.
DTYPES = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": np.int16}


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

    files: tuple[Path, ...]
    shards: tuple[NDArray[np.generic], ...]
    starts: Rows

    @property
    def n(self) -> int:
        return int(self.starts[-1])

    @property
    def d(self) -> int:
        return int(self.shards[0].shape[1])

    @property
    def held(self) -> int:
        return 0

    def rows(self, chosen: Rows) -> Tensor:
        found = torch.empty(len(chosen), self.d)
        shard = np.searchsorted(self.starts, chosen, side="right") - 1
        for number in np.unique(shard):
            here = np.flatnonzero(shard == number)
            here = here[np.argsort(chosen[here])]  # a disk likes to read forwards
            found[torch.from_numpy(here)] = _floats(self.shards[number][chosen[here] - self.starts[number]])
        finite = found.isfinite().all(dim=1)
        if not finite.all():
            row = int(chosen[int((~finite).nonzero()[0])])
            number = int(np.searchsorted(self.starts, row, side="right")) - 1
            raise BadInput(f"{self.files[number]}: row {row - int(self.starts[number])} is not finite")
        return found


def _floats(array: NDArray[np.generic]) -> Tensor:
    values = torch.from_numpy(np.ascontiguousarray(array))
    return (values.view(torch.bfloat16) if values.dtype == torch.int16 else values).to(torch.float32)


def on_disk(path: str | Path) -> OnDisk:
    """A .npy or .safetensors file, or a folder of them, opened without being read.

    Raises BadInput, naming the file, if it is missing, damaged, of other numbers than floats or of another width than
    the file before it.
    """
    path = Path(path)
    files = sorted(file for file in path.iterdir() if file.suffix in OPENERS) if path.is_dir() else [path]
    if not (files and path.exists() and all(file.suffix in OPENERS for file in files)):
        raise BadInput(f"{path}: expected a {' or '.join(OPENERS)} file, or a folder of them")
    shards: list[NDArray[np.generic]] = []
    for file in files:
        shard = _opened(file)
        if shard.ndim != 2 or 0 in shard.shape:
            raise BadInput(f"{file}: expected samples as rows of a 2-d array, got shape {shard.shape}")
        if shards and shard.shape[1] != shards[0].shape[1]:
            raise BadInput(
                f"{file}: samples have {shard.shape[1]} dimensions, the files before it {shards[0].shape[1]}"
            )
        shards.append(shard)
    return OnDisk(tuple(files), tuple(shards), np.cumsum([0, *map(len, shards)]))


FULL = 8192  # samples up to which all of them are one batch, if nothing else is said
OF_BATCH = 2048


def default_batch(n: int) -> int | None:
    """Samples per step, None for all: a full batch of many samples is a waste of most of them."""
    return None if n <= FULL else OF_BATCH


def opened(path: str | Path) -> Source:
    """Samples of any format that `checks.data.files` reads: in memory, or left on disk if they are many.

    Raises BadInput as the readers do.
    """
    path = Path(path)
    inside = sorted(path.iterdir()) if path.is_dir() else [path]
    if path.exists() and {file.suffix for file in inside if file.suffix in READERS} <= OPENERS.keys():
        try:
            found = on_disk(path)
        except BadInput:
            return InMemory(load(path))  # which says more of what is wrong, or makes sense of it
        if found.n > FULL:
            return found
    return InMemory(load(path))


def _opened(file: Path) -> NDArray[np.generic]:
    try:
        return OPENERS[file.suffix](file)
    except BadInput:
        raise
    except Exception as error:  # a damaged file may fail in any way
        raise BadInput(f"{file}: cannot be read ({' '.join(str(error).split())})") from None


def _npy(file: Path) -> NDArray[np.generic]:
    array = np.load(file, mmap_mode="r", allow_pickle=False)
    if array.dtype.kind != "f":
        raise BadInput(f"{file}: expected floats, got dtype {array.dtype}")
    return array


def _safetensors(file: Path) -> NDArray[np.generic]:
    """The tensor called x, or the only one: a header in JSON says where in the file it lies."""
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        header = json.loads(opened.read(length))
    header.pop("__metadata__", None)
    name = "x" if "x" in header else next(iter(header)) if len(header) == 1 else None
    if name is None:
        raise BadInput(f"{file}: holds {len(header)} tensors and none is called x")
    entry = header[name]
    if entry["dtype"] not in DTYPES:
        raise BadInput(f"{file}: expected floats, got dtype {entry['dtype']}")
    start, shape = 8 + length + entry["data_offsets"][0], tuple(entry["shape"])
    return np.memmap(file, DTYPES[entry["dtype"]], "r", start, shape)


OPENERS = {".npy": _npy, ".safetensors": _safetensors}


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
