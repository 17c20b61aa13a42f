"""The shape of a statement file: found by scanning, complete, and complained about where it is not."""

from dataclasses import replace
from pathlib import Path

import pytest

from theory.problem import a, r
from theory.statement import Eq, Statement, Status, discover, lint

STATEMENTS = discover()
FILE = '''"""Residuals are zero.

r = 0 for every sample.
Boundary: true at λ = 0 with enough atoms.

Reference: folklore.
"""

from theory.problem import a, r
from theory.statement import Eq, Statement, Status

statement = Statement(status=Status.OPEN, claim=Eq(r[a], 0), controls={"one": Eq(r[a], 1)})
'''


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda s: s.id)
def test_every_statement_is_complete(statement):
    assert lint(statement) == []


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda s: s.id)
def test_every_statement_is_short_and_needs_sympy_and_theory_only(statement):
    source = statement.path.read_text()
    imports = [line.split()[1] for line in source.splitlines() if line.startswith(("import ", "from "))]
    assert {name.split(".")[0] for name in imports} <= {"sympy", "theory"}
    assert len(source.splitlines()) <= 60


def test_discovery_finds_the_statements_of_the_package_in_order():
    found = [s.id for s in STATEMENTS]
    assert {"C1", "R1", "A1", "A3", "A5", "B1"} <= set(found)
    assert found.index("A1") < found.index("A3") < found.index("A5") < found.index("B1") < found.index("C1")


def test_citations_are_found_and_go_round_in_no_circle():
    cites = {s.id: set(s.cites) for s in STATEMENTS}
    assert cites["A3"] == {"A1"}
    assert cites["K2"] == {"K1"}
    assert cites["C1"] == set()
    while cites:
        grounded = {id for id, cited in cites.items() if not cited & cites.keys()}
        assert grounded, cites
        cites = {id: cited for id, cited in cites.items() if id not in grounded}


def test_a_folder_of_conjectures_is_found(tmp_path):
    (tmp_path / "residuals_vanish.py").write_text(FILE)
    found = {s.id: s for s in discover([tmp_path])}
    assert found["residuals_vanish"].title == "Residuals are zero."
    assert found["residuals_vanish"].section("Boundary") == "true at λ = 0 with enough atoms."
    assert lint(found["residuals_vanish"]) == []


def test_two_files_with_one_id_are_refused(tmp_path):
    (tmp_path / "a1_again.py").write_text(FILE)
    with pytest.raises(ValueError, match="A1 is taken"):
        discover([tmp_path])


COMPLETE = Statement(
    status=Status.OPEN,
    claim=Eq(r[a], 0),
    controls={"one": Eq(r[a], 1)},
    document="Residuals are zero.\n\nBoundary: none.\n\nReference: folklore.\n",
    path=Path("residuals_vanish.py"),
)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"document": "Residuals are zero\n\nBoundary: none.\n\nReference: folklore.\n"}, "full stop"),
        ({"document": "Residuals are zero.\n\nReference: folklore.\n"}, "Boundary"),
        ({"document": "Residuals are zero.\n\nBoundary: none.\n"}, "Reference"),
        ({"controls": {}}, "no controls"),
        ({"controls": {"same": Eq(r[a], 0)}}, "the claim itself"),
        ({"controls": {"two": (Eq(r[a], 1), Eq(r[a], 2))}}, "as many relations"),
        ({"status": Status.PROVED}, "without a proof"),
    ],
)
def test_the_linter_fires(change, complaint):
    assert any(complaint in line for line in lint(replace(COMPLETE, **change)))


def test_the_linter_is_silent():
    assert lint(COMPLETE) == []
