"""An SAE as SAELens 6 saves it: a folder with cfg.json and sae_weights.safetensors.

Its architectures are ours by another name, with λ half of its l1_coefficient, as its squared error has no ½:

    standard    norm-weighted, its atoms free in norm
    topk        top-k; where codes are rescaled by the norms of atoms, these are folded in
    jumprelu    JumpReLU, also what it makes of a batch-top-k or Matryoshka SAE for use
    gated       gated

What trains on other data than it is used on (`normalize_activations`), another power than 1 (`lp_norm`), and earlier
versions, whose losses differ, are refused. Reference: decoderesearch/SAELens, `sae_lens/saes` at 6.54.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from checks.errors import BadInput
from checks.problem.instance import Array
from checks.saes.checkpoints.plain import Checkpoint, contents, own
from checks.saes.sae import SAE, architecture, with_unit_atoms

CONFIGURATION, WEIGHTS = "cfg.json", "sae_weights.safetensors"
NAMES = {"standard": "norm-weighted", "topk": "top-k", "jumprelu": "jumprelu", "gated": "gated"}
VERSION = 6  # the first whose losses these are


def is_one(path: Path) -> bool:
    return path.is_dir() and (path / CONFIGURATION).exists()


def read(path: Path) -> Checkpoint:
    """Read an SAE from its folder. Raises BadInput if a file is missing or damaged, or the SAE is none of these."""
    said = _configuration(path / CONFIGURATION)
    tensors, _ = contents(path / WEIGHTS)
    try:
        _refuse(said)
        settings = {"tied": bool(said.get("apply_b_dec_to_input", True))}
        kind = architecture(NAMES[said["architecture"]], settings | ({"K": said["k"]} if "k" in said else {}))
        sae = SAE(kind, own(tensors, kind))
        if said.get("rescale_acts_by_decoder_norm"):
            sae = SAE(kind, _folded(sae.tensors))
        _check_size(said, *sae.D.shape)
        kind.check(sae.D.shape[1])
        unit, norms = with_unit_atoms(sae)
        return Checkpoint(unit, _lambda(said), True, norms)
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from None


def _configuration(file: Path) -> dict[str, Any]:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{file}: cannot be read ({' '.join(str(error).split())})") from None
    if not isinstance(said, dict):
        raise BadInput(f"{file}: expected an object in JSON")
    return said


def _refuse(said: Mapping[str, Any]) -> None:
    """Raises BadInput for an SAE whose codes or loss would be taken for others."""
    version = str(_metadata(said).get("sae_lens_version", "none"))
    if not (version.split(".")[0].isdigit() and int(version.split(".")[0]) >= VERSION):
        raise BadInput(f"sae_lens_version is {version}, expected {VERSION} or later")
    if said.get("architecture") not in tuple(NAMES):  # which compares, as what JSON says may have no hash
        raise BadInput(f"architecture {said.get('architecture')!r}: those that are read are {', '.join(NAMES)}")
    if said.get("normalize_activations", "none") != "none":
        raise BadInput(f"normalize_activations is {said['normalize_activations']!r}, expected 'none'")
    if _training(said).get("lp_norm", 1) != 1:
        raise BadInput(f"lp_norm is {_training(said)['lp_norm']}, expected 1")


def _check_size(said: Mapping[str, Any], d: int, k: int) -> None:
    """Raises BadInput if the tensors are not those that the configuration speaks of."""
    for name, size in (("d_in", d), ("d_sae", k)):
        if said.get(name, size) != size:
            raise BadInput(f"{name} is {said[name]!r}, but its W_dec has shape {(k, d)}: weights of another SAE?")


def _metadata(said: Mapping[str, Any]) -> Mapping[str, Any]:
    found = said.get("metadata")
    return found if isinstance(found, dict) else {}


def _training(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """How it was trained, which an SAE that is saved for use has among its metadata."""
    found = _metadata(said).get("training_architecture_details")
    return {**(found if isinstance(found, dict) else {}), **said}


def _lambda(said: Mapping[str, Any]) -> float | None:
    """λ of ½‖r‖² + λ Σ_j ‖d_j‖ z_j, from ‖r‖² + l1_coefficient Σ_j ‖d_j‖ z_j; the others have none that codes pay."""
    coefficient = _training(said).get("l1_coefficient") if said["architecture"] == "standard" else None
    if coefficient is None:
        return None
    if isinstance(coefficient, bool) or not isinstance(coefficient, int | float) or not 0 <= coefficient < math.inf:
        raise BadInput(f"l1_coefficient is {coefficient!r}, expected a number ≥ 0")
    return coefficient / 2


def _folded(tensors: Mapping[str, Array]) -> dict[str, Array]:
    """The same reconstructions with codes times the norms of their atoms, by which the largest are chosen."""
    norms = np.linalg.norm(tensors["W_dec"], axis=1)
    atoms = tensors["W_dec"] / np.where(norms > 0, norms, 1.0)[:, None]
    return {**tensors, "W_enc": tensors["W_enc"] * norms, "b_enc": tensors["b_enc"] * norms, "W_dec": atoms}
