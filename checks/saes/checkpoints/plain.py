"""A vanilla SAE as one .safetensors file, in the names and the orientation of SAELens.

    W_enc (d, k)   b_enc (k,)   W_dec (k, d)   b_dec (d,)

with z = ReLU((x − b_dec) W_enc + b_enc) and the reconstruction z W_dec + b_dec.

Metadata, all optional, are text: `lambda`, the sparsity coefficient in ½‖r‖² + λ Σ_j z_j‖d_j‖; `bias`, "false" if
b_dec was not trained; `apply_b_dec_to_input`, "false" if the encoder does not subtract b_dec. Tensors may be of any
real type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from checks.errors import BadInput
from checks.problem.instance import Array
from checks.saes.vanilla import SAE

TENSORS = ("W_enc", "b_enc", "W_dec", "b_dec")


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """An SAE with unit-norm atoms, and what its file says of its training.

    lam   the sparsity coefficient λ, None if nothing is said
    bias  whether b was trained
    norms of the atoms as they were in the file, (k,): codes are scaled by them, atoms by their inverse
    """

    sae: SAE
    lam: float | None
    bias: bool
    norms: Array


def arrays_of(sae: SAE) -> dict[str, Array]:
    """The tensors of an SAE's file."""
    return {"W_enc": sae.W_enc.T, "b_enc": sae.b_enc, "W_dec": sae.D.T, "b_dec": sae.b}


def metadata_of(lam: float, bias: bool) -> dict[str, str]:
    """The metadata of an SAE's file."""
    return {"lambda": repr(float(lam)), "bias": str(bool(bias)).lower(), "apply_b_dec_to_input": "true"}


def read(path: Path) -> Checkpoint:
    """Read an SAE. Raises BadInput if the file is missing, is none of these, or holds what is not finite."""
    tensors, said = _contents(path)
    missing = [name for name in TENSORS if name not in tensors]
    if missing:
        raise BadInput(f"{path}: not a vanilla SAE: it has no {', '.join(missing)}")
    for name in TENSORS:
        if not np.isfinite(tensors[name]).all():
            raise BadInput(f"{path}: {name} is not finite")
    W_enc, b_enc, W_dec, b_dec = (tensors[name] for name in TENSORS)
    if (
        W_dec.ndim != 2
        or W_enc.shape != W_dec.shape[::-1]
        or (b_enc.shape, b_dec.shape)
        != (
            W_dec.shape[:1],
            W_dec.shape[1:],
        )
    ):
        shapes = ", ".join(f"{name} {tensors[name].shape}" for name in TENSORS)
        raise BadInput(f"{path}: shapes do not fit (d, k), (k,), (k, d), (d,): {shapes}")
    if _flag(said, "apply_b_dec_to_input", path) is False:
        b_enc = b_enc + b_dec @ W_enc
    norms = np.linalg.norm(W_dec, axis=1)
    unit = np.where(norms > 0, norms, 1.0)  # an atom of no length reconstructs nothing: its code is made 0
    sae = SAE((W_enc * norms).T, b_enc * norms, (W_dec / unit[:, None]).T, b_dec)
    return Checkpoint(sae, _lambda(said, path), _flag(said, "bias", path) is not False, norms)


def _contents(path: Path) -> tuple[dict[str, Array], Mapping[str, str]]:
    import torch
    from safetensors import safe_open

    if not path.is_file():
        raise BadInput(f"{path}: no such file")
    try:
        with safe_open(path, framework="pt") as archive:
            names = [name for name in archive.keys() if name in TENSORS]  # noqa: SIM118
            tensors = {name: archive.get_tensor(name).to(torch.float64).numpy() for name in names}
            return tensors, archive.metadata() or {}
    except Exception as error:  # a damaged file raises whatever it likes
        raise BadInput(f"{path}: cannot be read as .safetensors ({' '.join(str(error).split())})") from None


def _flag(said: Mapping[str, str], name: str, path: Path) -> bool | None:
    value = said.get(name)
    if value not in (None, "true", "false"):
        raise BadInput(f"{path}: metadata {name} = {value!r}, expected true or false")
    return None if value is None else value == "true"


def _lambda(said: Mapping[str, str], path: Path) -> float | None:
    if "lambda" not in said:
        return None
    try:
        value = float(said["lambda"])
    except ValueError:
        value = np.nan
    if not (np.isfinite(value) and value >= 0):
        raise BadInput(f"{path}: metadata lambda = {said['lambda']!r}, expected a number ≥ 0")
    return value
