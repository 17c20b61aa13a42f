"""What a statement is, and how the statements of a folder are found.

A statement file holds a docstring and one `statement = Statement(...)`. The docstring's first line is the title, the
lines up to `Boundary:` state the claim in mathematics, `Boundary:` says where it is vacuous or sharp, `Reference:`
where it comes from. The file's name is its id and its claim in words: a1_atom_stationarity.py is statement A1.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import sympy
from sympy import Expr
from sympy.core.relational import Relational

from theory.certificate import NotProved, verify
from theory.counterexample import Counterexample
from theory.derive import BY_CONSTRUCTION, PREMISES, premises_of
from theory.problem import Objective

T = TypeVar("T")

# Unevaluated, so that a claim stays the claim even where SymPy could decide it.
Eq = partial(sympy.Eq, evaluate=False)
Le = partial(sympy.Le, evaluate=False)
Ge = partial(sympy.Ge, evaluate=False)
Gt = partial(sympy.Gt, evaluate=False)


class Status(Enum):
    """What is known of a claim before any evidence is gathered."""

    PROVED = "PROVED"
    OPEN = "OPEN"
    REFUTED = "REFUTED"


@dataclass(frozen=True, eq=False)
class Statement:
    """A claim about stationary points, its proof if there is one, and the neighbours that must fail.

    claim     one relation or several, all of which are claimed
    proof     a certificate for each relation (see `theory.certificate`)
    controls  neighbouring claims that must get the opposite verdict, relation for relation
    cites     ids of statements whose certificates its own is built from, found by discovery: imports, and so
              citations, cannot go round in circles
    given     conditions under which the claim is made, entry by entry: where they fail it says nothing
    counterexample  of a refuted statement: a stationary point at which the claim fails and the controls hold
    about     the objective that it is about; None if it holds for the whole family, as φ' leaves open
    """

    status: Status
    claim: Relational | tuple[Relational, ...]
    controls: Mapping[str, Relational | tuple[Relational, ...]]
    proof: Expr | tuple[Expr, ...] | None = None
    given: Sequence[Relational] = ()
    about: Objective | None = None
    counterexample: Counterexample | None = None
    id: str = ""
    cites: tuple[str, ...] = ()
    document: str = field(default="", repr=False)
    path: Path | None = None

    @property
    def claims(self) -> tuple[Relational, ...]:
        return _several(self.claim)

    @property
    def proofs(self) -> tuple[Expr, ...]:
        return () if self.proof is None else _several(self.proof)

    @property
    def premises(self) -> frozenset[str]:
        """What a point must satisfy for the claim to be expected of it: what its proof uses, or all if it has none."""
        if not self.proofs:
            return frozenset(name for name in PREMISES if not name.endswith("2")) - BY_CONSTRUCTION
        return frozenset().union(*(premises_of(proof) for proof in self.proofs))

    @property
    def title(self) -> str:
        return self.document.strip().split("\n")[0]

    def section(self, name: str) -> str:
        """The text after `name:` in the docstring, up to the next blank line; empty if there is none."""
        found = re.search(rf"^{name}:(.*?)(?:\n\s*\n|\Z)", self.document, re.MULTILINE | re.DOTALL)
        return " ".join(found.group(1).split()) if found else ""

    def rival(self, name: str) -> tuple[Relational, ...]:
        """The relations of one control."""
        return _several(self.controls[name])

    def prove(self) -> None:
        """Verify every certificate, or the counterexample of a refuted statement. Raises NotProved."""
        if self.counterexample is not None:
            self.counterexample.verify(self.claims, self.given)
            return
        if len(self.proofs) != len(self.claims):
            raise NotProved(f"{len(self.claims)} relations are claimed, {len(self.proofs)} certificates are given")
        for claim, proof in zip(self.claims, self.proofs, strict=True):
            verify(claim, proof, self.about)


def _several(value: T | tuple[T, ...]) -> tuple[T, ...]:
    return value if isinstance(value, tuple) else (value,)


def lint(statement: Statement) -> list[str]:
    """What is missing from a statement's file, as lines for its author; empty if nothing is."""
    complaints = []
    if not statement.title.endswith("."):
        complaints.append("the docstring's first line must be the claim in words, ending with a full stop")
    complaints += [
        f"the docstring has no `{name}:` line" for name in ("Boundary", "Reference") if not statement.section(name)
    ]
    if not statement.controls:
        complaints.append("no controls: name neighbouring claims that must get the opposite verdict")
    if (statement.status is Status.REFUTED) != (statement.counterexample is not None):
        complaints.append("a statement has a counterexample if, and only if, its status is REFUTED")
    if statement.status is Status.PROVED and statement.proof is None:
        complaints.append("status PROVED without a proof")
    for name in statement.controls:
        if len(statement.rival(name)) != len(statement.claims):
            complaints.append(f"control {name!r} must have as many relations as the claim")
        if statement.rival(name) == statement.claims:
            complaints.append(f"control {name!r} is the claim itself")
    return complaints


def discover(folders: Sequence[Path] = ()) -> list[Statement]:
    """All statements of the package and of further folders, ordered by id. Raises ValueError if two share an id."""
    found: dict[str, Statement] = {}
    modules = [module for module in (*_package_modules(), *_folder_modules(folders)) if _states(module)]
    ids = {id(module.statement): _id(Path(str(module.__file__)).stem) for module in modules}
    for module in modules:
        path = Path(str(module.__file__))
        used = {ids[id(value)] for value in vars(module).values() if isinstance(value, Statement)}
        located = replace(
            module.statement,
            id=_id(path.stem),
            cites=tuple(sorted(used - {_id(path.stem)}, key=_order)),
            document=module.__doc__ or "",
            path=path,
        )
        if located.id in found:
            raise ValueError(f"{path}: the id {located.id} is taken by {found[located.id].path}")
        found[located.id] = located
    return sorted(found.values(), key=lambda statement: _order(statement.id))


def _states(module: ModuleType) -> bool:
    return isinstance(getattr(module, "statement", None), Statement)


def _package_modules() -> Iterator[ModuleType]:
    import theory.statements

    for info in pkgutil.walk_packages(theory.statements.__path__, "theory.statements."):
        if not info.ispkg:
            yield importlib.import_module(info.name)


def _folder_modules(folders: Sequence[Path]) -> Iterator[ModuleType]:
    for folder in folders:
        for path in sorted(Path(folder).rglob("*.py")):
            name = f"saelaws_statement_{path.stem}"
            spec = importlib.util.spec_from_file_location(name, path)
            if spec is None or spec.loader is None:
                continue
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            spec.loader.exec_module(module)
            yield module


def _id(stem: str) -> str:
    """a1_atom_stationarity → A1; a name without such a prefix is an id as it stands."""
    numbered = re.match(r"([a-z]+\d+)_", stem)
    return numbered.group(1).upper() if numbered else stem


def _order(identifier: str) -> tuple[str, int, str]:
    numbered = re.fullmatch(r"([A-Z]+)(\d+)", identifier)
    return (numbered.group(1), int(numbered.group(2)), "") if numbered else ("~", 0, identifier)
