"""How much memory a training run needs, and whether it is there."""

from __future__ import annotations

from pathlib import Path

import torch

from checks.errors import BadInput
from checks.memory import LARGEST_KEPT
from checks.saes.source import BLOCK, Source

CODES = 5  # arrays of codes that live at once, at most: pre-activations, codes, their slope and two more
FREED = 3  # of them that the process keeps besides, where no new one fits, as far as it keeps blocks of their size
COPIES = 6  # of the parameters: themselves, gradients, two moments, a mean and one in the making
SQUARES = 7  # arrays (k, k) of a refit, at most: moments, their problem in two units, a factor and what is beside it
GIB = 2**30


def needed(source: Source, k: int, members: int, batch: int | None, refit: bool, itemsize: int = 4) -> int:
    """Bytes at the peak of a run, about; each thread has codes of a member of its own."""
    n = source.n if batch is None else batch
    parameters = COPIES * members * 2 * k * source.d * itemsize
    codes = min(members, torch.get_num_threads()) * (CODES * n * k + 3 * n * source.d) * itemsize
    freed = FREED * n * k * itemsize if n * k * itemsize <= LARGEST_KEPT else 0
    moments = 8 * (SQUARES * k * k + CODES * BLOCK * k) if refit else 0
    held = 2 * source.held  # as they are, and in units of their own
    return held + parameters + codes + freed + moments


def available(device: str) -> int:
    """Bytes that are free on a device."""
    if torch.device(device).type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    limits = [_of_machine(), *_of_container()]
    return min((limit for limit in limits if limit is not None), default=2**63)


def _of_machine() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)


def _of_container() -> list[int]:
    folder = Path("/sys/fs/cgroup")
    try:
        limit, used = ((folder / name).read_text(encoding="ascii").strip() for name in ("memory.max", "memory.current"))
    except OSError:
        return []
    return [] if limit == "max" else [int(limit) - int(used)]


def is_large(bytes_needed: int) -> bool:
    """Whether it is worth a word."""
    return bytes_needed > GIB / 10


def checked(bytes_needed: int, device: str, remedy: str = "lower --batch or --k") -> str:
    """The estimate in words. Raises BadInput, with the remedy, if there is not as much."""
    free = available(device)
    said = f"about {bytes_needed / GIB:.2f} GiB of memory"
    if bytes_needed > free:
        raise BadInput(f"needs {said}, {free / GIB:.2f} GiB are free on {device}: {remedy}")
    return said
