"""Where the work is done changes nothing."""

import pickle
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from checks.campaigns import attack, verify
from checks.data.datasets import STANDARD
from checks.errors import BadInput, MissingExtra
from checks.evidence import parallel as workers
from checks.evidence.parallel import Workers
from checks.evidence.store import Store
from checks.instances import cases
from checks.instances.cases import Case
from checks.instances.strategies import stationary_specs
from theory.statement import discover

STATEMENTS = [statement for statement in discover() if statement.id in ("A1", "C1", "X1")]
CASES = [Case(spec) for spec in cases.draws(stationary_specs(max_n=6, max_d=2, max_k=2), 6, seed=0)]
RAYS = [dataset for dataset in STANDARD if dataset.name == "rays"]


def judged(where=workers.HERE, store=None):
    """The ledger, written out: a dictionary compares NaN by identity, which does not survive a process."""
    return repr(attack.judge_all(STATEMENTS, CASES, store=store, workers=where))


@contextmanager
def loopback():
    """A Dask cluster of one process on this machine."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, protocol="tcp://", host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


def test_two_processes_find_what_one_does():
    store = Store.in_memory()
    assert judged(Workers(jobs=2), store) == judged()
    assert store.added == len(STATEMENTS) * (len(CASES) + 1)  # and the counterexample of X1


def test_a_dask_cluster_finds_the_same():
    with loopback() as address:
        assert judged(Workers(cluster=address)) == judged()


def test_what_is_kept_is_not_sent(monkeypatch):
    store = Store.in_memory()
    judged(store=store)
    monkeypatch.setattr(workers, "_elsewhere", None)
    assert judged(Workers(jobs=2), store) == judged()


def test_no_statement_is_ever_sent(monkeypatch):
    sent = []

    def caught(work, tasks, workers):
        sent.extend(pickle.dumps((work, task)) for _, task in tasks)
        return iter(())

    monkeypatch.setattr(workers, "_elsewhere", caught)
    judged(Workers(jobs=2))
    with pytest.raises(AssertionError, match="not all was judged"):  # as nothing came back
        verify.verify(STATEMENTS, datasets=RAYS, workers=Workers(jobs=2))
    assert len(sent) == len(CASES) + 1
    assert not any(b"Statement" in each for each in sent)


def send(sender, statements=STATEMENTS):
    fingerprints = {statement.id: workers.fingerprint(statement) for statement in statements}
    return workers._remote(sender, 7, lambda found, task, progress: [each.id for each in found], fingerprints, None)


def test_a_worker_finds_the_statements_by_itself():
    assert send(workers.Sender(workers.code(), (), None)) == (7, ["A1", "C1", "X1"])


def test_a_worker_with_other_code_or_statements_refuses():
    with pytest.raises(BadInput, match="another version of this code"):
        send(workers.Sender("other", (), None))
    changed = replace(STATEMENTS[0], claim=STATEMENTS[0].controls["half the penalty"])
    with pytest.raises(BadInput, match="does not find statement A1 as it is here"):
        send(workers.Sender(workers.code(), (), None), [changed])


def test_a_cluster_that_is_not_there(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(workers, "REACH", 0.5)
    with pytest.raises(BadInput, match=r"--cluster tcp://127.0.0.1:9: cannot be reached"):
        judged(Workers(cluster="tcp://127.0.0.1:9"))
    with pytest.raises(BadInput, match="--cluster nonsense://x: cannot be reached"):
        judged(Workers(cluster="nonsense://x"))


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(MissingExtra, match=r"sae-laws\[cluster\]"):
        judged(Workers(cluster="tcp://127.0.0.1:9"))


def test_statements_of_a_folder_are_found_by_workers(tmp_path):
    source = Path(str(STATEMENTS[0].path)).read_text(encoding="utf-8")
    (tmp_path / "mine.py").write_text(source, encoding="utf-8")
    mine = next(statement for statement in discover([tmp_path]) if statement.id == "mine")
    found = workers._same((tmp_path,), (("mine", workers.fingerprint(mine)),))
    assert [statement.id for statement in found] == ["mine"]
