"""One statement under targeted attack: Hypothesis draws cases to break it, steers towards what is nearly broken, and
shrinks what breaks it to the smallest counterexample.

Boxes that limit the size of cases are searched from small to large, over and over with other seeds, until time is up.
Only certified points are looked at, and only where the statement is claimed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count, cycle
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import hypothesis
import numpy as np
from hypothesis import Phase, settings
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase, MultiplexedDatabase
from hypothesis.errors import NoSuchExample
from sympy import Eq
from sympy.core.relational import Le

from checks.errors import BadInput, MissingExtra
from checks.evidence.parallel import Progress
from checks.instances.cases import Case, cases_about, is_claimed
from checks.judging import exact as certified
from checks.judging.certify import certify
from checks.judging.exact import Compared, Entry
from checks.judging.subjects import EXACT
from checks.judging.verdict import Verdict, speaks_of_an_encoder
from checks.problem.point import Point
from theory.statement import Statement, Status


class Box(NamedTuple):
    """Sizes of cases: from `least` to `most`, as (n, d, k)."""

    most: tuple[int, int, int]
    least: tuple[int, int, int] = (1, 1, 1)

    @property
    def sizes(self) -> dict[str, Any]:
        """As options of a strategy."""
        names = ("n", "d", "k")
        least = {f"min_{name}": size for name, size in zip(names, self.least, strict=True)}
        return least | {f"max_{name}": size for name, size in zip(names, self.most, strict=True)}


BOXES = (Box((4, 2, 2)), Box((8, 2, 3)), Box((20, 3, 5)), Box((60, 6, 8)))
EXAMPLES = 100  # of a round in one box
REPLAYS = 10  # of one that looks at what is kept; Hypothesis wants to draw some as well
SEARCH = (Phase.generate, Phase.target, Phase.shrink)
MAX_SCORE = 300.0  # Hypothesis steers by finite numbers


# --- a statement at a point ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sighting:
    """A statement at one certified point of a case.

    name       Python that builds the case again
    size       (n, d, k)
    entry      the entry that decides; None if there was nothing to judge
    closeness  how near an inequality that holds comes to equality, at most 1 where it is sharp; None of an equality
    scores     what the search maximises, by name
    """

    name: str
    size: tuple[int, int, int]
    entry: Entry | None
    closeness: float | None = None
    scores: Mapping[str, float] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        return Verdict.VACUOUS if self.entry is None else self.entry.verdict

    @property
    def smallness(self) -> tuple[int, int, str]:
        """Sorts the counterexample that is easiest to read first."""
        return int(np.prod(self.size)), len(self.name), self.name


def sightings(statement: Statement, case: Case) -> Iterator[Sighting]:
    """The statement at the case's points, as far as they are certified; no companion of a point that is not."""
    for name, point in case.points():
        compared = certified.compare(statement, point, EXACT.promises(point.instance))
        if compared is None:
            return
        yield _sighting(name, point, compared)


def _sighting(name: str, point: Point, compared: Sequence[Compared]) -> Sighting:
    i = point.instance
    entry, margin = certified.deciding(compared), _margin(compared)
    scores = {}
    if entry is not None and entry.verdict is not Verdict.INCONCLUSIVE and entry.excess > 0:
        scores["excess"] = float(np.clip(np.log10(entry.excess), -MAX_SCORE, MAX_SCORE))
    closeness = None if margin is None else (1 - margin.relative) / (1 + margin.relative)
    if margin is not None and closeness is not None:
        scores |= {"closeness": closeness, "margin": -margin.absolute}
    return Sighting(name, (i.n, i.d, i.k), entry, closeness, scores)


class Margin(NamedTuple):
    """By how much inequalities hold where they are closest to failing.

    relative  (large − small) / (|large| + |small|), in [0, 1]
    absolute  (large − small) / the largest side anywhere, which says something of sides that are zero, too
    """

    relative: float
    absolute: float


def _margin(compared: Sequence[Compared]) -> Margin | None:
    """The least margins beyond rounding; None if there are no inequalities, or nothing but rounding."""
    margins = []
    for each in compared:
        if isinstance(each.relation, Eq):
            continue
        small, large = (each.left, each.right) if isinstance(each.relation, Le) else (each.right, each.left)
        size, gap = np.abs(small) + np.abs(large), large - small
        telling = each.judged & (size > 1e3 * each.bound)
        if telling.any():
            margins.append(((gap[telling] / size[telling]).min(), gap[telling].min() / size[telling].max()))
    if not (margins and np.isfinite(margins).all()):
        return None
    relative, absolute = np.maximum(np.min(margins, axis=0), 0.0)
    return Margin(float(relative), float(absolute))


# --- the search ------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Search:
    """What was found, and what was seen on the way.

    found_after  instances certified before the first counterexample; found_in: seconds until it
    closest      of a statement that held: the point at which it came closest to failing
    """

    statement: Statement
    certified: set[str] = field(default_factory=set)
    judged: int = 0
    uncertified: set[str] = field(default_factory=set)
    counterexample: Sighting | None = None
    closest: Sighting | None = None
    found_after: int | None = None
    found_in: float | None = None
    seconds: float = 0.0
    interrupted: bool = False

    @property
    def agrees(self) -> bool:
        """Whether the evidence agrees with the status; that nothing was judged is no evidence."""
        if self.statement.status is Status.REFUTED:
            return self.counterexample is not None
        return self.counterexample is None and self.judged > 0

    def enter(self, sighting: Sighting) -> bool:
        """Count a sighting; whether it is a counterexample."""
        if sighting.name not in self.certified:
            self.certified.add(sighting.name)
            self.judged += sighting.verdict in (Verdict.CONFIRMED, Verdict.FALSIFIED)
        if sighting.verdict is Verdict.FALSIFIED:
            if self.counterexample is None or sighting.smallness < self.counterexample.smallness:
                self.counterexample = sighting
            return True
        if sighting.verdict is Verdict.CONFIRMED and (
            self.closest is None or _nearness(sighting) > _nearness(self.closest)
        ):
            self.closest = sighting
        return False


def _nearness(sighting: Sighting) -> tuple[float, float]:
    """Sorts what came closest to failing last: inequalities by closeness, equalities by their share of the bound."""
    assert sighting.entry is not None
    return (-1.0 if sighting.closeness is None else sighting.closeness), sighting.entry.excess


def falsify(
    statement: Statement,
    *,
    seconds: float = 60.0,
    seed: int = 0,
    database: ExampleDatabase | None = None,
    progress: Progress = lambda what, fraction: None,
) -> Search:
    """Search for the smallest counterexample to a statement.

    seconds: stop after so long, in whatever state; seed: of all that is drawn; database: where counterexamples are
    kept, to be tried first the next time. With one, each search draws anew, so that many machines can share the work.
    An interrupt ends the search too, and says so in the result.
    """
    _check_attackable(statement)
    attempt = _Attempt(statement, seconds, progress)
    try:
        for box in BOXES if database else ():
            if attempt.search(box, seed, database, (Phase.reuse, *SEARCH), REPLAYS):
                break
        for number, box in zip(count(), cycle(BOXES)):
            if attempt.found.counterexample is not None:
                break
            attempt.search(box, seed + number, database)
        while any(attempt.search(box, seed, database) for box in attempt.smaller):
            pass  # Hypothesis shrinks the case that it has: a smaller one may look different
    except TimeUp:
        pass
    except KeyboardInterrupt:
        attempt.found.interrupted = True
    attempt.found.seconds = attempt.elapsed
    return attempt.found


def _check_attackable(statement: Statement) -> None:
    """Raises BadInput if no case can say anything of the statement."""
    if speaks_of_an_encoder(statement):
        raise BadInput(f"{statement.id} is about an SAE's own encoder, which no drawn case has: see `verify --on sae`")


class TimeUp(KeyboardInterrupt):
    """Ends a search as an interrupt does, which Hypothesis takes for no failure of what it tests."""


class _Attempt:
    """A search under way."""

    def __init__(self, statement: Statement, seconds: float, progress: Progress) -> None:
        self.found = Search(statement)
        self._bare = replace(statement, controls={})  # they would be evaluated along
        self._seconds, self._progress, self._start = seconds, progress, time.perf_counter()

    @property
    def elapsed(self) -> float:
        return time.perf_counter() - self._start

    @property
    def smaller(self) -> Iterator[Box]:
        """The sizes just below that of the counterexample."""
        assert self.found.counterexample is not None
        n, d, k = self.found.counterexample.size
        for less in ((n - 1, d, k), (n, d - 1, k), (n, d, k - 1)):
            if min(less) > 0:
                yield Box(less, less)

    def search(
        self,
        box: Box,
        seed: int,
        database: ExampleDatabase | None,
        phases: Sequence[Phase] = SEARCH,
        examples: int = EXAMPLES,
    ) -> bool:
        """Draw cases from a box until one breaks the statement, then shrink it."""
        statement = self.found.statement
        options = settings(max_examples=examples, database=database, derandomize=False, deadline=None, phases=phases)
        key = f"saelaws {statement.id} {statement.claims} {statement.given} {box}".encode()
        with suppress(NoSuchExample):
            hypothesis.find(
                cases_about(statement, **box.sizes),
                self._breaks,
                settings=options,
                random=None if database else Random(seed),  # with a seed, Hypothesis uses no database
                database_key=key if database else None,
            )
            return True
        return False

    def _breaks(self, case: Case) -> bool:
        if self.elapsed > self._seconds:
            raise TimeUp
        found = self.found
        state = "shrinking" if found.counterexample else f"{len(found.certified)} certified instances"
        self._progress(f"{found.statement.id}: {state}", self.elapsed / self._seconds)
        seen = list(sightings(self._bare, case))
        if not seen:
            found.uncertified.add(repr(Case(case.spec)))
        steer(seen)
        broken = sum(found.enter(sighting) for sighting in seen) > 0
        if broken and found.found_after is None:
            found.found_after, found.found_in = len(found.certified), self.elapsed
        return broken


def steer(seen: Sequence[Sighting]) -> None:
    """Tell Hypothesis how nearly a case breaks the statement, so that it draws more like it."""
    for label in sorted({label for sighting in seen for label in sighting.scores}):
        hypothesis.target(max(each.scores[label] for each in seen if label in each.scores), label=label)


def judge_case(statement: Statement, case: Case) -> Search:
    """The statement at one case alone. Raises BadInput if the case is not certified or not what it is claimed of."""
    _check_attackable(statement)
    found = Search(statement)
    for name, point in case.points():
        promises = EXACT.promises(point.instance)
        if not is_claimed(statement, point.instance.bias):
            raise BadInput(f"{statement.id} is claimed of points with a free bias: {name} has none")
        if shortfall := certify(point).shortfall(promises):
            raise BadInput(f"{name} is not certified, so that nothing can be said: {shortfall}")
    for sighting in sightings(statement, case):
        found.enter(sighting)
    return found


# --- shared counterexamples ------------------------------------------------------------------------------------------


def example_database(places: Sequence[str]) -> ExampleDatabase | None:
    """Hypothesis's own database at a folder or a redis:// address, at several of them together, or none.

    Raises BadInput if a place cannot be used, MissingExtra if redis is not installed.
    """
    databases = [_redis(place) if "://" in place else _folder(place) for place in places]
    if len(databases) < 2:
        return next(iter(databases), None)
    return MultiplexedDatabase(*databases)


def _folder(place: str) -> ExampleDatabase:
    path = Path(place)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"--database {place}: {error.strerror}") from None
    return DirectoryBasedExampleDatabase(path)


def _redis(place: str) -> ExampleDatabase:
    try:
        from hypothesis.extra.redis import RedisExampleDatabase
        from redis import Redis
        from redis.exceptions import RedisError
    except ImportError:
        raise MissingExtra("a redis:// database needs redis: pip install 'sae-laws[redis]'") from None
    try:
        server = Redis.from_url(place)
        server.ping()
    except (RedisError, ValueError) as error:
        raise BadInput(f"--database {place}: {error}") from None
    return RedisExampleDatabase(server)
