"""pytest --saelaws, as a process of its own: collection, selection, gates, reports and what it costs others."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from checks import pytest_plugin
from checks.campaigns import attack

ROOT = Path(__file__).parent.parent
OUTSIDE = Path(__file__).parent / "outside"
PLUGIN = ["-p", "checks.pytest_plugin"]


class Done(NamedTuple):
    """How a run of pytest ended, and what it printed."""

    returncode: int
    stdout: str


@pytest.fixture
def put(tmp_path, monkeypatch):
    """Copies files of the outside package to the folder laws, in an empty working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\nfilterwarnings = error\n")

    def put(*files, folder="laws"):
        (tmp_path / folder).mkdir(exist_ok=True)
        for file in files:
            content = (OUTSIDE / file).read_text(encoding="utf-8")
            (tmp_path / folder / Path(file).name).write_text(content, encoding="utf-8")

    return put


@pytest.fixture
def run(put, capsys):
    """Runs pytest within this process, which has imported all that is slow to import."""

    def run(*arguments, files=()):
        put(*files)
        capsys.readouterr()
        status = pytest.main([*PLUGIN, "-p", "no:cacheprovider", *arguments])
        return Done(status, capsys.readouterr().out)

    return run


GOOD = sorted(f"conjectures/{path.name}" for path in (OUTSIDE / "conjectures").glob("*.py"))


def test_profiles_are_those_of_the_attack():
    assert set(pytest_plugin.PROFILES) == attack.PROFILES.keys()


def test_loading_it_costs_others_nothing():
    code = "import sys, checks.pytest_plugin; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert not {"numpy", "sympy", "torch", "numba", "scipy", "hypothesis", "theory"} & set(done.stdout.split())


def test_unless_asked_for_it_does_nothing(run):
    done = run("laws", files=GOOD)
    assert "no tests ran" in done.stdout
    assert "saelaws" not in done.stdout


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ([], 8),
        (["-k", "residual_pays_for_codes"], 3),
        (["-m", "law(status='open')"], 2),
        (["-m", "law(family='laws', part='proof')"], 2),
        (["laws/residual_pays_for_codes.py"], 3),
        (["laws/residual_pays_for_codes.py::attack"], 1),
    ],
    ids=str,
)
def test_collection_and_selection(run, selection, expected):
    done = run("--saelaws", "--collect-only", "-q", *selection, files=GOOD)
    assert done.returncode == 0, done.stdout
    items = [line for line in done.stdout.splitlines() if "::" in line]
    assert len(items) == len(set(items)) == expected


def test_a_file_that_cannot_be_judged_is_an_error_in_one_line(run):
    done = run("--saelaws", "-q", files=["broken/conjectures/wrong_index.py"])
    assert done.returncode == 2
    assert "laws/wrong_index.py:15: claim: r[j]: r takes the index of a coordinate (a, c)\n" in done.stdout
    assert "Traceback" not in done.stdout


def test_an_id_that_is_taken(run, put):
    put("broken/conjectures/vacuous.py", folder="other")
    done = run("--saelaws", "--collect-only", "-q", files=["broken/conjectures/vacuous.py"])
    assert done.returncode == 2
    assert "the id vacuous is taken by" in done.stdout


def test_a_run_with_workers_and_its_report(run, put, tmp_path):
    put(*GOOD, "broken/conjectures/false_but_open.py")
    options = ["--saelaws", "--saelaws-profile", "dev", "--saelaws-seed", "3", "-n", "2", "--dist", "loadgroup"]
    command = [sys.executable, "-m", "pytest", *PLUGIN, "-p", "no:cacheprovider", *options, "--junitxml", "out.xml"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 1
    assert "profile dev, seed 3" in done.stdout
    assert "1 failed, 9 passed" in done.stdout
    assert "OPEN: set its status to REFUTED and keep the counterexample" in done.stdout
    survivor = "active_samples_keep_a_residual"
    assert f"search for a proof: saelaws prove {survivor} --from laws/{survivor}.py --find" in done.stdout
    assert "saelaws prove false_but_open" not in done.stdout
    cases = {case.get("classname") + "::" + case.get("name"): case for case in _cases(tmp_path / "out.xml")}
    told = {each.get("name"): each.get("value") for each in cases["laws.false_but_open::attack"].iter("property")}
    assert told["statement"] == "false_but_open"
    assert told["status"] == "OPEN"
    assert told["verdict"] == "FALSIFIED"
    assert int(told["instances"]) > 0
    assert float(told["violation"]) > float(told["bound"])
    again = shlex.split(told["repro"])[1:]
    assert again[:2] == ["--saelaws", "laws/false_but_open.py::attack"]
    repeated = run(*again)
    assert repeated.returncode == 1
    assert "false_but_open FALSIFIED" in repeated.stdout


def _cases(file):
    return ElementTree.parse(file).getroot().iter("testcase")


def test_a_case_that_is_none(run):
    done = run("--saelaws", "-q", "-k", "attack", "--saelaws-case", "Case(open('x'))", files=GOOD[:1])
    assert done.returncode == 1
    assert "--saelaws-case: \"Case(open('x'))\": expected the description of an instance" in done.stdout
