"""Where a result comes from."""

import subprocess
import sys
from datetime import datetime

import pytest

from checks.report.provenance import commit, installed, provenance

GIT = ("git", "-c", "user.name=t", "-c", "user.email=t@example.org")


@pytest.fixture
def repository(tmp_path):
    file = tmp_path / "code.py"
    file.write_text("1\n")
    for arguments in (("init", "-q"), ("add", "code.py"), ("commit", "-q", "-m", "first")):
        subprocess.run([*GIT, *arguments], cwd=tmp_path, check=True)
    return file


def test_all_that_is_needed_to_repeat():
    made = provenance(seed=3, device="cpu")
    assert set(made) == {"versions", "seed", "dtype", "device", "platform", "commit", "time"}
    assert set(made["versions"]) == {"python", "numpy", "torch", "sympy", "hypothesis", "sae-laws"}
    assert (made["seed"], made["device"], made["dtype"]) == (3, "cpu", "float64")
    assert made["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert datetime.fromisoformat(made["time"]).utcoffset().total_seconds() == 0


def test_unknown_distribution_has_no_version():
    assert installed("no-such-distribution-at-all") is None


def test_commit_of_tracked_code(repository):
    assert len(commit(repository)) == 40


def test_changed_code_is_dirty(repository):
    repository.write_text("2\n")
    assert commit(repository).endswith("-dirty")


def test_untracked_code_has_no_commit(repository):
    installed_beside = repository.with_name("other.py")
    installed_beside.write_text("")
    assert commit(installed_beside) is None


def test_code_outside_of_git_has_no_commit(tmp_path):
    assert commit(tmp_path / "code.py") is None


def test_without_git_there_is_no_commit(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert commit(repository) is None
