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
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import sympy
from sympy import Expr
from sympy.core.relational import Relational

from theory.certificate import NotProved, verify, why_not_of
from theory.counterexample import Counterexample
from theory.derive import BY_CONSTRUCTION, PREMISES, premises_of
from theory.optimality import Level
from theory.problem import L1, OBJECTIVES, Objective
from theory.tampering import TamperedWith, untouched
from theory.witness import POINTS, met

T = TypeVar("T")
OF_THE_BIAS = frozenset({"bias", "tied"})
BEST_OF_CODES = frozenset({"drop", "add", "swap", "trade"})  # what codes satisfy that no other codes improve on

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


class Rank(Enum):
    """How much a claim says beyond the conditions that it follows from."""

    LAW = "law"  # substantive: it ties quantities that no single condition ties
    COROLLARY = "corollary"  # a law at a special place, or two of them put together
    LEMMA = "lemma"  # a condition read aloud, or a step that laws are built from


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
    witness   of a proved statement: a stationary point at which all that is given holds, if none of
              `theory.witness` is one
    about     the objective that it is about; None if it holds for the whole family, as φ' leaves open
    rank      law, corollary or lemma; None if nobody has said
    at        the level of optimality at which a claim without a proof is made; a proof says by itself what it spends
    fixed_bias  whether a claim without a proof is also made where the bias is fixed, and not free and stationary
    """

    status: Status
    claim: Relational | tuple[Relational, ...]
    controls: Mapping[str, Relational | tuple[Relational, ...]]
    proof: Expr | tuple[Expr, ...] | None = None
    given: Sequence[Relational] = ()
    about: Objective | None = None
    counterexample: Counterexample | None = None
    witness: Counterexample | None = None
    rank: Rank | None = None
    at: Level = Level.LOCAL_MINIMUM
    fixed_bias: bool = False
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
            everything = frozenset(name for name in PREMISES if not name.endswith("2")) - BY_CONSTRUCTION
            return everything - OF_THE_BIAS if self.fixed_bias else everything
        return frozenset().union(*(premises_of(proof) for proof in self.proofs))

    @property
    def level(self) -> Level:
        """The level of optimality that the claim is made at: what its proof spends, or `at` if it has none."""
        if not self.proofs:
            return self.at
        return Level.BEST_CODES if self.premises & BEST_OF_CODES else Level.STATIONARY

    @property
    def title(self) -> str:
        return self.document.strip().split("\n")[0]

    def section(self, name: str) -> str:
        """The text after `name:` in the docstring, up to the next blank line; empty if there is none."""
        found = re.search(rf"^{name}:(.*?)(?:\n\s*\n|\Z)", self.document, re.MULTILINE | re.DOTALL)
        return " ".join(found.group(1).split()) if found else ""

    def control(self, name: str) -> tuple[Relational, ...]:
        """The relations of one control."""
        return _several(self.controls[name])

    def prove(self) -> None:
        """Verify every certificate, or the counterexample of a refuted statement. Raises NotProved."""
        if self.counterexample is not None:
            if not self.counterexample.bias and not self.fixed_bias:
                raise NotProved(
                    "the claim is about optima of a free bias, and the counterexample is none: see fixed_bias"
                )
            if self.counterexample.objective is not (self.about or L1):
                raise NotProved(
                    f"the counterexample is of another objective, {self.counterexample.objective!r}, "
                    f"than the claim, {self.about or L1!r}"
                )
            self.counterexample.verify(self.claims, self.given, self.at)
            return
        if len(self.proofs) != len(self.claims):
            raise NotProved(f"{len(self.claims)} relations are claimed, {len(self.proofs)} certificates are given")
        for claim, proof in zip(self.claims, self.proofs, strict=True):
            verify(claim, proof, self.about, self.given)
            self._find_met(claim, proof)

    def _find_met(self, claim: Relational, proof: Expr) -> None:
        """Raise NotProved unless some stationary point is known at which all that is given holds together."""
        if self.witness is not None:
            self.witness.verify_optimal()
        points = POINTS if self.witness is None else (self.witness,)
        objectives = [
            each
            for each in OBJECTIVES.values()
            if self.about is each or (self.about is None and not why_not_of(each, claim, proof, self.given))
        ]
        biased = bool(self.premises & OF_THE_BIAS)
        if self.given and not met(claim, self.given, objectives, bias=biased, at=self.level, points=points):
            conditions = ", ".join(map(str, self.given))
            raise NotProved(
                f"no stationary point is known at which all that is given holds, {conditions}: name one as witness="
            )


@cache
def reservation(statement: Statement, position: int, objective: Objective) -> str:
    """Why a relation of a statement is not claimed of an objective; empty if it is.

    A proof carries over to an objective whose own conditions read like those that it spends, word for word.
    """
    if statement.about is objective:
        return ""
    if statement.about is not None:
        return f"it is about {statement.about.name}"
    if not statement.proofs:
        return "" if objective is L1 else "it has no proof that would carry over"
    return why_not_of(objective, statement.claims[position], statement.proofs[position], statement.given)


@cache
def under(statement: Statement, objective: Objective) -> Statement | None:
    """The statement with the relations that are claimed of an objective; None if none is."""
    kept = [n for n in range(len(statement.claims)) if not reservation(statement, n, objective)]
    if len(kept) == len(statement.claims):
        return statement
    if not kept:
        return None

    def chosen(relations: Sequence[T]) -> tuple[T, ...]:
        return tuple(relations[n] for n in kept)

    controls = {name: chosen(statement.control(name)) for name in statement.controls}
    return replace(statement, claim=chosen(statement.claims), proof=chosen(statement.proofs), controls=controls)


def claimed(statements: Sequence[Statement], objective: Objective) -> list[Statement]:
    """The statements that claim something of an objective, each reduced to what it claims."""
    return [reduced for statement in statements if (reduced := under(statement, objective))]


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
    complaints += unwritten(statement)
    if not statement.controls:
        complaints.append("no controls: name neighbouring claims that must get the opposite verdict")
    if (statement.status is Status.REFUTED) != (statement.counterexample is not None):
        complaints.append("a statement has a counterexample if, and only if, its status is REFUTED")
    if statement.status is Status.PROVED and statement.proof is None:
        complaints.append("status PROVED without a proof")
    for name in statement.controls:
        if len(statement.control(name)) != len(statement.claims):
            complaints.append(f"control {name!r} must have as many relations as the claim")
        if statement.control(name) == statement.claims:
            complaints.append(f"control {name!r} is the claim itself")
    return complaints


def unwritten(statement: Statement) -> list[str]:
    """The blanks in a statement's docstring."""
    return [f"still to be written: {line.strip()}" for line in statement.document.splitlines() if "TODO" in line]


def discover(folders: Sequence[Path] = ()) -> list[Statement]:
    """All statements of the package and of further folders or files, ordered by id.

    Raises ValueError if two share an id.
    """
    found: dict[str, Statement] = {}
    modules = [module for module in (*_package_modules(), *folder_modules(folders)) if _states(module)]
    ids = {id(module.statement): id_of(Path(str(module.__file__)).stem) for module in modules}
    for module in modules:
        path = Path(str(module.__file__))
        used = {ids[id(value)] for value in vars(module).values() if isinstance(value, Statement)}
        located = replace(
            module.statement,
            id=id_of(path.stem),
            cites=tuple(sorted(used - {id_of(path.stem)}, key=order_of)),
            document=module.__doc__ or "",
            path=path,
        )
        if located.id in found:
            raise ValueError(f"{path}: the id {located.id} is taken by {found[located.id].path}")
        found[located.id] = located
    return sorted(found.values(), key=lambda statement: order_of(statement.id))


def _of_plain_types(statement: Statement) -> None:
    """Raise TamperedWith if a part of a statement is of a class of its own, which could answer as it likes."""
    if type(statement) is not Statement:
        raise TamperedWith(f"it has a {type(statement).__name__} of its own in the place of a Statement")
    points = [*_points_of(statement.counterexample), *_points_of(statement.witness)]
    parts: list[tuple[type, object]] = [(Counterexample, point) for point in points]
    parts += [(Status, statement.status), (Level, statement.at), (bool, statement.fixed_bias)]
    parts += [(bool, point.bias) for point in points]
    parts += [(int, point.limit) for point in points if point.limit is not None]
    for kind, part in parts:
        if type(part) is not kind:
            raise TamperedWith(f"it has a {type(part).__name__} of its own in the place of a {kind.__name__}")
    for name in ("claim", "proof", "given", "controls"):
        value = getattr(statement, name)
        if isinstance(value, (tuple, list, dict)) and type(value) not in (tuple, list, dict):
            raise TamperedWith(f"its {name} is a {type(value).__name__} of its own")


def _points_of(point: Counterexample | None) -> Iterator[Counterexample]:
    """A point and its neighbours."""
    if point is not None:
        yield from (point, *_points_of(point.wider), *_points_of(point.dearer))


def _states(module: ModuleType) -> bool:
    return isinstance(getattr(module, "statement", None), Statement)


@cache
def _package_modules() -> tuple[ModuleType, ...]:
    import theory.statements

    found = pkgutil.walk_packages(theory.statements.__path__, "theory.statements.")
    return tuple(importlib.import_module(info.name) for info in found if not info.ispkg)


def folder_modules(folders: Sequence[Path]) -> Iterator[ModuleType]:
    """The files of folders as modules. Raises TamperedWith if one changes what is not its own."""
    for folder in folders:
        for path in sorted(folder.rglob("*.py")) if folder.is_dir() else [folder]:
            name = f"saelaws_statement_{path.stem}"
            spec = importlib.util.spec_from_file_location(name, path)
            if spec is None or spec.loader is None:
                continue
            module = importlib.util.module_from_spec(spec)
            with untouched():
                sys.modules[name] = module
                spec.loader.exec_module(module)
            if _states(module):
                _of_plain_types(module.statement)
            yield module


def id_of(stem: str) -> str:
    """a1_atom_stationarity → A1; a name without such a prefix is an id as it stands."""
    numbered = re.match(r"([a-z]+\d+)_", stem)
    return numbered.group(1).upper() if numbered else stem


def order_of(identifier: str) -> tuple[str, int, str]:
    """What ids are sorted by: letters first, then numbers."""
    numbered = re.fullmatch(r"([A-Z]+)(\d+)", identifier)
    return (numbered.group(1), int(numbered.group(2)), "") if numbered else ("~", 0, identifier)
