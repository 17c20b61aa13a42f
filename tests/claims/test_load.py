"""Files of other people: loaded, or refused in one line that says where and why."""

import pytest

from checks.claims import scaffold
from checks.claims.load import load, load_file
from checks.errors import BadInput
from theory.statement import discover, lint

FILE = '''"""Residuals have mean zero.

E[r] = 0.
Boundary: none.

Reference: a test.
"""

from sympy import sqrt
from theory.derive import bias
from theory.expectation import E
from theory.problem import a, j, r, s, z{imports}
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.OPEN,
    claim={claim},
    {more}controls={{"one": Eq(E(r[a]), 1)}},
)
'''


def written(folder, name="mine.py", claim="Eq(E(r[a]), 0)", imports="", more=""):
    path = folder / name
    path.write_text(FILE.format(claim=claim, imports=imports, more=more), encoding="utf-8")
    return path


def test_a_folder_and_a_file(tmp_path):
    path = written(tmp_path)
    assert "mine" in {statement.id for statement in load([tmp_path])}
    assert load_file(path).path == path
    assert [statement.id for statement in load([])] == [statement.id for statement in discover()]


def test_a_file_of_the_package():
    A1 = discover()[0]
    assert load_file(A1.path).id == A1.id


@pytest.mark.parametrize(
    ("written_as", "said"),
    [
        ({"claim": "Eq(E(r[a]), 0"}, "mine.py:1"),  # wherever Python notices
        ({"imports": ", lambda_"}, "mine.py:12: ImportError: cannot import name 'lambda_' from 'theory.problem'"),
        ({"claim": "Eq(E(residual[a]), 0)"}, "mine.py:17: NameError: name 'residual' is not defined"),
        ({"claim": "E(r[a]) == 0"}, "mine.py:17: claim: is False: in Python == compares"),
        ({"claim": "Eq(E(r[j]), 0)"}, "mine.py:17: claim: r[j]: r takes the index of a coordinate"),
        ({"claim": "Eq(sqrt(E(r[a])), 0)"}, "mine.py:17: claim: cannot evaluate sqrt(E[r[a]]): only whole powers"),
        ({"more": "proof=-bias[a] * sqrt(s),\n    "}, "mine.py:18: proof: cannot evaluate sqrt(s)"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_one_line_says_where_and_why(tmp_path, monkeypatch, written_as, said):
    monkeypatch.chdir(tmp_path)
    path = written(tmp_path, **written_as)
    with pytest.raises(BadInput) as raised:
        load_file(path)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_without_a_statement(tmp_path):
    path = tmp_path / "empty.py"
    path.write_text("")
    with pytest.raises(BadInput, match="there is no `statement = Statement"):
        load_file(path)


# --- saelaws new ---


def test_a_new_file_names_every_blank(tmp_path):
    path = scaffold.new("atoms_are_means", tmp_path / "laws")
    with pytest.raises(BadInput) as raised:
        load([tmp_path / "laws"])
    for said in ("claim: still blank", "controls: still blank", "TODO the claim in words", "Boundary", "Reference"):
        assert said in str(raised.value)
    assert f":{_line(path, 'claim=...')}:" in str(raised.value)


def test_a_new_file_that_is_filled_in_is_clean(tmp_path):
    path = scaffold.new("atoms_are_means", tmp_path)
    source = path.read_text(encoding="utf-8")
    source = source.replace("claim=...", "claim=Eq(E(r[a]), 0)").replace("...: ...", '"one": Eq(E(r[a]), 1)')
    path.write_text(source, encoding="utf-8")
    complaints = lint(load_file(path))
    assert len(complaints) == 4
    assert all("TODO" in complaint for complaint in complaints)
    path.write_text(source.replace("TODO ", ""), encoding="utf-8")
    assert lint(load_file(path)) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("two words", "expected the claim in words"),
        ("Capitals", "expected the claim in words"),
        ("../up", "expected the claim in words"),
        ("lambda", "expected the claim in words"),
        ("", "expected the claim in words"),
        ("test_mine", "module of tests"),
        ("a1_mine", "the id A1 is taken"),
    ],
)
def test_a_name_that_will_not_do(tmp_path, name, said):
    with pytest.raises(BadInput, match=said):
        scaffold.new(name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten(tmp_path):
    path = scaffold.new("mine", tmp_path)
    path.write_text("precious")
    with pytest.raises(BadInput, match="exists already"):
        scaffold.new("mine", tmp_path)
    assert path.read_text() == "precious"
    with pytest.raises(BadInput, match="cannot be written"):
        scaffold.new("mine", path / "below")


def _line(path, text):
    return next(n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if text in line)
