"""An outside package, installed apart: its conjectures and solvers are judged by the plugin that pytest finds."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from checks.laws import laws
from theory.statement import discover

ROOT = Path(__file__).parent.parent
OUTSIDE = Path(__file__).parent / "outside"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with both packages as pip installs them, and a copy of the outside package's repository."""
    site, source, theirs = (tmp_path_factory.mktemp(name) for name in ("site", "source", "theirs"))
    for part in ("checks", "theory", "pyproject.toml", "README.md", "LICENSE"):
        _copy(ROOT / part, source / part)
    shutil.copytree(OUTSIDE, theirs, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(site), str(source), str(theirs)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    shutil.rmtree(theirs / "tiny_dictionaries")  # only the installed one is left
    return site, theirs


def _copy(path, target):
    if path.is_dir():
        shutil.copytree(path, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(path, target)


@pytest.fixture
def run(installed):
    """Runs the outside package's tests; returns what was printed, and its outcomes counted by kind."""
    site, theirs = installed

    def run(*arguments):
        # This repository comes first, for its compiled solvers; the entry point is that of the installed copy.
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{site}"}
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--saelaws-profile", "dev", *arguments]
        done = subprocess.run(command, cwd=theirs, env=environment, capture_output=True, text=True, check=False)
        summary = done.stdout.strip().splitlines()[-1]
        found = Counter(
            {kind: int(count) for count, kind in re.findall(r"(\d+) (passed|failed|xfailed|error)", summary)}
        )
        return done.stdout + done.stderr, found

    return run


def count(**options):
    return len(laws(lambda x, k, lam: None, **options))


def test_what_is_installed_is_all_there(installed):
    site, _ = installed
    for file in (ROOT / "checks").rglob("*"):
        if file.suffix in (".py", ".j2", ".typed"):
            assert (site / file.relative_to(ROOT)).is_file()
    assert "saelaws = checks.pytest_plugin" in next(site.glob("sae_laws-*/entry_points.txt")).read_text()
    assert len(discover()) == len(list((site / "theory/statements").glob("*/[!_]*.py")))


def test_sound_conjectures_and_solvers_pass_and_known_flaws_are_expected(run):
    printed, found = run("-W", "error")
    conjectures = 3 * 3 - 1  # lint, proof and attack, but for the proof of the open one
    solvers = count() + count(promises="nearly a joint optimum") + count(promises="stationary parameters", bias=True)
    assert found == {"passed": conjectures + solvers - 3, "xfailed": 3}, printed
    assert "saelaws: 3 statements (1 OPEN, 1 PROVED, 1 REFUTED)" in printed


BROKEN = {  # by conjecture, what must fail of it
    "false_but_open": {"attack": "OPEN: set its status to REFUTED and keep the counterexample"},
    "false_but_proved": {"proof": "NOT PROVED", "attack": "PROVED: the proof, the solver or the engine is wrong"},
    "proved_but_open": {"proof": "the proof is verified, set its status to PROVED"},
    "toothless": {"attack": "control never caught: the data is bias and reconstruction"},
    "true_but_refuted": {"proof": "the claim holds at the counterexample", "attack": "REFUTED, but never falsified"},
    "true_but_wrongly_proved": {"proof": "NOT PROVED: claim − certificate = 2*E[r[a]], not 0"},
    "unfinished": {"lint": "still to be written: TODO the claim."},
    "vacuous": {"attack": "vacuous: its premise was met at none of"},
}


def test_broken_twins_fail_each_with_its_reason(run):
    printed, found = run("broken", "--continue-on-collection-errors", "--tb=short", "-rA")
    files = {path.stem for path in (OUTSIDE / "broken/conjectures").glob("*.py")}
    assert files == BROKEN.keys() | {"wrong_index"}
    # Twins of a solver fail at every law; one sound solver has an expected failure that is stale, nothing else.
    twins = 4 * count()
    claims = sum(map(len, BROKEN.values()))
    assert found["failed"] == twins + claims + 1, printed[-3000:]
    assert found["error"] == 1
    assert "wrong_index.py:15: claim: r[j]: r takes the index of a coordinate (a, c)" in printed
    for name, parts in BROKEN.items():
        failed = set(re.findall(rf"^FAILED broken/conjectures/{name}\.py::(\w+)", printed, re.MULTILINE))
        assert failed == parts.keys()
    for reason in (reason for parts in BROKEN.values() for reason in parts.values()):
        assert reason in printed
    for reason in (
        "twice_the_penalty: small: its λ reads 2 times the one asked for",
        "not_a_number on small: not finite, first at row 0",
        "other_data: small is uncertified: codes residual",
        "dictionary: small is uncertified: codes residual",
        "[XPASS(strict)] stale: it holds",
    ):
        assert reason in printed
