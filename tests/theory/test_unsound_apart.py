"""The unsound corpus as the commands meet it, and files that tamper with the kernel: in processes of their own."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from theory.statement import id_of

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "unsound"
TAMPERING = sorted((CORPUS / "tampering").glob("*.py"))
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "1000"}

# Imports what `saelaws prove` does and all statements, and becomes a process for each command that it reads: that one
# is not changed by the others, ends as any other does, and need not import anything again.
FORKS = """
import json, os, sys
import checks.cli.prove, checks.instances.stationary, checks.judging.exact
import checks.report.document, checks.report.terminal, theory.statement
theory.statement.discover()
for line in sys.stdin:
    child = os.fork()
    if not child:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
if not child:
    said, sys.argv = json.loads(line)
    to = os.open(said, os.O_CREAT | os.O_WRONLY)
    for stream in (0, 1, 2):
        os.dup2(to if stream else os.open(os.devnull, os.O_RDONLY), stream)
    checks.cli.main()
"""


@pytest.fixture(scope="module")
def prove():
    """Exit status and output of `saelaws prove`, each time in a process of its own."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", FORKS], cwd=ROOT, env=ENVIRONMENT, **pipes) as forks:

        def prove(*arguments, said):
            print(json.dumps([str(said), ["saelaws", "prove", *map(str, arguments)]]), file=forks.stdin, flush=True)
            return int(forks.stdout.readline()), alike(said.read_text(encoding="utf-8"))

        yield prove
        forks.stdin.close()


def alike(text):
    """All white space being alike."""
    return " ".join(text.split())


def reason(path):
    """What the refusal of a file must name."""
    return re.search(r"\A\"\"\".+\n\nRefused: (.+)\n", path.read_text(encoding="utf-8"))[1]


@pytest.mark.parametrize("path", TAMPERING, ids=lambda path: path.stem)
def test_who_tampers_with_the_kernel_is_refused(path, prove, tmp_path):
    shutil.copy(path, tmp_path)
    status, said = prove(id_of(path.stem), "--from", tmp_path, said=tmp_path / "said.txt")
    assert status in (1, 2), said
    assert reason(path) in said
    assert "Traceback" not in said


def test_a_folder_of_the_corpus_is_refused_as_a_whole(prove, tmp_path):
    """One whose files can all be loaded but the last."""
    shutil.copytree(CORPUS / "arithmetic", tmp_path / "folder")
    shutil.copy(CORPUS / "sums/atoms_beyond_the_last.py", tmp_path / "folder/z_last.py")
    status, said = prove("--from", tmp_path / "folder", said=tmp_path / "said.txt")
    assert status == 2
    assert "folder/z_last.py:17: ValueError: Summation will set Idx value too high." in said
    assert "Traceback" not in said


def test_what_is_sound_is_proved(prove, tmp_path):
    """By the same processes."""
    status, said = prove("A1", said=tmp_path / "said.txt")
    assert status == 0, said
    assert "A1" in said


def test_no_proof_of_the_corpus_passes_in_pytest():
    """What cannot be loaded fails at collection, the rest at its proof: a fifth of it, some of each folder.

    A test item loads and proves a file by the calls by which tests/theory/test_unsound.py does, of every file.
    """
    theorems = (CORPUS / "theorems").glob("*.py")  # no statements, and so no tests of pytest --saelaws
    corpus = sorted(set(CORPUS.rglob("*.py")) - {*TAMPERING, *theorems})
    tried = corpus[::5]
    assert {path.parent for path in tried} == {path.parent for path in corpus}
    ignored = [f"--ignore={path}" for path in CORPUS.rglob("*.py") if path not in tried]
    options = ("--saelaws", "-m", "law(part='proof')", "--continue-on-collection-errors", "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", *options, *ignored, str(CORPUS)]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    said = alike(done.stdout + done.stderr)
    counts = {outcome: int(number) for number, outcome in re.findall(r"(\d+) (failed|passed|errors?)\b", said)}
    assert done.returncode == 1, said
    assert "passed" not in counts
    assert sum(counts.values()) == len(tried)
