"""The workflows, ours and the one that others copy: valid, and made of commands and options that exist."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
import yaml

from checks.cli import app

ROOT = Path(__file__).parent.parent
OURS = ROOT / ".github/workflows/ci.yml"
THEIRS = ROOT / "tests/outside/.github/workflows/laws.yml"
PLUGIN = ["-p", "checks.pytest_plugin"]
OTHERS = {"pip", "ruff", "mypy", "python3", "echo", "apt-get"}


def jobs(file):
    return yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"].values()


def commands(file):
    """Every command of every step, as words."""
    scripts = [step["run"] for job in jobs(file) for step in job["steps"] if "run" in step]
    lines = [part for script in scripts for line in script.splitlines() for part in line.split("&&")]
    return [words for line in lines if (words := shlex.split(line))]


def options(words):
    return {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)}


def unknown(words, pytest_options):
    """What a command names that does not exist."""
    program, *rest = Path(words[0]).name, *words[1:]
    if program == "saelaws":
        command = typer.main.get_command(app).commands.get(rest[0])
        if command is None:
            return {rest[0]}
        return options(rest) - {option for parameter in command.params for option in parameter.opts}
    if program == "pytest":
        return options(rest) - pytest_options
    return {program} - OTHERS


@pytest.fixture(scope="module")
def pytest_options():
    """All options of pytest with its plugins."""
    command = [sys.executable, "-m", "pytest", *PLUGIN, "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout
    return set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", shown))


@pytest.mark.parametrize("file", [OURS, THEIRS], ids=lambda file: file.stem)
def test_workflows_run_what_exists(file, pytest_options):
    found = commands(file)
    assert {Path(words[0]).name for words in found} >= {"pip", "pytest", "saelaws"}
    for words in found:
        assert not unknown(words, pytest_options), shlex.join(words)


@pytest.mark.parametrize(
    "line", ["saelaws fly", "saelaws verify --fly", "pytest --fly", "fly", "pytest --saelaws-fly=1"]
)
def test_what_does_not_exist_would_be_noticed(line, pytest_options):
    assert unknown(shlex.split(line), pytest_options)


@pytest.mark.parametrize("file", ["README.md", "CONTRIBUTING.md"])
def test_so_do_the_documents(file, pytest_options):
    lines = re.findall(r"^    ((?:saelaws|pytest) [^#\n]*)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    assert lines
    for line in lines:
        assert not unknown(shlex.split(line), pytest_options), line


def test_our_workflow_spans_the_supported_versions():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (job,) = (job for job in jobs(OURS) if "strategy" in job)
    oldest, newest = job["strategy"]["matrix"]["python"]
    assert project["requires-python"] == f">={oldest}"
    assert float(newest.split(".")[1]) > float(oldest.split(".")[1])


@pytest.mark.parametrize("file", [OURS, THEIRS], ids=lambda file: file.stem)
def test_workflows_can_end_and_can_only_read(file):
    assert yaml.safe_load(file.read_text(encoding="utf-8"))["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] <= 60 for job in jobs(file))
