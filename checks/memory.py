"""How much memory there is, before something large asks for more."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from checks.errors import BadInput

_CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # glibc's numbers for options of its heap
LARGEST_KEPT = 2**25  # bytes of the largest block that glibc can be told to have there


def available() -> float:
    """Bytes that this process can still have: of the machine, of its container and of its own limit; ∞ if unknown."""
    return min([float("inf"), *_of_the_machine(), *_of_the_container(), *_of_the_process()])


def check_fits(needed: float, what: str) -> None:
    """Raises BadInput if so many bytes are more than there are."""
    there = available()
    if needed > there:
        raise BadInput(f"{what} needs about {in_words(needed)} of memory, {in_words(there)} are available")


@contextmanager
def kept_when_freed() -> Iterator[None]:
    """The process keeps what it frees, in blocks of up to 32 MB, for a loop that soon wants it again.

    To get memory anew can take as long as what it is wanted for. What is left in the end goes back to the system. Where
    the C library is not glibc nothing changes.
    """
    try:
        library = ctypes.CDLL(None)
        set_option, give_back = library.mallopt, library.malloc_trim
    except (OSError, TypeError, AttributeError):
        yield
        return
    set_option(_MMAP_THRESHOLD, LARGEST_KEPT)
    set_option(_TRIM_THRESHOLD, 2**31 - 1)
    try:
        yield
    finally:
        set_option(_TRIM_THRESHOLD, 2 * LARGEST_KEPT)  # where it would be if left to grow with what is asked for
        give_back(0)


def in_words(size: float) -> str:
    """A number of bytes to two digits, such as 1.5 GB."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.5:
            return f"{size:.2g} {unit}" if size < 99.5 else f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.2g} TB" if size < 99.5 else f"{size:.0f} TB"


def _of_the_machine() -> list[float]:
    with suppress(OSError, StopIteration), open("/proc/meminfo", encoding="ascii") as lines:
        return [1024.0 * int(next(line.split()[1] for line in lines if line.startswith("MemAvailable")))]
    with suppress(OSError, ValueError, AttributeError):  # where there is no /proc: what is built in
        return [float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))]
    return []


def _of_the_container() -> list[float]:
    found = []
    for limit, used in _CGROUPS:
        with suppress(OSError, ValueError):  # no such limit, or "max"
            found.append(float(int(Path(limit).read_text()) - int(Path(used).read_text())))
    return found


def _of_the_process() -> list[float]:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return []
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return []
    with suppress(OSError):
        return [float(limit - resource.getpagesize() * int(Path("/proc/self/statm").read_text().split()[0]))]
    return [float(limit)]
