"""What an array is, without importing torch, which takes longer than most of what is computed here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor


def is_tensor(x: object) -> TypeGuard[Tensor]:
    """Whether x is a torch tensor."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(x, torch.Tensor)


def in_double(values: Any) -> Any:
    """The same numbers in float64, where they are."""
    return values.double() if is_tensor(values) else np.asarray(values, dtype=np.float64)


def on_the_processor(values: Any) -> Any:
    """A float64 numpy array of the same numbers."""
    return values.detach().double().cpu().numpy() if is_tensor(values) else np.asarray(values, dtype=np.float64)
