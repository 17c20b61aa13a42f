"""What was judged is kept, whole, and never judged again; nothing is believed that a file has no right to say."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from checks.campaigns import attack, verify
from checks.data.datasets import STANDARD
from checks.errors import BadInput
from checks.evidence import codec
from checks.evidence import store as evidence
from checks.evidence.fingerprint import code, fingerprint, sources
from checks.evidence.place import Place
from checks.evidence.store import Store
from checks.instances import cases
from checks.instances.cases import Case
from checks.instances.companions import with_split_atom
from checks.instances.stationary import StationarySelection
from checks.instances.strategies import stationary_specs
from checks.judging.subjects import EXACT
from checks.judging.verdict import Judgement, Verdict
from theory.problem import TOP_K
from theory.statement import discover

ROOT = Path(__file__).parent.parent.parent
BY_ID = {statement.id: statement for statement in discover()}
A1, C1, X1 = (BY_ID[identifier] for identifier in ("A1", "C1", "X1"))
CASES = [Case(spec) for spec in cases.draws(stationary_specs(max_n=6, max_d=2, max_k=2), 12, seed=0)]
PLACE = Place("planted", EXACT.name, 0)
NAN, INFINITY = float("nan"), float("inf")
JUDGEMENTS = {
    "A1": Judgement(
        Verdict.FALSIFIED, NAN, INFINITY, "j=1", 2, (0.1, NAN), 1 / 3, {"twice the penalty": Verdict.VACUOUS}
    ),
    "C1": Judgement(Verdict.CONFIRMED, 1e-300, 5e-324, "λ\0'\""),
}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "evidence.db"


def filled(file, optimum):
    with Store.write(file) as store:
        store.begin({"seed": 0, "device": "cpu", "profile": None}, {"versions": {}})
        store.keep(PLACE, [optimum], [A1, C1], JUDGEMENTS)
        store.finish()
    return file


def read(file):
    """Everything that a file says."""
    with Store.read(file) as store:
        points = [[a.tobytes() for a in (p.instance.x, p.D, p.b, p.Z)] for p in store.points(PLACE)]
        return repr((store.judged(PLACE, [A1, C1]), store.places()[0].place, store.campaigns(), points))


# --- what goes in comes out ---


@pytest.mark.parametrize("opened", [Store.write, Store.read])
def test_judgements_come_back_to_the_last_bit(file, optimum, opened):
    filled(file, optimum)
    with opened(file) as store:
        found = store.judged(PLACE, [A1, C1])
    assert repr(found) == repr(JUDGEMENTS)
    assert np.isnan(found["A1"].violation)


def test_points_come_back_to_the_last_bit(optimum):
    points = [replace(optimum, D=np.asfortranarray(optimum.D)), with_split_atom(optimum)]
    store = Store.in_memory()
    store.keep(PLACE, points, [], {})
    found = store.points(PLACE)
    assert [point.instance.k for point in found] == [6, 7]
    for before, after in zip(points, found, strict=True):
        for one, other in zip(codec._arrays_of(before), codec._arrays_of(after), strict=True):
            assert np.array_equal(one, other)
        assert (before.instance.bias, before.instance.name) == (after.instance.bias, after.instance.name)


def test_a_limit_of_units_comes_back_as_one_number():
    store, point = Store.in_memory(), StationarySelection(pairs=2, d=2, k=2, K=2, seed=0).point()
    store.keep(PLACE, [point], [], {})
    (found,) = store.points(PLACE)
    assert found.instance.parameters == {"K": 2.0}
    assert found.instance.objective is TOP_K


def test_a_point_that_is_not_finite_is_kept_as_it_is(optimum):
    store = Store.in_memory()
    store.keep(PLACE, [replace(optimum, Z=np.full_like(optimum.Z, NAN))], [], {})
    assert np.isnan(store.points(PLACE)[0].Z).all()


def test_places_differ_by_each_of_their_parts(optimum):
    store = Store.in_memory()
    store.keep(PLACE, [optimum], [A1], JUDGEMENTS)
    others = ({"data": "x"}, {"subject": "x"}, {"seed": 1}, {"settings": "x"}, {"instance": "x"}, {"source": "x"})
    for part in others:
        assert store.judged(replace(PLACE, **part), [A1]) == {}
        assert store.kept(replace(PLACE, **part)) is None
        assert store.points(replace(PLACE, **part)) == []


# --- fingerprints ---


def test_a_fingerprint_sees_whatever_a_judgement_depends_on(tmp_path):
    elsewhere = tmp_path / "a1_atom_stationarity.py"
    elsewhere.write_text(Path(str(A1.path)).read_text(encoding="utf-8") + "\n", encoding="utf-8")
    half, twice = A1.controls["half the penalty"], A1.controls["twice the penalty"]
    changed = [
        replace(A1, claim=half),
        replace(A1, proof=2 * A1.proofs[0]),
        replace(A1, controls=A1.controls | {"half the penalty": twice}),
        replace(A1, given=(half,)),
        replace(A1, status=X1.status),
        replace(A1, counterexample=X1.counterexample),
        replace(A1, path=elsewhere),
    ]
    assert len({fingerprint(A1), *map(fingerprint, changed)}) == len(changed) + 1
    assert fingerprint(A1) == fingerprint(replace(A1))


def test_fingerprints_are_the_same_in_every_process():
    program = (
        "from checks.evidence.fingerprint import code, fingerprint; from theory.statement import discover\n"
        "print(code(), *(fingerprint(each) for each in discover()))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "1"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.split() == [code(), *map(fingerprint, BY_ID.values())]


@pytest.mark.parametrize(
    ("name", "matters"),
    [
        ("evaluation/moments.py", True),
        ("solvers/new.py", True),
        ("cli/verify.py", False),
        ("report/page.py", False),
        ("x.txt", False),
    ],
)
def test_code_that_judges_counts_and_code_that_reports_does_not(tmp_path, name, matters):
    package = tmp_path / "checks"
    for known in ("evaluation/moments.py", "cli/verify.py", "report/page.py"):
        (package / known).parent.mkdir(parents=True, exist_ok=True)
        (package / known).write_text("1")
    before = sources(package)
    (package / name).parent.mkdir(exist_ok=True)
    (package / name).write_text("2")
    assert (sources(package) != before) is matters


# --- campaigns go on where they stopped ---


RAYS = [dataset for dataset in STANDARD if dataset.name == "rays"]


def verified(store, statements=(A1, C1, X1)):
    found = verify.verify(statements, on=["solver"], datasets=RAYS, store=store)
    return {(each.statement.id, each.data): repr(each.judgement) for each in found}


def attacked(store, statements=(A1, C1, X1)):
    return repr(attack.judge_all(statements, CASES, store=store))


@pytest.mark.parametrize("judge", [verified, attacked])
def test_nothing_is_judged_twice(file, judge, monkeypatch):
    with Store.write(file) as store:
        first = judge(store)
        assert (store.reused, store.added > 0) == (0, True)
        added = store.added
    monkeypatch.setattr(attack, "try_case", None)
    monkeypatch.setattr(attack, "try_point", None)
    monkeypatch.setattr(verify, "_judge", None)
    with Store.write(file) as store:
        assert judge(store) == first == judge(store)
        assert (store.reused, store.added) == (added, 0)


@pytest.mark.parametrize(("judge", "places"), [(verified, 1), (attacked, len(CASES) + 1)])
def test_a_changed_statement_is_judged_alone_and_nothing_is_solved_again(file, judge, places, monkeypatch):
    changed = replace(A1, claim=A1.controls["half the penalty"], document="Changed.")
    with Store.write(file) as store:
        judge(store)
    monkeypatch.setattr(Case, "points", None)
    monkeypatch.setattr(verify, "exact_optimum", None)
    with Store.write(file) as store:
        resumed = judge(store, [changed, C1, X1])
        assert store.added == places
    monkeypatch.undo()
    assert resumed == judge(None, [changed, C1, X1]) != judge(None)


@pytest.mark.parametrize("judge", [verified, attacked])
def test_changed_code_judges_everything_anew(file, judge, monkeypatch):
    with Store.write(file) as store:
        judge(store)
        added = store.added
    monkeypatch.setattr(evidence, "code", lambda: "changed")
    with Store.write(file) as store:
        judge(store)
        assert (store.reused, store.added) == (0, added)
        assert sorted(store.counts().values()) == [added, added]


def test_changed_data_are_judged_anew(file):
    moved = replace(RAYS[0], build=lambda seed: replace(RAYS[0].build(seed), x=2 * RAYS[0].build(seed).x))
    with Store.write(file) as store:
        verified(store)
        verify.verify([A1], on=["solver"], datasets=[moved], store=store)
        assert store.reused == 0


# --- killed at any moment ---


# Starts the same attack again and again, each in a child forked while everything is warm, and says how far it got.
CHILDREN = """
import os, sys
from pathlib import Path
from checks.campaigns import attack
from checks.instances import cases
from checks.evidence.store import Store
from tests_of_evidence import CASES, STATEMENTS
attack.judge_all(STATEMENTS, CASES[:1])
for line in sys.stdin:
    children = []
    for path in line.split():
        child = os.fork()
        if child == 0:
            with Store.write(Path(path)) as store:
                attack.judge_all(STATEMENTS, CASES, lambda what, _: os.write(1, what.encode() + b"\\n"), store=store)
            os._exit(0)
        os.write(1, b"%d\\n" % child)
        children.append(child)
    statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    os.write(1, b"ended %s\\n" % str(statuses).encode())
"""
CHILDREN_IMPORT = """
from checks.campaigns import attack
from checks.instances import cases
from checks.instances.cases import Case
from checks.instances.strategies import stationary_specs
from theory.statement import discover
CASES = [Case(spec) for spec in cases.draws(stationary_specs(max_n=6, max_d=2, max_k=2), 12, seed=0)]
STATEMENTS = [statement for statement in discover() if statement.id in ("A1", "C1", "X1")]
"""


@pytest.fixture(scope="module")
def children(tmp_path_factory):
    folder = tmp_path_factory.mktemp("children")
    (folder / "tests_of_evidence.py").write_text(CHILDREN_IMPORT)
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", CHILDREN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as running:
        yield running
        running.stdin.close()


def start(children, *paths):
    print(*paths, file=children.stdin, flush=True)


def said(children, lines=sys.maxsize):
    """So many lines of what the children say, or all of them; the last one is how they ended."""
    heard = []
    while len(heard) < lines and not (heard and heard[-1].startswith("ended")):
        heard.append(children.stdout.readline())
        assert heard[-1]
    return heard


def statuses(line):
    return [int(status) for status in line.removeprefix("ended [").rstrip("]\n").split(",")]


def done(lines):
    """How many cases were done when a child last said so."""
    return max((int(line.split()[1]) for line in lines if line.startswith("adversarial")), default=0)


def whole(file):
    """How many cases a file holds, each with all of its verdicts."""
    Store.write(file).close()  # whoever was killed had perhaps not made it yet
    connection = sqlite3.connect(file)
    rows = connection.execute(
        "SELECT COUNT(*) FROM verdict JOIN place ON place.id = verdict.place WHERE instance LIKE 'Case%' GROUP BY place"
    ).fetchall()
    connection.close()
    assert set(rows) <= {(3,)}
    return len(rows)


def test_a_kill_at_any_moment_loses_what_is_in_flight_alone(children, file):
    rng, kills, held = random.Random(0), 0, 0
    for _ in range(60):
        start(children, file)
        child = int(children.stdout.readline())
        heard = said(children, rng.choice((0, 1, 2, 3)))
        signal.sigtimedwait([], rng.uniform(0, 0.03))
        with suppress(ProcessLookupError):  # it may have finished just now
            os.kill(child, signal.SIGKILL)
        if not (heard and heard[-1].startswith("ended")):
            heard += said(children)
        before, held = held, whole(file)
        assert held >= max(before, done(heard))
        if statuses(heard[-1]) == [0]:
            break
        assert statuses(heard[-1]) == [-signal.SIGKILL]
        kills += 1
    assert kills >= 3
    with Store.write(file) as store:
        assert attacked(store) == attacked(None)
        assert store.reused >= held


class Busy:
    """A connection to a file that others are opening for the first time too, so many times over."""

    def __init__(self, times, said="database is locked"):
        self.errors = times * [sqlite3.OperationalError(said)]

    def execute(self, _):
        if self.errors:
            raise self.errors.pop()


def test_a_new_file_that_others_are_opening_is_waited_for(monkeypatch):
    evidence._let_others_read(Busy(3))
    with pytest.raises(sqlite3.OperationalError, match="disk I/O error"):
        evidence._let_others_read(Busy(3, "disk I/O error"))
    monkeypatch.setattr(evidence, "PATIENCE", 0.0)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        evidence._let_others_read(Busy(10**6))


def test_two_writers_at_once(children, tmp_path):
    for attempt in range(3):
        file = tmp_path / f"{attempt}.db"
        start(children, file, file)
        assert statuses(said(children)[-1]) == [0, 0]
        assert whole(file) == len(CASES)
    with Store.write(file) as store:
        assert attacked(store) == attacked(None)
        assert store.added == 0


# --- files that are not to be trusted ---


def sql(file, *statements):
    connection = sqlite3.connect(file)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


SPOILT = {
    "not SQLite": (lambda file: file.write_bytes(b"no database at all" * 99), "file is not a database"),
    "another application": (lambda file: sql(file, "PRAGMA application_id = 7"), "an SQLite file, but not of evidence"),
    "another schema": (lambda file: sql(file, "PRAGMA user_version = 0"), "evidence of schema 0, this version reads 1"),
    "a trigger": (
        lambda file: sql(file, "CREATE TRIGGER t AFTER INSERT ON verdict BEGIN DELETE FROM verdict; END"),
        "tables that do not belong there",
    ),
    "a view": (lambda file: sql(file, "CREATE VIEW v AS SELECT 1"), "tables that do not belong there"),
    "cut short": (lambda file: file.write_bytes(file.read_bytes()[:-5000]), "malformed|damaged"),
    "another verdict": (
        lambda file: sql(file, "UPDATE verdict SET judgement = replace(judgement, 'FALSIFIED', 'CONFIRMED')"),
        "a verdict has changed",
    ),
    "a verdict on something else": (lambda file: sql(file, "UPDATE verdict SET statement = 'C1' WHERE id = 1"), None),
    "other arrays": (
        lambda file: sql(file, "UPDATE place SET arrays = zeroblob(length(arrays))"),
        "the arrays of a point have changed",
    ),
    "numbers for text": (lambda file: sql(file, "UPDATE verdict SET judgement = 7"), "cannot be used"),
    "campaign not JSON": (lambda file: sql(file, "UPDATE campaign SET settings = '{'"), "cannot be used"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_file_is_bad_input_in_one_line(file, optimum, how):
    spoil, said = SPOILT[how]
    before = read(filled(file, optimum))
    spoil(file)
    if said is None:  # such a verdict is of no statement that there is
        assert read(file) != before
        return
    with pytest.raises(BadInput, match=said) as caught:
        read(file)
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)


def test_bytes_that_flip_are_noticed_or_do_not_matter(file, optimum):
    filled(file, optimum)
    sound, rng, noticed = file.read_bytes(), random.Random(0), 0
    for _ in range(150):
        spoilt = bytearray(sound)
        for _ in range(3):
            spoilt[rng.randrange(len(spoilt))] ^= 1 << rng.randrange(8)
        file.write_bytes(spoilt)
        try:
            with Store.read(file) as store:
                judged, points = store.judged(PLACE, [A1, C1]), store.points(PLACE)
        except BadInput:
            noticed += 1
            continue
        assert all(repr(judged[each]) == repr(JUDGEMENTS[each]) for each in judged)  # what is left is true
        assert all(np.array_equal(point.Z, optimum.Z) and np.array_equal(point.D, optimum.D) for point in points)
    assert noticed > 0


def test_nothing_in_a_file_is_unpickled():
    text = Path(evidence.__file__).read_text(encoding="utf-8")
    assert not any(word in text for word in ("import pickle", "np.load(", "allow_pickle=True", "eval("))


@pytest.mark.parametrize("path", ["/proc/evidence.db", "/no/such/folder/evidence.db", "/"])
def test_a_place_that_cannot_be_written(path):
    with pytest.raises(BadInput, match=f"^{path}: cannot be used as a file of evidence"):
        Store.write(Path(path))


@pytest.mark.parametrize("path", ["/no/such/file", "/"])
def test_nothing_to_read(path):
    with pytest.raises(BadInput, match="no such file of evidence"):
        Store.read(Path(path))


def test_what_lies_where_nothing_can_be_written_can_be_read(file, optimum):
    before = read(filled(file, optimum))
    file.chmod(0o444)
    file.parent.chmod(0o555)
    try:
        assert read(file) == before
    finally:
        file.parent.chmod(0o755)


def test_an_empty_file_is_filled_and_a_new_one_is_empty(file, optimum):
    file.touch()
    assert "j=1" in read(filled(file, optimum))
