"""The input checks of `checks.problem.instance` for torch tensors, and where tensors are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from checks.errors import BadInput

T = TypeVar("T")


def usable(device: str, dtype: torch.dtype) -> torch.device:
    """The device, if it can hold numbers of that type. Raises BadInput otherwise."""
    try:
        torch.zeros(1, dtype=dtype, device=device).item()
    except (RuntimeError, AssertionError, NotImplementedError, TypeError) as error:
        raise BadInput(f"device {device!r} cannot be used: {str(error).splitlines()[0]}") from None
    return torch.device(device)


def on_one_device(x: Tensor, /, **others: Any) -> None:
    """Raises BadInput, by its name, for a tensor (also in a tuple) that is not where x is."""
    for name, values in others.items():
        for each in values if isinstance(values, tuple) else (values,):
            if isinstance(each, Tensor) and each.device != x.device:
                raise BadInput(f"{name} is on device {each.device}, the samples are on {x.device}")


def shared(values: Any) -> Any:
    """A tensor (or each of a tuple) as a float64 array, in the same memory if it can be; anything else as it is."""
    if isinstance(values, tuple):
        return tuple(map(shared, values))
    return values.detach().to("cpu", torch.float64).numpy() if isinstance(values, Tensor) else values


def by_the_processor(solver: Callable[..., T], arguments: Mapping[str, Any]) -> T:
    """What a solver for arrays finds, given tensors: its arrays as tensors on the device of the first one."""
    tensors = {name: value for name, value in arguments.items() if isinstance(value, Tensor)}
    first = next(iter(tensors.values()))
    on_one_device(first, **tensors)
    return placed(solver(**{name: shared(value) for name, value in arguments.items()}), first.device)


def placed(found: Any, device: torch.device) -> Any:
    """An array, or the arrays of a dataclass or a list, as tensors on a device; anything else as it is."""
    if isinstance(found, np.ndarray):
        return torch.from_numpy(found).to(device)
    if isinstance(found, list):
        return [placed(each, device) for each in found]
    if is_dataclass(found) and not isinstance(found, type):
        return replace(found, **{each.name: placed(getattr(found, each.name), device) for each in fields(found)})
    return found


def samples_of(values: Any, name: str, like: Tensor) -> Tensor:
    """`checks.problem.instance.samples` as a tensor on the device of another."""
    try:
        values = torch.as_tensor(values, dtype=torch.float64, device=like.device).detach().contiguous()
    except (TypeError, ValueError, RuntimeError) as error:
        raise BadInput(f"{name}: not a numeric array ({error})") from None
    if values.ndim != 2 or 0 in values.shape:
        raise BadInput(f"{name}: expected samples as rows of a 2-d array, got shape {tuple(values.shape)}")
    bad = (~values.isfinite()).any(dim=1)
    if bad.any():
        first, count = int(bad.nonzero()[0]), int(bad.sum())
        raise BadInput(f"{name}: {count} of {len(values)} rows are not finite, the first is row {first}")
    return values


def per_sample_of(values: Any, name: str, x: Tensor) -> Tensor:
    """`checks.problem.instance.per_sample` as a tensor where the samples x are."""
    values = torch.as_tensor(values, dtype=torch.float64, device=x.device).detach()
    values = values.expand(len(x)).contiguous() if values.ndim == 0 else values
    if values.shape != x.shape[:1]:
        raise BadInput(f"{name}: expected a number or {len(x)} of them, got shape {tuple(values.shape)}")
    bad = ~(values.isfinite() & (values >= 0))
    if bad.any():
        first = int(bad.nonzero()[0])
        raise BadInput(f"{name} = {float(values[first])} at sample {first}: it must be finite and ≥ 0")
    return values


def weights_of(values: Any, x: Tensor) -> Tensor:
    """The weights of the samples x, which sum to 1."""
    values = x.new_ones(len(x)) if values is None else per_sample_of(values, "weights", x)
    if not values.sum() > 0:
        raise BadInput("weights: all are zero")
    return values / values.sum()
