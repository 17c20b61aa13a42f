"""From `saelaws new` to a verdict, as CONTRIBUTING says; and what README says of other people's solvers."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from checks.cli import app
from checks.solvers.dictionary import joint

ROOT = Path(__file__).parent.parent


def saelaws(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def new(tmp_path, monkeypatch):
    """A new file in my_laws, below the working directory."""
    monkeypatch.chdir(tmp_path)
    result = saelaws("new", "residuals_cancel", "--in", "my_laws")
    assert result.exit_code == 0, result.output
    return Path("my_laws/residuals_cancel.py"), result.stdout


def test_it_says_what_to_do_next(new):
    path, said = new
    assert path.is_file()
    assert f"pytest --saelaws {path}\n" in said
    assert "saelaws verify residuals_cancel --from my_laws\n" in said


@pytest.mark.parametrize("command", [("list",), ("prove",), ("show", "residuals_cancel"), ("verify", "B1")])
def test_nothing_is_done_with_a_file_that_has_blanks(new, command):
    result = saelaws(*command, "--from", "my_laws")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert re.match(r"saelaws: my_laws/residuals_cancel\.py:\d+: claim: still blank; controls: ", result.stderr)
    assert result.stderr.count("\n") == 1


def test_filled_in_it_is_judged(new):
    path, _ = new
    source = path.read_text(encoding="utf-8").replace("TODO ", "")
    source = source.replace("claim=...", "claim=Eq(E(r[a]), 0)").replace("...: ...", '"it is the data": Eq(r[a], x[a])')
    path.write_text(source, encoding="utf-8")
    assert saelaws("prove", "residuals_cancel", "--from", "my_laws").exit_code == 0
    result = saelaws("verify", "residuals_cancel", "--from", "my_laws", "--on", "solver", "--data", "antipodal")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(("name", "said"), [("B1", "expected the claim in words"), ("b1_mine", "the id B1 is taken")])
def test_a_bad_name_is_one_line(tmp_path, name, said):
    result = saelaws("new", name, "--in", tmp_path)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_example_for_solvers_in_the_readme():
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)

    def my_solver(x, k, lam):
        found = joint(x, k, lam, seed=0)
        return found.D, None, found.Z

    names = {"my_solver": my_solver}
    exec(block, names)
    (mark,) = names["test_my_solver"].pytestmark
    for case in mark.args[1]:
        names["test_my_solver"](*case.values)
    assert len(mark.args[1]) > 20
