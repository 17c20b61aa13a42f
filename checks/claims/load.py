"""Statements and theorems of other people, loaded with errors that are one line: which file, which line, what is wrong.

A statement file is a program, so that it can raise anything; and its claim may be a valid expression that no point has
a value for.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from checks.errors import BadInput
from theory.statement import Statement, discover, unwritten
from theory.theorem import Documented, discover_theorems
from theory.wellformed import Fault, faults

T = TypeVar("T")


def load(places: Sequence[Path]) -> list[Statement]:
    """All statements of the package and those of further folders or files, ordered by id.

    Raises BadInput with file and line if one of them cannot be loaded or judged.
    """
    places = [place.resolve() for place in places]
    found = _found(discover, places)
    for statement in found:
        if _is_in(statement.path, places):
            _check(statement)
    return found


def load_theorems(places: Sequence[Path]) -> list[Documented]:
    """All theorems of the package and those of further folders or files, ordered by id.

    Raises BadInput with file and line if one of them cannot be loaded.
    """
    return _found(discover_theorems, [place.resolve() for place in places])


def _found(discovered: Callable[[Sequence[Path]], list[T]], places: Sequence[Path]) -> list[T]:
    """What is discovered in some places. Raises BadInput, naming the line, if a file of theirs raises anything."""
    try:
        return discovered(places)
    except Exception as error:
        if not places:
            raise
        raise BadInput(f"{_culprit(error, places)}: {type(error).__name__}: {error}") from None


def load_file(path: Path) -> Statement:
    """The statement of one file, which may be one of the package. Raises BadInput as `load`, or if it has none."""
    path = path.resolve()
    own = {statement.path: statement for statement in discover()}
    found = own if path in own else {statement.path: statement for statement in load([path])}
    if path not in found:
        raise BadInput(f"{_shown(path)}: there is no `statement = Statement(...)` in it")
    return found[path]


def load_theorem(path: Path) -> Documented:
    """The theorem of one file. Raises BadInput as `load_theorems`, or if it has none."""
    path = path.resolve()
    found = {theorem.path: theorem for theorem in load_theorems([path])}
    if path not in found:
        raise BadInput(f"{_shown(path)}: there is no `theorem = Theorem(...)` in it")
    return found[path]


def _check(statement: Statement) -> None:
    """Raise BadInput if the statement cannot be judged; the line is that of the first field at fault."""
    found = faults(statement) or _unvalued(statement)
    if found and statement.path is not None:
        reasons = [f"{fault.field}: {fault.reason}" for fault in found] + unwritten(statement)
        raise BadInput(f"{_shown(statement.path)}:{_line(statement.path, found[0].field)}: {'; '.join(reasons)}")


def _unvalued(statement: Statement) -> list[Fault]:
    """What no point has a value for, found by evaluating it at one. Only then is anything numerical imported."""
    from checks.instances.stationary import StationaryGrid
    from checks.judging import exact
    from checks.judging.subjects import JOINTLY_OPTIMAL

    point = StationaryGrid(d=3, k=2, seed=0, lam=0.3).point()
    for field, read in (("claim", replace(statement, proof=None)), ("proof", statement)):
        try:
            exact.evaluated(read, point, JOINTLY_OPTIMAL)
        except KeyError as error:
            return [Fault(field, f"{error.args[0]} has no value at a point of the L1 problem")]
        except (TypeError, ValueError) as error:
            return [Fault(field, str(error))]
    return []


def _line(path: Path, field: str) -> int:
    """The line of a file at which this field of its statement is given, or that of the statement."""
    assigned = [node.value for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.Assign)]
    calls = [value for value in assigned if isinstance(value, ast.Call)]
    given = [keyword.value.lineno for call in calls for keyword in call.keywords if keyword.arg == field]
    return (given or [call.lineno for call in calls] or [1])[-1]


def _culprit(error: Exception, places: Sequence[Path]) -> str:
    """The user's file that an error comes from, with its line; the places if it cannot be told."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_shown(Path(error.filename))}:{error.lineno}"
    culprit, trace = ", ".join(map(_shown, places)), error.__traceback__
    while trace:
        file = Path(trace.tb_frame.f_code.co_filename)
        if _is_in(file, places):
            culprit = f"{_shown(file)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return culprit


def _is_in(file: Path | None, places: Sequence[Path]) -> bool:
    return file is not None and any(file.is_relative_to(place) for place in places)


def _shown(path: Path) -> str:
    """A path as the user would write it: from the current folder, if it is below."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
