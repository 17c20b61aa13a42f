"""Samples that are made once and kept: a folder of shards that every command reads, with a manifest of its own.

A folder holds `00000.safetensors`, `00001.safetensors`, … with one float32 tensor x (n_i, d) each, and `manifest.json`:
what the samples depend on, n, d, their units (`checks.data.units`), the directions in which they do not vary, their
norms before, the versions that made them, and the SHA-256 of every shard and of the manifest itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checks.data import units
from checks.data.files import aside
from checks.data.units import Units
from checks.errors import BadInput
from checks.problem.instance import Array

SCHEMA = 1
MANIFEST = "manifest.json"
LOG = "progress.json"  # of shards that are made, with their checksums
MADE_WITH = ("numpy", "pillow", "safetensors", "scikit-learn", "tokenizers", "torch")
MAKING = 0.95  # about the share of the time until all shards are there as they come
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Recipe:
    """Samples that can be made again, shard by shard.

    facts: all that they depend on, as JSON; n samples of d numbers before they are in units of their own, in `shards`
    parts; shard(i): the part of number i, (n_i, d), the same whenever it is asked for; white: whether they are whitened
    or only scaled.
    """

    name: str
    facts: Mapping[str, Any]
    n: int
    d: int
    shards: int
    shard: Callable[[int], NDArray[np.floating[Any]]]
    white: bool

    @property
    def contents(self) -> dict[str, Any]:
        return {"name": self.name, **self.facts, "white": self.white}

    @property
    def digest(self) -> str:
        return hashlib.sha256(_json(self.contents)).hexdigest()


@dataclass(frozen=True)
class Manifest:
    """What is known of a folder of samples; `made_of` is the contents of its recipe."""

    folder: Path
    made_of: Mapping[str, Any]
    n: int
    d: int
    units: Units
    null_directions: Array
    norms: Mapping[str, float]

    def __str__(self) -> str:
        null = self.null_directions.shape[1]
        flat = f", {null} null {'direction' if null == 1 else 'directions'}" if null else ""
        norm = f"norms {self.norms['mean']:.4g} ± {self.norms['deviation']:.2g} before"
        return f"{self.n}×{self.d} {self.made_of['name']}, in units where the mean is 0 and E‖x‖² = d ({norm}){flat}"


def home() -> Path:
    """Where samples are kept if nothing else is said: $SAELAWS_CACHE, else `saelaws` in the user's cache folder."""
    if chosen := os.environ.get("SAELAWS_CACHE"):
        return Path(chosen).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "saelaws"


def kept(recipe: Recipe, folder: Path | None = None, progress: Progress = lambda what, share: None) -> Manifest:
    """The samples of a recipe, read if they are there and sound, else made. What was interrupted goes on.

    folder: where they are kept; a folder of their own below `home()` by default. Processes that want the same samples
    wait for one of them to make them.
    Raises BadInput, naming what is wrong, if the folder holds anything else, what is in it has changed, there is no
    room for it, it cannot be written, or the samples have no variance.
    """
    folder = folder or home() / f"{recipe.name}-{recipe.digest[:8]}"
    if _is_empty(folder):
        part = folder.with_name(f".{folder.name}.part")
        try:
            with _alone(part):
                if _is_empty(folder):  # nobody else has made them meanwhile
                    _make(recipe, folder, part, progress)
        except OSError as error:
            raise BadInput(f"{folder}: cannot be made ({error})") from None
        finally:
            if not (part / LOG).exists() or not _is_empty(folder):  # there is nothing to go on from
                shutil.rmtree(part, ignore_errors=True)
    found = verified(folder)
    if found.made_of != json.loads(_json(recipe.contents)):
        raise BadInput(f"{folder}: holds other samples than those asked for: choose another folder, or delete it")
    return found


def verified(folder: Path) -> Manifest:
    """The manifest of a folder, after comparing every shard with its checksum. Raises BadInput, naming the file."""
    file = folder / MANIFEST
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        digest = kept.pop("sha256")
        if kept["schema"] != SCHEMA:
            raise BadInput(f"{file}: schema {kept['schema']}, this version reads {SCHEMA}: {_anew(folder)}")
        if digest != hashlib.sha256(_json(kept)).hexdigest():
            raise BadInput(f"{file}: does not match its checksum: {_anew(folder)}")
    except FileNotFoundError:
        raise BadInput(f"{folder}: has no {MANIFEST}, so nothing is known of what it holds") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"{file}: cannot be read as a manifest ({error}): {_anew(folder)}") from None
    shards = kept["shards"]
    extra = {each.name for each in folder.glob("*.safetensors")} - {each["file"] for each in shards}
    if extra:
        raise BadInput(f"{folder / min(extra)}: is not in the manifest: {_anew(folder)}")
    for each in shards:
        if not (folder / each["file"]).is_file():
            raise BadInput(f"{folder / each['file']}: is missing: {_anew(folder)}")
        if _sha256(folder / each["file"]) != each["sha256"]:
            raise BadInput(f"{folder / each['file']}: does not match its checksum: {_anew(folder)}")
    null = np.array(kept["null_directions"]).reshape(-1, kept["d"]).T
    return Manifest(folder, kept["made_of"], kept["n"], kept["d"], Units.from_json(kept["units"]), null, kept["norms"])


def _is_empty(folder: Path) -> bool:
    if folder.exists() and not folder.is_dir():
        raise BadInput(f"{folder}: is a file, expected a folder")
    return not folder.exists() or not any(folder.iterdir())


def _make(recipe: Recipe, folder: Path, part: Path, progress: Progress) -> None:
    """Raw shards in a folder beside it, one by one; then the same in units of their own, moved into place as one."""
    part.mkdir(exist_ok=True)  # a process before this one may have failed, and left nothing
    _check_room(recipe, part)
    raw = _raw_shards(recipe, part, progress)
    finished = part / "finished"
    shutil.rmtree(finished, ignore_errors=True)
    finished.mkdir()
    manifest = _normalised(recipe, raw, finished, progress)
    _write(finished / MANIFEST, json.dumps(manifest, ensure_ascii=False).encode())
    if folder.exists():
        folder.rmdir()  # which is empty
    finished.replace(folder)


def _raw_shards(recipe: Recipe, part: Path, progress: Progress) -> list[Path]:
    """The shards as they come, those of an interrupted run among them as far as they match their checksums."""
    log = part / LOG
    done = _resumed(recipe, part, log)
    files = [part / f"{number:05d}.safetensors" for number in range(recipe.shards)]
    for number in range(len(done), recipe.shards):
        progress(f"shard {number + 1} of {recipe.shards}", MAKING * number / recipe.shards)
        _save(files[number], recipe.shard(number))
        done.append(_sha256(files[number]))
        _write(log, json.dumps({"digest": recipe.digest, "sha256": done}).encode())
    return files


def _resumed(recipe: Recipe, part: Path, log: Path) -> list[str]:
    try:
        found = json.loads(log.read_text(encoding="utf-8"))
        promised = found["sha256"] if found["digest"] == recipe.digest else []
    except (OSError, ValueError, KeyError, TypeError):
        promised = []
    sound: list[str] = []
    for number, digest in enumerate(promised):
        file = part / f"{number:05d}.safetensors"
        if not file.is_file() or _sha256(file) != digest:
            break
        sound.append(digest)
    return sound


def _normalised(recipe: Recipe, raw: list[Path], folder: Path, progress: Progress) -> dict[str, Any]:
    """Write the shards in units of their own, and say all that is known of them."""
    counts, sums, norms = zip(*((len(x), x.sum(axis=0), np.linalg.norm(x, axis=1)) for x in map(_load, raw)))
    n, mean = sum(counts), np.sum(sums, axis=0) / sum(counts)
    covariance = sum((x - mean).T @ (x - mean) for x in map(_load, raw)) / n
    own = (units.white if recipe.white else units.scaled)(mean, covariance)
    shards = []
    for number, file in enumerate(raw):
        progress("normalising", MAKING + (1.0 - MAKING) * number / len(raw))
        x = own.of(_load(file))
        _save(folder / file.name, x)
        shards.append({"file": file.name, "rows": len(x), "sha256": _sha256(folder / file.name)})
    d, length = x.shape[1], np.concatenate(norms)
    null = [] if recipe.white else units.null_directions(covariance).T.tolist()
    manifest = {
        "schema": SCHEMA,
        "made_of": recipe.contents,
        "made_with": _versions(),
        "n": n,
        "d": d,
        "dtype": "float32",
        "normalisation": "x = (raw − mean) · directions / deviations, E‖x‖² = d",
        "units": own.json(),
        "null_directions": null,
        "norms": {"mean": float(length.mean()), "deviation": float(length.std())},
        "shards": shards,
    }
    return manifest | {"sha256": hashlib.sha256(_json(manifest)).hexdigest()}


def _versions() -> dict[str, str]:
    found = {}
    for name in MADE_WITH:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _check_room(recipe: Recipe, folder: Path) -> None:
    needed = 2 * 4 * recipe.n * recipe.d  # as they come and in their own units, in float32
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise BadInput(f"{folder.parent}: {recipe.name} needs {needed / 1e6:.0f} MB, {free / 1e6:.0f} MB are free")


@contextmanager
def _alone(part: Path) -> Iterator[None]:
    """One process at a time; the lock goes with the process that holds it, however that ends."""
    part.mkdir(parents=True, exist_ok=True)
    with (part / "lock").open("w") as lock:
        try:
            import fcntl
        except ImportError:  # Windows: nothing waits there, and the last one to finish wins
            yield
        else:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _anew(folder: Path) -> str:
    return f"delete {folder} to have it made anew"


def _load(file: Path) -> Array:
    from safetensors.numpy import load_file

    return np.asarray(load_file(file)["x"], np.float64)


def _save(file: Path, x: NDArray[np.floating[Any]]) -> None:
    from safetensors.numpy import save

    _write(file, save({"x": np.ascontiguousarray(x, np.float32)}))


def _write(file: Path, contents: bytes) -> None:
    aside(file).write_bytes(contents)
    aside(file).replace(file)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _json(contents: Mapping[str, Any]) -> bytes:
    """One spelling of an object: what a checksum is of."""
    return json.dumps(contents, sort_keys=True, ensure_ascii=False).encode()
