"""Every verdict with where it comes from, and the arrays to reach it again: one SQLite file.

A place holds one or several points that statements are judged at together. A verdict belongs to a place, to the code
that reached it and to a fingerprint of its statement, so that what has not changed is never judged twice. Each place
is written in one transaction together with its verdicts: a process that is killed loses only what it was working on,
and several may write at once. The file is not trusted: nothing in it is executed or unpickled.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Any, Self

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save
from sympy import srepr

from checks.errors import BadInput
from checks.judging.verdict import Judgement, Verdict
from checks.problem.instance import Array, Instance, instance
from checks.problem.point import Encoder, Point
from theory.problem import OBJECTIVES, Objective
from theory.statement import Statement

APPLICATION = 0x5AE1A75  # in the header of every such file
SCHEMA = 1
PATIENCE = 60.0  # seconds to wait for another writer
TABLES = """
CREATE TABLE campaign (
    id INTEGER PRIMARY KEY, began TEXT NOT NULL, finished TEXT,
    code TEXT NOT NULL, settings TEXT NOT NULL, provenance TEXT NOT NULL
);
CREATE TABLE place (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, code TEXT NOT NULL,
    data TEXT NOT NULL, subject TEXT NOT NULL, seed INTEGER NOT NULL, settings TEXT NOT NULL, instance TEXT NOT NULL,
    source TEXT NOT NULL, shortfall TEXT NOT NULL, problem TEXT NOT NULL, arrays BLOB NOT NULL, digest TEXT NOT NULL
);
CREATE TABLE verdict (
    id INTEGER PRIMARY KEY, place INTEGER NOT NULL REFERENCES place, campaign INTEGER NOT NULL REFERENCES campaign,
    statement TEXT NOT NULL, fingerprint TEXT NOT NULL, judgement TEXT NOT NULL, digest TEXT NOT NULL,
    UNIQUE (place, statement, fingerprint)
);
"""
COLUMNS = "data, subject, seed, settings, instance, source"

# What a verdict is reached with, besides the sources of this project.
PACKAGES = ("hypothesis", "numba", "numpy", "scikit-learn", "scipy", "sympy", "torch")
# Sources that no verdict depends on. Of a statement all that matters is in its own fingerprint.
APART = ("checks/report/", "checks/cli/", "checks/pytest_plugin.py", "theory/statements/")


@dataclass(frozen=True)
class Place:
    """What tells the points of one place from those of all others, given the code.

    data, subject  what the verdicts on it are listed under
    seed           of the data, the solver and the training
    settings       what else its points depend on: the device of a training, the profile of an attack
    instance       Python that builds the instance, where a data set holds many
    source         digest of the data themselves, where they come from elsewhere than from seed and code
    """

    data: str
    subject: str
    seed: int
    settings: str = ""
    instance: str = ""
    source: str = ""


@dataclass(frozen=True, eq=False)
class Kept:
    """What a file holds of a place: why its points are not good enough to judge, if so, whether b is free there, and
    the objectives of its points.
    """

    place: Place
    shortfall: str
    bias: bool
    objectives: Sequence[Objective]

    @property
    def points(self) -> int:
        return len(self.objectives)


@dataclass(frozen=True)
class Campaign:
    """One run: when it began and finished (None if it did not), its code, what was asked and where it ran."""

    began: str
    finished: str | None
    code: str
    settings: Mapping[str, Any]
    provenance: Mapping[str, Any]


# --- fingerprints ----------------------------------------------------------------------------------------------------


@cache
def fingerprint(statement: Statement) -> str:
    """Of all that a judgement of a statement depends on: its file, and every expression it takes from elsewhere."""
    rivals = {name: srepr(statement.rival(name)) for name in statement.controls}
    parts = [
        statement.id,
        statement.status.value,
        statement.about.name if statement.about else None,
        *map(srepr, (statement.claims, statement.proofs, tuple(statement.given))),
        rivals,
        repr(statement.counterexample),
        statement.path.read_text(encoding="utf-8") if statement.path and statement.path.is_file() else None,
    ]
    return _digest(json.dumps(parts))


@cache
def code() -> str:
    """Fingerprint of the sources that judge, and of the versions of what they compute with."""
    import checks
    import theory

    house = [Path(str(theory.__file__)).parent, Path(str(checks.__file__)).parent]
    return _digest(*map(sources, house), python_version(), *map(_installed, PACKAGES))


def sources(package: Path) -> str:
    """Digest of all files of a package that verdicts depend on."""
    found = {path.relative_to(package.parent).as_posix(): path for path in package.rglob("*.py")}
    kept = sorted(name for name in found if not name.startswith(APART))
    return _digest(*(part for name in kept for part in (name, found[name].read_bytes())))


def _installed(distribution: str) -> str:
    try:
        return f"{distribution} {version(distribution)}"
    except PackageNotFoundError:
        return f"no {distribution}"


def source_of(problems: Sequence[Instance]) -> str:
    """Digest of problems: samples, weights, λ, number of atoms, whether the bias is free, and the objective."""
    return _digest(*map(_source, problems))


def _source(problem: Instance) -> str:
    shape = (problem.n, problem.d, problem.k, problem.bias)
    numbers = sorted(problem.parameters.items())
    arrays = (problem.x, problem.lam, problem.weights, *(array for _, array in numbers))
    names = (problem.name, problem.objective.key, *(name for name, _ in numbers))
    return _digest(str(shape), *names, *(np.ascontiguousarray(array).tobytes() for array in arrays))


def _digest(*parts: str | bytes) -> str:
    hashed = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        hashed.update(f"{len(data)} ".encode() + data)
    return hashed.hexdigest()[:32]


# --- the file --------------------------------------------------------------------------------------------------------


class Store:
    """An open file of evidence, or one in memory. What is asked of it is about one version of the code.

    Every method raises BadInput, naming the file, if the file is damaged or cannot be read or written.
    """

    def __init__(self, connection: sqlite3.Connection, name: str, code: str) -> None:
        self._connection = connection
        self.name = name
        self.code = code
        self._campaign: int | None = None
        self._found: set[tuple[str, str]] = set()  # place and statement of each verdict
        self._added: set[tuple[str, str]] = set()

    @property
    def added(self) -> int:
        """How many verdicts were reached by this process."""
        return len(self._added)

    @property
    def reused(self) -> int:
        """How many verdicts were asked for and there already."""
        return len(self._found)

    @classmethod
    def in_memory(cls) -> Self:
        """Evidence that nobody asked to keep."""
        connection = sqlite3.connect(":memory:", isolation_level=None)
        _create(connection)
        return cls(connection, "memory", code())

    @classmethod
    def write(cls, path: Path) -> Self:
        """Open a file to add to it, made anew if there is none. Raises BadInput if it is something else."""
        with _one_line(path):
            connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
            connection.execute("PRAGMA trusted_schema = OFF")
            if not _is_empty(connection):
                _check(connection, path)
            _let_others_read(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            _create(connection)
            _check(connection, path)
        return cls(connection, str(path), code())

    @classmethod
    def read(cls, path: Path) -> Self:
        """Open a file as it is, to look at what the code has found that wrote to it last."""
        if not path.is_file():
            raise BadInput(f"{path}: no such file of evidence")
        with _one_line(path):
            connection = _read_only(path)
            connection.execute("PRAGMA trusted_schema = OFF")
            _check(connection, path)
            last = connection.execute("SELECT code FROM campaign ORDER BY id DESC LIMIT 1").fetchone()
        return cls(connection, str(path), str(last[0]) if last else code())

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- writing ---

    def begin(self, settings: Mapping[str, Any], provenance: Mapping[str, Any]) -> None:
        """Start a campaign: what is kept from here on belongs to it."""
        row = (_now(), self.code, _json(settings), _json(provenance))
        with self._transaction() as cursor:
            cursor.execute("INSERT INTO campaign (began, code, settings, provenance) VALUES (?, ?, ?, ?)", row)
            self._campaign = cursor.lastrowid

    def finish(self) -> None:
        """The campaign has judged all that it set out to."""
        with self._transaction() as cursor:
            cursor.execute("UPDATE campaign SET finished = ? WHERE id = ?", (_now(), self._campaign))

    def keep(
        self,
        place: Place,
        points: Sequence[Point],
        statements: Sequence[Statement],
        judged: Mapping[str, Judgement],
        shortfall: str = "",
    ) -> None:
        """Write what was judged at the points of a place (at least one, all of one data set), all of it or nothing."""
        if self._campaign is None:
            self.begin({}, {})
        key = self._key(place)
        problem, arrays = _json(_problem(points)), _packed(points)
        columns = (key, self.code, *astuple(place), shortfall, problem, arrays)
        verdicts = [(each.id, fingerprint(each), _judgement_json(judged[each.id])) for each in statements]
        with self._transaction() as cursor:
            cursor.execute(
                f"INSERT OR IGNORE INTO place (key, code, {COLUMNS}, shortfall, problem, arrays, digest) "
                f"VALUES ({_marks(12)})",
                (*columns, _digest(key, shortfall, problem, arrays)),
            )
            (number,) = cursor.execute("SELECT id FROM place WHERE key = ?", (key,)).fetchone()
            cursor.executemany(
                "INSERT OR IGNORE INTO verdict (place, campaign, statement, fingerprint, judgement, digest) "
                f"VALUES ({_marks(6)})",
                [(number, self._campaign, *verdict, _digest(key, *verdict)) for verdict in verdicts],
            )
        self._added |= {(key, each.id) for each in statements} - self._found

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Cursor]:
        with _one_line(self.name), closing(self._connection.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")

    # --- reading ---

    def judged(self, place: Place, statements: Iterable[Statement]) -> dict[str, Judgement]:
        """What is known of these statements, as they stand, at a place."""
        key, now = self._key(place), {statement.id: fingerprint(statement) for statement in statements}
        rows = self._rows(
            "SELECT statement, fingerprint, judgement, verdict.digest FROM verdict "
            "JOIN place ON place.id = verdict.place WHERE key = ? ORDER BY verdict.id",
            key,
        )
        with _one_line(self.name):
            found = {
                identifier: _judgement(judgement, sound=digest == _digest(key, identifier, made, judgement))
                for identifier, made, judgement, digest in rows
                if now.get(identifier) == made
            }
        self._found |= {(key, identifier) for identifier in found} - self._added
        return found

    def kept(self, place: Place) -> Kept | None:
        """What is known of the points of a place; None if they were never found."""
        found = self._places("key = ?", self._key(place))
        return found[0] if found else None

    def places(self) -> list[Kept]:
        """All places, in the order in which they were first reached."""
        return self._places("code = ?", self.code)

    def _places(self, where: str, value: str) -> list[Kept]:
        rows = self._rows(f"SELECT {COLUMNS}, shortfall, problem FROM place WHERE {where} ORDER BY id", value)
        with _one_line(self.name):
            return [_kept(Place(*row[:6]), *row[6:]) for row in rows]

    def points(self, place: Place) -> list[Point]:
        """The points of a place; none if they were never found."""
        key = self._key(place)
        rows = self._rows("SELECT shortfall, problem, arrays, digest FROM place WHERE key = ?", key)
        with _one_line(self.name):
            for shortfall, problem, arrays, digest in rows:
                if digest != _digest(key, shortfall, problem, arrays):
                    raise ValueError("the arrays of a point have changed")
                return _unpacked(json.loads(problem), arrays)
        return []

    def campaigns(self) -> list[Campaign]:
        """All campaigns of all code, in the order in which they began."""
        rows = self._rows("SELECT began, finished, code, settings, provenance FROM campaign ORDER BY id")
        with _one_line(self.name):
            return [
                Campaign(began, finished, code, json.loads(settings), json.loads(provenance))
                for began, finished, code, settings, provenance in rows
            ]

    def outdated(self, statements: Iterable[Statement]) -> tuple[list[str], list[str]]:
        """Ids of statements judged by this code only in another version than these, and of those not among them."""
        now = {statement.id: fingerprint(statement) for statement in statements}
        rows = self._rows(
            "SELECT DISTINCT statement, fingerprint FROM verdict JOIN place ON place.id = verdict.place "
            "WHERE code = ? ORDER BY statement",
            self.code,
        )
        versions: dict[str, set[str]] = {}
        for identifier, made in rows:
            versions.setdefault(identifier, set()).add(made)
        changed = [each for each, made in versions.items() if each in now and now[each] not in made]
        return changed, [each for each in versions if each not in now]

    def counts(self) -> dict[str, int]:
        """How many verdicts each version of the code has reached."""
        return dict(
            self._rows("SELECT code, COUNT(*) FROM verdict JOIN place ON place.id = verdict.place GROUP BY code")
        )

    def _rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        with _one_line(self.name):
            return self._connection.execute(query, values).fetchall()

    def _key(self, place: Place) -> str:
        return _digest(self.code, json.dumps(astuple(place)))


@contextmanager
def _one_line(path: Path | str) -> Iterator[None]:
    """Whatever a damaged file makes SQLite or a decoder raise, as one line that names it."""
    try:
        yield
    except BadInput:
        raise
    except (sqlite3.Error, SafetensorError, ValueError, TypeError, KeyError) as error:
        raise BadInput(f"{path}: cannot be used as a file of evidence ({error})") from None


def _let_others_read(connection: sqlite3.Connection) -> None:
    """Use a write-ahead log. SQLite itself does not wait where several processes change to it at once."""
    patience = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > patience:
                raise
            time.sleep(0.01)


def _read_only(path: Path) -> sqlite3.Connection:
    address = path.resolve().as_uri() + "?mode=ro"
    connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        # SQLite wants to write beside the file to share it; where that is not allowed nobody else writes either.
        if path.with_name(path.name + "-wal").exists():
            raise
        connection = sqlite3.connect(f"{address}&immutable=1", uri=True, isolation_level=None)
    return connection


def _create(connection: sqlite3.Connection) -> None:
    """The tables, unless they are there. Of several processes that start together, one makes them."""
    connection.execute("BEGIN IMMEDIATE")
    if _is_empty(connection):
        for statement in filter(str.strip, TABLES.split(";")):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
    connection.execute("COMMIT")


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone() == (0,)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Raises BadInput unless the file is one of ours, of this version, holds nothing else and is whole."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION:
        raise BadInput(f"{path}: an SQLite file, but not of evidence")
    if schema != SCHEMA:
        raise BadInput(f"{path}: evidence of schema {schema}, this version reads {SCHEMA}: start a new file")
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.executescript(TABLES)
        if _tables(connection) != _tables(fresh):
            raise BadInput(f"{path}: evidence with tables that do not belong there")
    (sound,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if sound != "ok":
        raise BadInput(f"{path}: damaged ({sound})")


def _tables(connection: sqlite3.Connection) -> list[tuple[str, ...]]:
    return connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name").fetchall()


def _marks(number: int) -> str:
    return ", ".join("?" * number)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


# --- judgements and points -------------------------------------------------------------------------------------------


def _judgement_json(judgement: Judgement) -> str:
    """Figures as text, which keeps every bit and what is not finite: JSON has no NaN."""
    interval, tightness = judgement.interval, judgement.tightness
    return _json(
        {
            "verdict": judgement.verdict.value,
            "violation": repr(float(judgement.violation)),
            "bound": repr(float(judgement.bound)),
            "where": judgement.where,
            "uncertified": int(judgement.uncertified),
            "interval": interval and [repr(float(end)) for end in interval],
            "tightness": None if tightness is None else repr(float(tightness)),
            "controls": {name: verdict.value for name, verdict in judgement.controls.items()},
        }
    )


def _judgement(written: str, *, sound: bool) -> Judgement:
    """Raises ValueError, TypeError or KeyError if the text is not that of a judgement, or not the one written."""
    if not sound:
        raise ValueError("a verdict has changed")
    made = json.loads(written)
    interval, tightness = made["interval"], made["tightness"]
    return Judgement(
        Verdict(made["verdict"]),
        violation=float(made["violation"]),
        bound=float(made["bound"]),
        where=str(made["where"]),
        uncertified=int(made["uncertified"]),
        interval=None if interval is None else (float(interval[0]), float(interval[1])),
        tightness=None if tightness is None else float(tightness),
        controls={str(name): Verdict(verdict) for name, verdict in made["controls"].items()},
    )


def _problem(points: Sequence[Point]) -> dict[str, Any]:
    """What the points have in common, besides arrays."""
    shared = points[0].instance
    return {"name": shared.name, "bias": shared.bias, "objectives": [point.instance.objective.key for point in points]}


def _kept(place: Place, shortfall: str, problem: str) -> Kept:
    made = json.loads(problem)
    return Kept(place, str(shortfall), bool(made["bias"]), [OBJECTIVES[key] for key in made["objectives"]])


def _packed(points: Sequence[Point]) -> bytes:
    """The arrays of points of one data set, as safetensors. They may differ in number of atoms and objective."""
    shared = points[0].instance
    arrays = {"x": shared.x, "lam": shared.lam, "weights": shared.weights}
    for number, point in enumerate(points):
        arrays |= {f"D{number}": point.D, f"b{number}": point.b, f"Z{number}": point.Z}
        if point.encoder is not None:
            arrays |= {f"W_enc{number}": point.encoder.W_enc, f"b_enc{number}": point.encoder.b_enc}
        arrays |= {f"{name} of {number}": value for name, value in point.instance.parameters.items()}
    # The format stores memory as it lies, so that a transposed array would be read as another one.
    return save({name: np.asarray(array, order="C") for name, array in arrays.items()})


def _unpacked(problem: Mapping[str, Any], packed: bytes) -> list[Point]:
    arrays = load(packed)
    return [_point(number, key, problem, arrays) for number, key in enumerate(problem["objectives"])]


def _point(number: int, key: str, problem: Mapping[str, Any], arrays: Mapping[str, Array]) -> Point:
    D, objective, weights = arrays[f"D{number}"], OBJECTIVES[key], arrays["weights"]
    made = instance(
        arrays["x"],
        D.shape[1],
        arrays["lam"],
        weights=weights,
        bias=bool(problem["bias"]),
        name=str(problem["name"]),
        objective=objective,
        parameters={name: arrays[f"{name} of {number}"] for name in objective.parameters},
    )
    encoder = Encoder(arrays[f"W_enc{number}"], arrays[f"b_enc{number}"]) if f"W_enc{number}" in arrays else None
    # Rescaled weights would differ in their last bits.
    return Point(replace(made, weights=weights), D, arrays[f"b{number}"], arrays[f"Z{number}"], encoder)


def as_read(point: Point) -> Point:
    """The point with arrays laid out as they are read from a file: sums then add up alike, to the last bit."""
    x, lam, weights, D, b, Z = map(np.ascontiguousarray, _arrays_of(point))
    own = point.encoder
    encoder = own and Encoder(np.ascontiguousarray(own.W_enc), np.ascontiguousarray(own.b_enc))
    return Point(replace(point.instance, x=x, lam=lam, weights=weights), D, b, Z, encoder)


def _arrays_of(point: Point) -> tuple[Array, ...]:
    i = point.instance
    return i.x, i.lam, i.weights, point.D, point.b, point.Z
