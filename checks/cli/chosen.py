"""Statements and data by name."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from checks.errors import BadInput

if TYPE_CHECKING:
    from theory.statement import Statement
    from theory.theorem import Documented


T = TypeVar("T")


def all_statements(folders: Sequence[Path] | None) -> list[Statement]:
    """All statements. Raises BadInput if those of a folder cannot be loaded, or if it has neither them nor theorems."""
    from checks.claims.load import load

    for folder in folders or ():
        if not folder.exists():
            raise BadInput(f"--from {folder}: no such folder or file")
    found = load(folders or ())
    for folder in folders or ():
        if not _any_in(folder, found) and not _any_in(folder, all_theorems([folder])):
            raise BadInput(f"--from {folder}: no `statement = Statement(...)` in it, nor `theorem = Theorem(...)`")
    return found


def _any_in(folder: Path, found: Sequence[Statement | Documented]) -> bool:
    return any(each.path is not None and each.path.is_relative_to(folder.resolve()) for each in found)


def all_theorems(folders: Sequence[Path] | None) -> list[Documented]:
    """All theorems. Raises BadInput if those of a folder cannot be loaded."""
    from checks.claims.load import load_theorems

    return load_theorems(folders or ())


def chosen_statements(ids: Sequence[str] | None, folders: Sequence[Path] | None) -> list[Statement]:
    """The statements with these ids, in the order of all; all of them if none is named."""
    found = all_statements(folders)
    chosen = by_name(ids, {statement.id: statement for statement in found}, "statement", "saelaws list")
    return [statement for statement in found if statement in chosen]


def chosen_results(
    ids: Sequence[str] | None, folders: Sequence[Path] | None
) -> tuple[list[Statement], list[Documented]]:
    """The statements and the theorems with these ids, each in the order of all; all of them if none is named."""
    statements, theorems = all_statements(folders), all_theorems(folders)
    known: dict[str, Statement | Documented] = {each.id: each for each in theorems}
    chosen = by_name(ids, known | {each.id: each for each in statements}, "statement or theorem", "saelaws list")
    return [each for each in statements if each in chosen], [each for each in theorems if each in chosen]


def by_name(names: Sequence[str] | None, known: dict[str, T], what: str, where: str) -> list[T]:
    """The things of these names, whatever the case of letters, each once. Raises BadInput, naming the nearest."""
    folded = {name.casefold(): name for name in known}
    for name in names or ():
        if name.casefold() not in folded:
            near = get_close_matches(name.casefold(), folded, n=3, cutoff=0.5)
            hint = f"did you mean {', '.join(folded[key] for key in near)}?" if near else f"see {where}"
            raise BadInput(f"no {what} {name!r}: {hint}")
    return [known[folded[key]] for key in dict.fromkeys(name.casefold() for name in names or known)]
