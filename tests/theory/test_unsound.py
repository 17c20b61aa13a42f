"""The proof kernel refuses what is false, ill-formed or vacuous, and accepts ten and more of the same once mended.

Every file of `unsound` is a statement as a user would write it, with a certificate or a counterexample that looks
right; every file of `unsound/theorems` is a theorem. Its line `Refused:` says what the refusal must name. A file of
`sound` is the one of the same name, mended.
"""

import re
from pathlib import Path

import pytest

from checks.claims.load import load_file, load_theorem
from checks.errors import BadInput
from theory.certificate import NotProved

CORPUS, MENDED = Path(__file__).parent / "unsound", Path(__file__).parent / "sound"
UNSOUND = sorted(path for path in CORPUS.rglob("*.py") if path.parent.name not in ("tampering", "theorems"))
THEOREMS = sorted((CORPUS / "theorems").glob("*.py"))
SOUND = sorted(MENDED.glob("*.py"))


def by_place(path):
    return f"{path.parent.name}/{path.stem}"


def reason(path):
    """What the refusal of a file must name."""
    return re.search(r"\A\"\"\".+\n\nRefused: (.+)\n", path.read_text(encoding="utf-8"))[1]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of what is divided by zero before it is refused
@pytest.mark.parametrize("path", UNSOUND, ids=by_place)
def test_it_is_refused_and_the_reason_is_named(path):
    with pytest.raises((BadInput, NotProved)) as refusal:
        load_file(path).prove()
    assert reason(path) in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1


@pytest.mark.parametrize("path", THEOREMS, ids=by_place)
def test_a_theorem_is_refused_and_the_reason_is_named(path):
    with pytest.raises((BadInput, NotProved)) as refusal:
        load_theorem(path).prove()
    assert reason(path) in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1


@pytest.mark.parametrize("path", SOUND, ids=by_place)
def test_its_mended_twin_is_accepted(path):
    load_file(path).prove()


def test_a_twin_is_of_the_same_name():
    assert {path.name for path in SOUND} <= {path.name for path in UNSOUND}
    assert len(SOUND) >= 10
