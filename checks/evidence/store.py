"""Every verdict with where it comes from, and the arrays to reach it again: one SQLite file.

A place holds one or several points that statements are judged at together. A verdict belongs to a place, to the code
that reached it and to a fingerprint of its statement, so that what has not changed is never judged twice. Each place
is written in one transaction together with its verdicts: a process that is killed loses only what it was working on,
and several may write at once. The file is not trusted: nothing in it is executed or unpickled.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from safetensors import SafetensorError

from checks.errors import BadInput
from checks.evidence.codec import json_of, judgement_json, judgement_of, kept_of, packed, problem_of, unpacked
from checks.evidence.fingerprint import code, digest_of, fingerprint
from checks.evidence.place import Campaign, Kept, Place
from checks.judging.verdict import Judgement
from checks.problem.point import Point
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
        row = (_now(), self.code, json_of(settings), json_of(provenance))
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
        """Write what was judged at the points of a place (at least one, all of one dataset), all of it or nothing."""
        if self._campaign is None:
            self.begin({}, {})
        key = self._key(place)
        problem, arrays = json_of(problem_of(points)), packed(points)
        columns = (key, self.code, *astuple(place), shortfall, problem, arrays)
        verdicts = [(each.id, fingerprint(each), judgement_json(judged[each.id])) for each in statements]
        with self._transaction() as cursor:
            cursor.execute(
                f"INSERT OR IGNORE INTO place (key, code, {COLUMNS}, shortfall, problem, arrays, digest) "
                f"VALUES ({_marks(12)})",
                (*columns, digest_of(key, shortfall, problem, arrays)),
            )
            (number,) = cursor.execute("SELECT id FROM place WHERE key = ?", (key,)).fetchone()
            cursor.executemany(
                "INSERT OR IGNORE INTO verdict (place, campaign, statement, fingerprint, judgement, digest) "
                f"VALUES ({_marks(6)})",
                [(number, self._campaign, *verdict, digest_of(key, *verdict)) for verdict in verdicts],
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
                identifier: judgement_of(judgement, sound=digest == digest_of(key, identifier, made, judgement))
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
            return [kept_of(Place(*row[:6]), *row[6:]) for row in rows]

    def points(self, place: Place) -> list[Point]:
        """The points of a place; none if they were never found."""
        key = self._key(place)
        rows = self._rows("SELECT shortfall, problem, arrays, digest FROM place WHERE key = ?", key)
        with _one_line(self.name):
            for shortfall, problem, arrays, digest in rows:
                if digest != digest_of(key, shortfall, problem, arrays):
                    raise ValueError("the arrays of a point have changed")
                return unpacked(json.loads(problem), arrays)
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
        return digest_of(self.code, json.dumps(astuple(place)))


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
