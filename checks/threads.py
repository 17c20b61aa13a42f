"""One thread for small problems: several wait for each other longer than they work, most of all beside other jobs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from threadpoolctl import threadpool_limits

SMALL = 2**20  # entries of the codes, up to which one thread is at least as fast as two


@contextmanager
def one_thread(entries: int = 0) -> Iterator[None]:
    """Numerical libraries with one thread, unless an array of so many entries is worth more; then as they are set."""
    if entries > SMALL:
        yield
        return
    torch = sys.modules.get("torch")  # to import it takes longer than many a problem
    before = torch.get_num_threads() if torch else 1
    with threadpool_limits(1):
        try:
            if torch:
                torch.set_num_threads(1)
            yield
        finally:
            if torch:
                torch.set_num_threads(before)


Mapped = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


@contextmanager
def side_by_side(tasks: int, entries: int) -> Iterator[Mapped]:
    """A map over independent tasks of so many entries in all: as many at a time as torch has threads, each on its own.

    Where there are too few of them, or they are small, it is Python's map, and threads are as `one_thread` has them.
    """
    import torch

    threads = torch.get_num_threads()
    if not (threads > 1 and tasks >= threads and entries > SMALL):
        with one_thread(entries):
            yield map
        return
    with one_thread(), ThreadPoolExecutor(threads) as pool:
        yield pool.map
