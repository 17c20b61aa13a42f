"""The user's own samples: an array file, or a folder of them read in order of name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from checks.errors import BadInput, MissingExtra
from checks.instance import Array, samples


def load(path: str | Path) -> Array:
    """All samples under `path` as one float64 array (n, d).

    path: a .npy, .npz (one array, or one called x), .safetensors (one tensor, or one called x) or .parquet file (one
    list column, or one numeric column per dimension), or a folder of such files, which are stacked in order of name.
    Raises BadInput, naming the file, if it is missing, unreadable, empty, not a finite 2-d array of real numbers, or of
    another dimension than the file before it; MissingExtra for .parquet without pyarrow.
    """
    parts = list(shards(path))
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def shards(path: str | Path) -> Iterator[Array]:
    """The files that `load` would stack, one float64 (n_i, d) array at a time, so that only one is in memory."""
    d = None
    for file in _files(Path(path)):
        x = _read(file)
        if d is not None and x.shape[1] != d:
            raise BadInput(f"{file}: samples have {x.shape[1]} dimensions, the files before it {d}")
        d = x.shape[1]
        yield x


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise BadInput(f"{path}: no such file or folder")
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix in READERS)
        if not files:
            raise BadInput(f"{path}: the folder holds no {', '.join(READERS)} file")
        return files
    if path.suffix not in READERS:
        raise BadInput(f"{path}: unknown kind of file, expected {', '.join(READERS)} or a folder of them")
    return [path]


def _read(file: Path) -> Array:
    try:
        array = READERS[file.suffix](file)
    except BadInput:
        raise
    except Exception as error:  # each library has exceptions of its own for a damaged file
        raise BadInput(f"{file}: cannot be read ({' '.join(str(error).split())})") from None
    if array.dtype.kind not in "biuf":
        raise BadInput(f"{file}: expected real numbers, got dtype {array.dtype}")
    return samples(array, str(file))


def _npy(file: Path) -> np.ndarray:
    return np.load(file, allow_pickle=False)


def _npz(file: Path) -> np.ndarray:
    with np.load(file, allow_pickle=False) as archive:
        return archive[_only(file, archive.files)]


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
    table = parquet.read_table(file)
    if table.num_columns == 1 and hasattr(table.schema.types[0], "value_type"):
        return np.array(table.column(0).to_pylist())
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
