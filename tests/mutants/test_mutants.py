"""Each fault of the catalogue is noticed (marker `mutants`), and the catalogue itself is in order."""

import pytest

from tests.mutants.catalogue import MUTANTS, Mutant
from tests.mutants.harness import ROOT, Outcome, applied, run


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_mutant_still_applies(mutant):
    compile(applied((ROOT / mutant.path).read_text(), mutant), mutant.path, "exec")


def test_a_line_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="0 places"):
        applied("x = 1\n", Mutant("x.py", "y", "z", ""))


@pytest.mark.mutants
def test_every_mutant_is_killed(subtests):
    for mutant, outcome in run(MUTANTS):
        with subtests.test(mutant.name):
            assert outcome in (Outcome.KILLED, Outcome.EQUIVALENT)


@pytest.mark.mutants
def test_a_change_that_changes_nothing_survives():
    source = (ROOT / "checks/errors.py").read_text()
    harmless = Mutant("checks/errors.py", source, source + "\n", "tests/mutants/test_mutants.py -k refused")
    assert [outcome for _, outcome in run([harmless], jobs=1)] == [Outcome.SURVIVED]
