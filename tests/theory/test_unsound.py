"""The proof kernel refuses what is false, ill-formed or vacuous, and accepts ten and more of the same once mended.

Every file of `unsound` is a statement as a user would write it, with a certificate or a counterexample that looks
right. Its line `Refused:` says what the refusal must name. A file of `sound` is the one of the same name, mended.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from checks.claims.load import load_file
from checks.errors import BadInput
from theory.certificate import NotProved
from theory.statement import id_of

ROOT = Path(__file__).parents[2]
CORPUS, MENDED = Path(__file__).parent / "unsound", Path(__file__).parent / "sound"
TAMPERING = sorted((CORPUS / "tampering").glob("*.py"))
UNSOUND = sorted(set(CORPUS.rglob("*.py")) - set(TAMPERING))
SOUND = sorted(MENDED.glob("*.py"))


def by_place(path):
    return f"{path.parent.name}/{path.stem}"


def reason(path):
    """What the refusal of a file must name."""
    return re.search(r"\A\"\"\".+\n\nRefused: (.+)\n", path.read_text(encoding="utf-8"))[1]


def apart(*arguments):
    """Exit status and output of a command of its own, all white space being alike."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "1000"}
    command = [sys.executable, "-m", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of what is divided by zero before it is refused
@pytest.mark.parametrize("path", UNSOUND, ids=by_place)
def test_it_is_refused_and_the_reason_is_named(path):
    with pytest.raises((BadInput, NotProved)) as refusal:
        load_file(path).prove()
    assert reason(path) in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1


@pytest.mark.parametrize("path", TAMPERING, ids=by_place)
def test_who_tampers_with_the_kernel_is_refused(path, tmp_path):
    """In a process of its own, as the one of the tests would not be the same afterwards."""
    shutil.copy(path, tmp_path)
    status, said = apart("checks.cli", "prove", id_of(path.stem), "--from", tmp_path)
    assert status in (1, 2), said
    assert reason(path) in said
    assert "Traceback" not in said


@pytest.mark.parametrize("path", SOUND, ids=by_place)
def test_its_mended_twin_is_accepted(path):
    load_file(path).prove()


def test_a_twin_is_of_the_same_name():
    assert {path.name for path in SOUND} <= {path.name for path in UNSOUND}
    assert len(SOUND) >= 10


def test_no_proof_of_the_corpus_passes_in_pytest():
    """What cannot be loaded fails at collection, the rest at its proof."""
    options = ("--saelaws", "-m", "law(part='proof')", "--continue-on-collection-errors", "-p", "no:cacheprovider")
    status, said = apart("pytest", *options, f"--ignore={CORPUS / 'tampering'}", CORPUS)
    counts = {outcome: int(number) for number, outcome in re.findall(r"(\d+) (failed|passed|errors?)\b", said)}
    assert status == 1, said
    assert "passed" not in counts
    assert sum(counts.values()) == len(UNSOUND)


def test_the_corpus_is_refused_as_a_whole_by_prove():
    status, said = apart("checks.cli", "prove", "--from", CORPUS)
    assert status in (1, 2), said
    assert "Traceback" not in said
