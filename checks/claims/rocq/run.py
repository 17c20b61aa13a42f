"""Files of Rocq, compiled by `coqc`: the kernel of the proof assistant decides, and names the axioms that were used."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from checks.claims.rocq.emit import NOT_WRITTEN, emitted, name_of
from checks.claims.rocq.translate import NotWritable
from checks.errors import BadInput, MissingExtra
from theory.statement import Statement, discover
from theory.theorem import Documented

LIBRARY = "SaeLaws"
FILES = ("Sums.v", "Quantities.v")  # what statements import, in the order of compilation
PACKAGES = "coq libcoq-mathcomp-algebra libcoq-mathcomp-algebra-tactics"
CLOSED = "Closed under the global context"
NOT_BY_HAND = "no proof of it is written in Rocq"
TIMEOUT = 600.0  # seconds for one file
TOGETHER = 8  # statements in one file, where many are asked about

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Checked:
    """What Rocq says of one statement.

    theorems  how many of its relations are proved, each for all n, d and k
    axioms    what they rest on beside their hypotheses: nothing, if all is well
    reason    why nothing is proved: what is not written, or what Rocq refuses
    refused   whether Rocq was asked, and said no
    """

    theorems: int = 0
    axioms: tuple[str, ...] = ()
    reason: str = ""
    refused: bool = False
    seconds: float = 0.0

    @property
    def proved(self) -> bool:
        return bool(self.theorems) and not self.axioms


def coqc() -> str:
    """The path of the compiler. Raises MissingExtra if there is none."""
    found = shutil.which("coqc")
    if found is None:
        raise MissingExtra(f"--rocq needs coqc with MathComp: apt-get install {PACKAGES}")
    return found


def version() -> str:
    """Such as 8.16.1."""
    said = subprocess.run([coqc(), "--print-version"], capture_output=True, text=True, check=True).stdout
    return said.split()[0]


def source(name: str) -> str:
    """A file that is written by hand. Raises OSError if there is none."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


@contextmanager
def library() -> Iterator[Path]:
    """A folder with what statements import, compiled. Raises MissingExtra if MathComp is not there."""
    with tempfile.TemporaryDirectory() as folder:
        for name in FILES:
            (Path(folder) / name).write_text(source(name), encoding="utf-8")
            done = _compile(Path(folder), name)
            if done.returncode:
                raise MissingExtra(
                    f"--rocq: {name} does not compile; is MathComp there? apt-get install {PACKAGES} "
                    f"({_first_error(done.stderr)})"
                )
        yield Path(folder)


def check(
    statements: Sequence[Statement],
    theorems: Sequence[Documented] = (),
    progress: Progress = lambda what, fraction: None,
    jobs: int | None = None,
) -> tuple[list[Checked], list[Checked]]:
    """What Rocq says of statements, and of theorems. Raises MissingExtra where it, or MathComp, is not installed.

    jobs: how many files are compiled at a time; as many as there are processors if nothing is said.
    """
    groups = [statements[start : start + TOGETHER] for start in range(0, len(statements), TOGETHER)]
    done = 0

    def one(group: Sequence[Statement]) -> list[Checked]:
        nonlocal done
        found = check_together(folder, group)
        done += len(group)
        progress(group[-1].id, done / (len(statements) + len(theorems)))
        return found

    with library() as folder, ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        found = list(chain.from_iterable(pool.map(one, groups)))
        return found, [check_theorem(folder, theorem) for theorem in theorems]


def check_together(folder: Path, statements: Sequence[Statement]) -> list[Checked]:
    """What Rocq says of several statements, in one file, as to load MathComp takes longer than most proofs.

    If it is not content with all of them, each is asked about alone.
    """
    written = {statement.id: text for statement in statements if (text := _written(statement))}
    if len(written) < 2:
        return [check_in(folder, statement) for statement in statements]
    modules = (f"Module Of_{place}.\n{text}End Of_{place}.\n" for place, text in enumerate(written.values()))
    together = check_text(folder, f"{name_of(statements[0])}_on", "".join(modules))
    if not together.proved:
        return [check_in(folder, statement) for statement in statements]
    seconds = together.seconds / len(written)
    return [
        Checked(_theorems(written[each.id]), seconds=seconds) if each.id in written else check_in(folder, each)
        for each in statements
    ]


def _written(statement: Statement) -> str:
    """The file of a statement; empty if it is not written."""
    try:
        return _emitted(statement)
    except NOT_WRITTEN:
        return ""


def _theorems(text: str) -> int:
    """How many theorems a file asks about."""
    return text.count("\nPrint Assumptions ")


def check_theorem(folder: Path, theorem: Documented) -> Checked:
    """What Rocq says of a theorem whose proof is written by hand, on top of the files of its lemmas."""
    try:
        text = source(f"{theorem.id}.v")
    except OSError:
        return Checked(reason=NOT_BY_HAND)
    for statement in theorem.lemmas:
        lemma = next(each for each in discover() if each.claims == statement.claims)
        if _imports(text, lemma.id) and not (folder / f"{lemma.id}.vo").exists():
            found = check_in(folder, lemma)
            if not found.proved:
                return Checked(reason=f"{lemma.id}: {found.reason}", refused=found.refused)
    return check_text(folder, theorem.id, text)


def _imports(text: str, name: str) -> bool:
    return bool(re.search(rf"^From {LIBRARY} Require .*\b{name}\b", text, re.MULTILINE))


def names_of(statements: Sequence[Statement], theorems: Sequence[Documented]) -> list[str]:
    """The files that `write` may write."""
    return [*FILES, *(f"{name_of(each)}.v" for each in statements), *(f"{each.id}.v" for each in theorems)]


def write(statements: Sequence[Statement], theorems: Sequence[Documented], folder: Path) -> list[str]:
    """Write the files of statements, of theorems and of what they import.

    Says in a line each what is not written, and how to compile them.

    Raises BadInput where the folder cannot be written.
    """
    texts: dict[str, str] = {name: source(name) for name in FILES}
    said = []
    for statement in statements:
        try:
            texts[f"{name_of(statement)}.v"] = _emitted(statement)
        except NOT_WRITTEN as error:
            said.append(f"{statement.id}: {error}")
    for theorem in theorems:
        with suppress(OSError):
            texts[f"{theorem.id}.v"] = source(f"{theorem.id}.v")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{folder}: cannot be written ({error.strerror})") from None
    first = " && ".join(f"coqc -Q . {LIBRARY} {name}" for name in FILES)
    return [*said, f"{len(texts)} files in {folder}: {first}, then the others alike, theorems last"]


def _emitted(statement: Statement) -> str:
    if not statement.proofs:
        raise NotWritable("it has no certificate")
    return emitted(statement)


def check_in(folder: Path, statement: Statement) -> Checked:
    """What Rocq says of one statement, with its library compiled in a folder."""
    try:
        text = _emitted(statement)
    except NOT_WRITTEN as error:
        return Checked(reason=str(error))
    return check_text(folder, name_of(statement), text)


def check_text(folder: Path, name: str, text: str) -> Checked:
    """What Rocq says of a file, which asks of each of its theorems what it rests on."""
    theorems = _theorems(text)
    start = time.perf_counter()
    (folder / f"{name}.v").write_text(text, encoding="utf-8")
    try:
        done = _compile(folder, f"{name}.v")
    except subprocess.TimeoutExpired:
        return Checked(reason=f"not done within {TIMEOUT:.0f} s", seconds=time.perf_counter() - start)
    seconds = time.perf_counter() - start
    if done.returncode:
        return Checked(reason=_first_error(done.stderr), refused=True, seconds=seconds)
    found = axioms(done.stdout)
    if not found and not 0 < theorems == done.stdout.count(CLOSED):
        return Checked(reason="it does not say what each theorem rests on", refused=True, seconds=seconds)
    said = f"it rests on {', '.join(found)}" if found else ""
    return Checked(theorems, found, reason=said, refused=bool(found), seconds=seconds)


def _compile(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    command = [coqc(), "-w", "none", "-Q", str(folder), LIBRARY, str(folder / name)]
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)


def axioms(said: str) -> tuple[str, ...]:
    """The names after `Axioms:` in what `Print Assumptions` prints."""
    sections = re.findall(r"^Axioms:\n(.*?)(?=^Axioms:|^Closed|\Z)", said, re.MULTILINE | re.DOTALL)
    return tuple(dict.fromkeys(name for each in sections for name in re.findall(r"^([^\s:]+)", each, re.MULTILINE)))


def _first_error(said: str) -> str:
    """Where Rocq stops, and why, on one line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    place = next((re.sub(r'File ".*?([^/"]*)"', r"\1", line) for line in lines if line.startswith("File ")), "")
    why = " ".join(line for line in lines if not line.startswith("File "))
    return f"{place} {why[:300]}".strip()
