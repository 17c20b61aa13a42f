"""Apply a mutant to a copy of the packages and see whether the tests notice."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory

from tests.mutants.catalogue import Mutant

ROOT = Path(__file__).parents[2]
COPIED = ("theory", "checks", "tests", "pyproject.toml", "README.md")
TIMEOUT = 180  # seconds; whoever hangs has noticed


class Outcome(StrEnum):
    """What became of a mutant. INVALID: its line is not there (once), or the tests fail without it as well."""

    KILLED = "killed"
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"
    INVALID = "invalid"


def applied(source: str, mutant: Mutant) -> str:
    """The source with the fault. Raises ValueError unless its line occurs exactly once."""
    if (found := source.count(mutant.old)) != 1:
        raise ValueError(f"{mutant.path} has {found} places with {mutant.old!r}, expected one")
    return source.replace(mutant.old, mutant.new)


def run(mutants: Sequence[Mutant], *, jobs: int = 2) -> Iterator[tuple[Mutant, Outcome]]:
    """The outcome of each mutant, in order. First the unbroken copy must pass whatever will be run."""
    with TemporaryDirectory() as folder:
        copies: Queue[Path] = Queue()
        for job in range(jobs):
            copies.put(copy_to(Path(folder, str(job))))
        with ThreadPoolExecutor(jobs) as pool:
            selections = sorted({mutant.tests for mutant in mutants})
            passing = dict(zip(selections, pool.map(lambda tests: _passes(copies, tests), selections)))
            yield from zip(mutants, pool.map(lambda mutant: _outcome(copies, mutant, passing), mutants))


def copy_to(folder: Path) -> Path:
    """A copy of the packages and tests."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def _outcome(copies: Queue[Path], mutant: Mutant, passing: dict[str, bool]) -> Outcome:
    if not passing[mutant.tests]:
        return Outcome.INVALID
    with _taken(copies) as copy:
        file = copy / mutant.path
        source = file.read_text()
        try:
            file.write_text(applied(source, mutant))
            survived = succeeds(copy, mutant.tests)
        except ValueError:
            return Outcome.INVALID
        finally:
            file.write_text(source)
    if not survived:
        return Outcome.KILLED
    return Outcome.EQUIVALENT if mutant.equivalent else Outcome.SURVIVED


def _passes(copies: Queue[Path], tests: str) -> bool:
    with _taken(copies) as copy:
        return succeeds(copy, tests)


@contextmanager
def _taken(copies: Queue[Path]) -> Iterator[Path]:
    copy = copies.get()
    try:
        yield copy
    finally:
        copies.put(copy)


def succeeds(copy: Path, tests: str) -> bool:
    """Whether the tests pass in a copy."""
    # No bytecode: two faults of equal length within a second look the same to its cache.
    settings = {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "SAELAWS_PROFILE": "dev"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not mutants"]
    try:
        done = subprocess.run(
            [*command, *shlex.split(tests)],
            cwd=copy,
            env=os.environ | settings,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
