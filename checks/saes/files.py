"""A trained SAE as a .safetensors file, in the names and the orientation of the field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from checks.errors import BadInput
from checks.saes.sae import SAE, architecture


def write(file: Path, sae: SAE, metadata: Mapping[str, str] | None = None) -> None:
    """W_enc (d, k), W_dec (k, d), b_enc (k,), b_dec (d,) and whatever else it has; metadata say which architecture.

    Raises BadInput if the file cannot be written.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    said = {"architecture": sae.architecture.name, "settings": json.dumps(sae.architecture.settings)}
    # The format stores memory as it lies, so that a transposed array would be read as another one.
    laid_out = {name: np.ascontiguousarray(tensor) for name, tensor in sae.tensors.items()}
    try:
        save_file(laid_out, file, metadata={**said, **(metadata or {})})
    except (OSError, SafetensorError) as error:
        raise BadInput(f"{file}: cannot be written ({error})") from None


def read(file: Path) -> SAE:
    """What `write` wrote. Raises BadInput if the file is missing, damaged, or says of no architecture."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="numpy") as opened:
            said = opened.metadata() or {}
            tensors = {name: np.asarray(opened.get_tensor(name), dtype=np.float64) for name in opened.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise BadInput(f"{file}: cannot be read ({error})") from None
    if "architecture" not in said or "W_dec" not in tensors:
        raise BadInput(f"{file}: does not say of which architecture it is; expected a file that saelaws train wrote")
    return SAE(architecture(said["architecture"], json.loads(said.get("settings", "{}"))), tensors)
