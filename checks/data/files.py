"""The user's own samples: an array file, or a folder of them read in order of name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checks.errors import BadInput, MissingExtra
from checks.problem.instance import Array, samples


def load(path: str | Path) -> Array:
    """All samples under `path` as one float64 array (n, d).

    path: a .npy, .npz (one array, or one called x), .safetensors (one tensor, or one called x) or .parquet file (one
    list column, or one numeric column per dimension), or a folder of such files, which are stacked in order of name.
    Raises BadInput, naming the file, if it is missing, unreadable, empty, not a finite 2-d array of real numbers, or of
    another dimension than the file before it; MissingExtra for .parquet without pyarrow.
    """
    parts = list(shards(path))
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def mapped(path: str | Path) -> np.ndarray:
    """`load`, but of a .npy or .safetensors file the array as it lies there, of any real type that numpy has.

    Its rows are read when they are used. Raises as `load` does, except that entries which are not finite are not
    noticed in what is not read.
    """
    file = Path(path)
    if file.is_file() and file.suffix in MAPPED:
        array = _opened(file, MAPPED[file.suffix])
        if array.ndim == 2 and array.size:
            return array
    return load(path)


def shards(path: str | Path) -> Iterator[Array]:
    """The files that `load` would stack, one float64 (n_i, d) array at a time, so that only one is in memory."""
    d = None
    for file in _files(Path(path)):
        x = _read(file)
        if d is not None and x.shape[1] != d:
            raise BadInput(f"{file}: samples have {x.shape[1]} dimensions, the files before it {d}")
        d = x.shape[1]
        yield x


@dataclass(frozen=True, eq=False)
class Stream:
    """Samples that stay on disk: n rows of d numbers, over one file or a folder of them."""

    parts: tuple[Part, ...]

    @property
    def n(self) -> int:
        return sum(part.n for part in self.parts)

    @property
    def d(self) -> int:
        return self.parts[0].d

    def blocks(self, rows: int, start: int = 0) -> Iterator[NDArray[Any]]:
        """Blocks of `rows` samples from row `start` on, wherever the files are cut; the last one may be shorter.

        In float32, or float64 if the file has it. Raises BadInput, naming file and row, for what is not finite.
        """
        pieces = self._pieces(rows, start)
        held: list[NDArray[Any]] = []
        for piece in pieces:
            while len(piece):
                free = rows - sum(map(len, held))
                held.append(piece[:free])
                piece = piece[free:]
                if sum(map(len, held)) == rows:
                    yield _stacked(held)
                    held = []
        if held:
            yield _stacked(held)

    def spread(self, count: int) -> NDArray[Any]:
        """That many samples at equal distances, or all if there are fewer."""
        wanted = np.unique(np.linspace(0, self.n - 1, min(count, self.n)).astype(int))
        found, before = [], 0
        for part in self.parts:
            inside = wanted[(wanted >= before) & (wanted < before + part.n)] - before
            read = part.open() if len(inside) else None
            found += [_checked(read(slice(row, row + 1)), part.file, row) for row in inside.tolist() if read]
            before += part.n
        return _stacked(found)

    def _pieces(self, rows: int, start: int) -> Iterator[NDArray[Any]]:
        for part in self.parts:
            if start >= part.n:
                start -= part.n
                continue
            read = part.open()
            for first in range(start, part.n, rows):
                yield _checked(read(slice(first, min(first + rows, part.n))), part.file, first)
            start = 0


Reader = Callable[[slice | NDArray[np.int64]], NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Part:
    """One file of a stream. open() gives a function that reads rows: slices forwards, or, if `chosen`, any rows."""

    file: Path
    n: int
    d: int
    open: Callable[[], Reader]

    @property
    def chosen(self) -> bool:
        """Whether rows of any numbers can be read, without reading or keeping the others."""
        return self.file.suffix in (".npy", ".safetensors")


def stream(path: str | Path) -> Stream:
    """The samples under `path`, as `load` takes them, to be read block by block. Nothing but headers is read now.

    .npy and .safetensors are read where they are asked for; a .npz holds its array in memory while it is in use.
    Raises BadInput as `load` does.
    """
    parts = tuple(_part(file) for file in _files(Path(path)))
    for part in parts:
        if part.d != parts[0].d:
            raise BadInput(f"{part.file}: samples have {part.d} dimensions, the files before it {parts[0].d}")
    return Stream(parts)


def _part(file: Path) -> Part:
    try:
        shape, kind, opened = STREAMED[file.suffix](file)
    except BadInput:
        raise
    except Exception as error:  # each library has exceptions of its own for a damaged file
        raise _unreadable(file, error) from None
    if kind not in "biuf":
        raise BadInput(f"{file}: expected real numbers")
    if len(shape) != 2:
        raise BadInput(f"{file}: expected samples as rows of a 2-d array, got shape {tuple(shape)}")
    if 0 in shape:
        raise BadInput(f"{file}: empty array of shape {tuple(shape)}")
    return Part(file, int(shape[0]), int(shape[1]), opened)


Streamed = tuple[tuple[int, ...], str, Callable[[], Reader]]


def _whole(file: Path) -> Streamed:
    """A file that is read at once, when its turn comes."""
    array = READERS[file.suffix](file)
    shape, kind = array.shape, array.dtype.kind

    def opened() -> Reader:
        again = READERS[file.suffix](file)
        return lambda rows: again[rows]

    return shape, kind, opened


def _npy_streamed(file: Path) -> Streamed:
    array = np.load(file, mmap_mode="r", allow_pickle=False)
    mapped = partial(np.load, file, mmap_mode="r", allow_pickle=False)
    return array.shape, array.dtype.kind, lambda: _reader(mapped)


def _safetensors_streamed(file: Path) -> Streamed:
    from safetensors import safe_open

    with safe_open(file, framework="pt") as archive:  # which also checks that the header fits the file
        name = _only(file, list(archive.keys()))
        shape = tuple(archive.get_slice(name).get_shape())

    def opened() -> Reader:
        import torch

        with safe_open(file, framework="pt") as archive:
            dtype = archive.get_slice(name)[:0].dtype
        read = _reader(partial(np.memmap, file, BITS[dtype.itemsize], "r", _offset(file, name), shape))

        def floats(rows: slice | NDArray[np.int64]) -> NDArray[Any]:
            found = torch.from_numpy(np.array(read(rows))).view(dtype)
            return np.asarray(found if dtype == torch.float64 else found.float())

        return floats

    return shape, "f", opened


NUMPY = {"F64": np.float64, "F32": np.float32, "F16": np.float16}  # what a .safetensors file calls it
# Numbers are mapped by their bits, because numpy has no bfloat16.
BITS = {1: np.uint8, 2: np.int16, 4: np.int32, 8: np.int64}


def _offset(file: Path, name: str) -> int:
    """Where in a .safetensors file a tensor begins."""
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        return 8 + length + int(json.loads(opened.read(length))[name]["data_offsets"][0])


def _reader(mapped: Callable[[], NDArray[Any]]) -> Reader:
    """A slice is read once, and what is mapped for it goes with it; chosen rows come again, so their mapping stays."""
    held = mapped()
    return lambda rows: (mapped() if isinstance(rows, slice) else held)[rows]


def _parquet_streamed(file: Path) -> Streamed:
    try:
        from pyarrow import parquet
    except ImportError:
        raise MissingExtra(f"{file}: reading .parquet needs pyarrow: pip install 'sae-laws[data]'") from None
    whole = parquet.ParquetFile(file)
    if not whole.metadata.num_rows:
        raise BadInput(f"{file}: empty table")
    first = _table_rows(whole.read_row_group(0).slice(0, 1))
    shape = whole.metadata.num_rows, first.shape[1]

    def opened() -> Reader:
        batches = parquet.ParquetFile(file).iter_batches(batch_size=4096)
        held, at = np.zeros((0, shape[1])), 0  # rows from `at` on that were read and not yet asked for

        def read(rows: slice | NDArray[np.int64]) -> NDArray[Any]:
            nonlocal held, at
            assert isinstance(rows, slice)  # see Part.chosen
            start, stop = rows.start, rows.stop
            while at + len(held) < stop:
                following = _batch(file, batches, shape[1], at + len(held))
                skip = min(max(start - at, 0), len(held))
                held, at = np.concatenate([held[skip:], following]), at + skip
            return held[start - at : stop - at]

        return read

    return shape, first.dtype.kind, opened


def _batch(file: Path, batches: Iterator[Any], d: int, start: int) -> np.ndarray:
    """The next rows of a .parquet file, from row `start` on. Raises BadInput if they are damaged, or not d numbers."""
    try:
        found = _table_rows(next(batches))
    except Exception as error:  # such as rows of several lengths
        raise _unreadable(file, f"from row {start} on: {error}") from None
    if found.dtype.kind not in "biuf" or found.shape[1:] != (d,):
        raise BadInput(f"{file}: from row {start} on, not every row has {d} numbers like the first one")
    return found


def _stacked(held: list[NDArray[Any]]) -> NDArray[Any]:
    return held[0] if len(held) == 1 else np.concatenate(held)


def _checked(rows: Any, file: Path, first: int) -> NDArray[Any]:
    rows = np.ascontiguousarray(rows, dtype=np.float64 if rows.dtype == np.float64 else np.float32)
    if not np.isfinite(rows).all():
        bad = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
        raise BadInput(f"{file}: row {first + bad} is not finite")
    return rows


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise BadInput(f"{path}: no such file or folder")
    if path.is_dir():
        # What is hidden is no shard: an unfinished file (`aside`), or what a Mac keeps beside one.
        files = sorted(file for file in path.iterdir() if file.suffix in READERS and not file.name.startswith("."))
        if not files:
            raise BadInput(f"{path}: the folder holds no {', '.join(READERS)} file")
        return files
    if path.suffix not in READERS:
        raise BadInput(f"{path}: unknown kind of file, expected {', '.join(READERS)} or a folder of them")
    return [path]


def _read(file: Path) -> Array:
    return samples(_opened(file, READERS[file.suffix]), str(file))


def _opened(file: Path, reader: Callable[[Path], Any]) -> np.ndarray:
    try:
        array = reader(file)
    except BadInput:
        raise
    except Exception as error:  # each library has exceptions of its own for a damaged file
        raise _unreadable(file, error) from None
    if array.dtype.kind not in "biuf":
        raise BadInput(f"{file}: expected real numbers, got dtype {array.dtype}")
    return np.asanyarray(array)


def _unreadable(file: Path, error: Exception | str) -> BadInput:
    said = " ".join(str(error).split())
    if "allow_pickle" in said or "Python objects" in said:
        said = "not an array of numbers; pickled objects are never opened, as they can run code"
    return BadInput(f"{file}: cannot be read ({said})")


def _npy(file: Path) -> np.ndarray:
    return np.load(file, allow_pickle=False)


def _npz(file: Path) -> np.ndarray:
    with np.load(file, allow_pickle=False) as archive:
        return archive[_only(file, archive.files)]


def _npy_mapped(file: Path) -> np.ndarray:
    return np.load(file, mmap_mode="r", allow_pickle=False)


def _safetensors_mapped(file: Path) -> np.ndarray:
    """In memory after all if it is of a type that numpy does not have, such as bfloat16, or if nothing is in it."""
    from safetensors import safe_open

    with safe_open(file, framework="pt") as archive:  # which also checks that the header fits the file
        name = _only(file, list(archive.keys()))
        tensor = archive.get_slice(name)
        shape = tuple(tensor.get_shape())
        dtype = NUMPY.get(tensor.get_dtype())
    if dtype is None or 0 in shape:
        return _safetensors(file)
    return np.memmap(file, dtype, "r", _offset(file, name), shape)


def _safetensors(file: Path) -> np.ndarray:
    # Through torch, because activations are often stored as bfloat16, which numpy does not have.
    import torch
    from safetensors import safe_open

    with safe_open(file, framework="pt") as archive:
        return archive.get_tensor(_only(file, list(archive.keys()))).to(torch.float64).numpy()


def _parquet(file: Path) -> np.ndarray:
    try:
        from pyarrow import parquet
    except ImportError:
        raise MissingExtra(f"{file}: reading .parquet needs pyarrow: pip install 'sae-laws[data]'") from None
    return _table_rows(parquet.read_table(file))


def _table_rows(table: Any) -> np.ndarray:
    """The rows of one list column, or of one numeric column per dimension."""
    if table.num_columns == 1 and hasattr(table.schema.types[0], "value_type"):
        rows = table.column(0).to_pylist()
        if any(row is None or len(row) != len(rows[0]) for row in rows):
            raise ValueError("its rows are not of one length")
        return np.array(rows)
    return np.column_stack([column.to_numpy() for column in table.columns])


def _only(file: Path, names: list[str]) -> str:
    """The array to read: the one called x, or the only one."""
    if "x" in names:
        return "x"
    if len(names) != 1:
        raise BadInput(f"{file}: holds {len(names)} arrays and none is called x: {', '.join(names[:5])}")
    return names[0]


READERS: dict[str, Callable[[Path], Any]] = {
    ".npy": _npy,
    ".npz": _npz,
    ".safetensors": _safetensors,
    ".parquet": _parquet,
}
MAPPED: dict[str, Callable[[Path], Any]] = {".npy": _npy_mapped, ".safetensors": _safetensors_mapped}
STREAMED: dict[str, Callable[[Path], Streamed]] = {
    ".npy": _npy_streamed,
    ".npz": _whole,
    ".safetensors": _safetensors_streamed,
    ".parquet": _parquet_streamed,
}


def aside(file: Path) -> Path:
    """Where to write a file until it is complete: what was there before stays until then."""
    return file.with_name(f".{file.stem}.part{file.suffix}")
