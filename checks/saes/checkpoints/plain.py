"""An SAE as one .safetensors file, in the names and the orientation of SAELens: what `saelaws train` writes.

    W_enc (d, k)   b_enc (k,)   W_dec (k, d)   b_dec (d,)   and what else its architecture has, (k,) or (1,)

Metadata, all optional, are text:

    architecture          its name, "vanilla" if there is none, and `settings`, its own as JSON
    apply_b_dec_to_input  "false" if the encoder sees x rather than x − b_dec; else as is usual for the architecture
    lambda                the sparsity coefficient λ of its objective (`theory.problem`)
    bias                  "false" if b_dec was not trained

Whatever else they say, such as the seed and the versions of a training, is for people. Tensors may be of any real type.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from checks.data.files import aside
from checks.errors import BadInput
from checks.problem.instance import Array
from checks.saes.sae import SAE, Architecture, architecture, with_unit_atoms

VANILLA = "vanilla"
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """An SAE, with unit-norm atoms where its objective wants them, and what its file says of its training.

    lam   the sparsity coefficient λ, None if nothing is said
    bias  whether b was trained
    norms of the atoms as they were in the file, (k,)
    """

    sae: SAE
    lam: float | None
    bias: bool
    norms: Array


def write(path: Path, sae: SAE, lam: float | None, bias: bool, more: Mapping[str, str] = NOTHING) -> None:
    """Write an SAE, its λ if it has one, and more metadata. Raises BadInput if the file cannot be written."""
    kind = sae.architecture
    settings = {name: value for name, value in kind.settings.items() if name != "tied"}
    said = {
        "architecture": kind.name,
        "settings": json.dumps(settings),
        "apply_b_dec_to_input": _word(kind.tied),
        "bias": _word(bias),
    }
    save(path, sae.saved, said | ({} if lam is None else {"lambda": repr(float(lam))}) | dict(more))


def save(path: Path, tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> None:
    """Write .safetensors. Raises BadInput if the file cannot be written."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    # The format stores memory as it lies, so that a transposed array would be read as another one.
    laid_out = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    beside = aside(path)
    try:
        save_file(laid_out, beside, metadata=dict(metadata))
        beside.replace(path)
    except (OSError, SafetensorError) as error:
        beside.unlink(missing_ok=True)
        raise BadInput(f"{path}: cannot be written ({error})") from None


def is_one(path: Path) -> bool:
    return path.is_file() and path.suffix == ".safetensors"


def read(path: Path) -> Checkpoint:
    """Read an SAE. Raises BadInput if the file is missing, is none of these, or holds what is not finite."""
    tensors, said = contents(path)
    try:
        kind = _architecture(said)
        sae = SAE(kind, own(tensors, kind))
        kind.check(sae.D.shape[1])
        unit, norms = with_unit_atoms(sae)
        return Checkpoint(unit, _lambda(said), _flag(said, "bias") is not False, norms)
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from None


def contents(path: Path) -> tuple[dict[str, Array], Mapping[str, str]]:
    """Tensors of a .safetensors file as float64, and its metadata. Raises BadInput if it cannot be read."""
    import torch
    from safetensors import safe_open

    if path.is_dir():
        raise BadInput(f"{path}: is a folder without cfg.json: expected one that SAELens saved, or a .safetensors file")
    if not path.is_file():
        raise BadInput(f"{path}: no such file")
    if path.suffix != ".safetensors":
        raise BadInput(f"{path}: expected .safetensors, the only kind of file that is read: pickles can run code")
    try:
        with safe_open(path, framework="pt") as archive:
            tensors = {name: archive.get_tensor(name).to(torch.float64).numpy() for name in archive.keys()}  # noqa: SIM118
            return tensors, archive.metadata() or {}
    except Exception as error:  # a damaged file raises whatever it likes
        raise BadInput(f"{path}: cannot be read as .safetensors ({' '.join(str(error).split())})") from None


def own(tensors: Mapping[str, Array], kind: Architecture) -> dict[str, Array]:
    """The tensors that an architecture has, among those of a file."""
    if missing := [name for name in kind.tensors if name not in tensors]:
        raise BadInput(f"not a {kind.name} SAE: it has no {', '.join(missing)}")
    for name in kind.tensors:
        if not np.isfinite(tensors[name]).all():
            raise BadInput(f"{name} is not finite")
    return {name: tensors[name] for name in kind.tensors}


def _architecture(said: Mapping[str, str]) -> Architecture:
    tied = _flag(said, "apply_b_dec_to_input")
    try:
        settings: Any = json.loads(said.get("settings", "{}"))
    except json.JSONDecodeError:
        settings = None
    if not isinstance(settings, dict):
        raise BadInput(f"metadata settings = {said['settings']!r}, expected an object in JSON")
    return architecture(said.get("architecture", VANILLA), settings | ({} if tied is None else {"tied": tied}))


def _flag(said: Mapping[str, str], name: str) -> bool | None:
    value = said.get(name)
    if value not in (None, "true", "false"):
        raise BadInput(f"metadata {name} = {value!r}, expected true or false")
    return None if value is None else value == "true"


def _word(flag: bool) -> str:
    return str(bool(flag)).lower()


def _lambda(said: Mapping[str, str]) -> float | None:
    if "lambda" not in said:
        return None
    try:
        value = float(said["lambda"])
    except ValueError:
        value = np.nan
    if not (np.isfinite(value) and value >= 0):
        raise BadInput(f"metadata lambda = {said['lambda']!r}, expected a number ≥ 0")
    return value
