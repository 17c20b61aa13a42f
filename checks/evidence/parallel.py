"""One function on many tasks: here, on local processes or on a Dask cluster. Results come as they are done.

Statements hold functions, and so are never sent: a worker discovers them in the same folders, and makes sure by their
fingerprints that they are the same, as is its code. Numerical libraries use one thread everywhere, so that no figure
depends on the number of cores.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from warnings import catch_warnings, filterwarnings

from checks.errors import BadInput, MissingExtra
from checks.evidence.fingerprint import code, fingerprint
from checks.threads import one_thread
from theory.statement import Statement, discover

T = TypeVar("T")
R = TypeVar("R")
Progress = Callable[[str, float], None]  # (what is being done, fraction of the whole)
Work = Callable[[Sequence[Statement], T, Progress], R]


@dataclass(frozen=True)
class Workers:
    """Where tasks run: in this process if it is one job, else on so many, or on the Dask cluster at an address.

    folders: where statements are found besides the package's own.
    """

    jobs: int = 1
    cluster: str | None = None
    folders: tuple[Path, ...] = ()


HERE = Workers()
REACH = 10.0  # seconds within which a cluster must answer


def scattered(
    work: Work[T, R],
    tasks: Sequence[tuple[Sequence[Statement], T]],
    workers: Workers = HERE,
    progress: Progress = lambda what, fraction: None,
) -> Iterator[tuple[int, R]]:
    """(position, work(statements, task)) of each task, in the order in which they are done.

    progress is called from within the work, with fractions of that task, only in this process.
    """
    if workers.cluster is None and workers.jobs == 1:
        for position, (statements, task) in enumerate(tasks):
            with one_thread():
                done = work(statements, task, progress)
            yield position, done
    elif tasks:
        yield from _elsewhere(work, tasks, workers)


def _elsewhere(
    work: Work[T, R], tasks: Sequence[tuple[Sequence[Statement], T]], workers: Workers
) -> Iterator[tuple[int, R]]:
    from joblib import Parallel, delayed

    sender = Sender(code(), workers.folders, os.getpid() if workers.cluster is None else None)
    calls = (
        delayed(_remote)(sender, position, work, {each.id: fingerprint(each) for each in statements}, task)
        for position, (statements, task) in enumerate(tasks)
    )
    with _backend(workers):
        # One task at a time to each: then no more is lost with a process than it was working on.
        parallel = Parallel(workers.jobs, batch_size=1, max_nbytes=None, return_as="generator_unordered")
        yield from _without_advice(parallel(calls))


def _without_advice(results: Generator[R]) -> Iterator[R]:
    """The same without the warning that joblib gives to whoever interrupts: it is not the user's code."""
    end = object()
    try:
        while True:
            with _quiet():
                found = next(results, end)
            if found is end:
                return
            yield found  # type: ignore[misc]
    finally:
        with _quiet():
            results.close()


@contextmanager
def _quiet() -> Iterator[None]:
    with catch_warnings():
        filterwarnings("ignore", ".*have been cancelled", UserWarning)
        yield


@dataclass(frozen=True)
class Sender:
    """Who sends tasks: the fingerprint of its code, its folders of statements, and its process if it is on this
    machine."""

    code: str
    folders: tuple[Path, ...]
    process: int | None


def _remote(sender: Sender, position: int, work: Work[T, R], fingerprints: Mapping[str, str], task: T) -> tuple[int, R]:
    if sender.process is not None:
        _leave_with(sender.process)
    if sender.code != code():
        raise BadInput("a worker runs another version of this code, or of what it computes with")
    statements = _same(sender.folders, tuple(fingerprints.items()))
    with one_thread():
        return position, work(statements, task, lambda what, fraction: None)


@cache
def _same(folders: tuple[Path, ...], fingerprints: tuple[tuple[str, str], ...]) -> list[Statement]:
    """The statements of these ids and fingerprints. Raises BadInput if one is not there, or another one."""
    known = {statement.id: statement for statement in discover(folders)}
    for identifier, made in fingerprints:
        if identifier not in known or fingerprint(known[identifier]) != made:
            raise BadInput(f"a worker does not find statement {identifier} as it is here: restart it, or send the file")
    return [known[identifier] for identifier, _ in fingerprints]


@cache
def _leave_with(parent: int) -> None:
    """Let this process end soon after its parent, however that ends."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _backend(workers: Workers) -> Iterator[None]:
    """Local processes that end with the call, or the cluster at the address. Raises BadInput if it is not there."""
    from joblib import parallel_config

    if workers.cluster is None:
        with parallel_config("loky", inner_max_num_threads=1), catch_warnings():
            filterwarnings("ignore", "A worker stopped while", UserWarning)  # it grew, and is replaced
            try:
                yield
            finally:
                _stop_processes()
        return
    client = _client(workers.cluster)
    try:
        with parallel_config("dask", client=client, wait_for_workers_timeout=30):
            yield
    finally:
        client.close()


def _stop_processes() -> None:
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True, kill_workers=True)


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise MissingExtra("--cluster needs Dask: pip install 'sae-laws[cluster]'") from None
    try:
        return Client(address, timeout=REACH, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise BadInput(f"--cluster {address}: cannot be reached ({str(error).splitlines()[0]})") from None
