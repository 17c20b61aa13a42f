"""Arrows point down, and never in a circle: theory imports sympy and nothing else; solvers know no statements."""

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# The rooms of the house, from the ground up. Rooms on one floor do not know each other.
FLOORS = (
    ("errors", "threads"),
    ("problem",),
    ("data", "evaluation"),
    ("saes", "solvers"),
    ("judging",),
    ("instances", "evidence", "estimator"),
    ("claims",),
    ("campaigns",),
    ("studies",),
    ("report",),
    ("cli", "pytest_plugin", "laws"),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def sources(folder):
    """The modules of the package in a folder, each with its file."""
    files = {".".join(file.relative_to(folder.parent).with_suffix("").parts): file for file in folder.rglob("*.py")}
    return {name.removesuffix(".__init__"): file for name, file in files.items()}


def arrows(modules):
    """What each module imports of the others, wherever in it: at the top, in a function, for the type checker."""
    found = {name: set() for name in modules}
    for name, file in modules.items():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert not node.level, f"{name}: relative import"
                wanted = [(f"{node.module}.{alias.name}", node.module) for alias in node.names]
            elif isinstance(node, ast.Import):
                wanted = [(alias.name,) for alias in node.names]
            else:
                continue
            found[name] |= {next((each for each in names if each in modules), name) for names in wanted} - {name}
    return found


def upward(found):
    """The arrows that lead to the same floor or a higher one, from room to room."""
    rooms = [
        (name, other, name.split(".")[1], other.split(".")[1])
        for name, others in found.items()
        for other in sorted(others)
        if "." in name and "." in other
    ]
    return [f"{name} → {other}" for name, other, here, there in rooms if here != there and FLOOR[here] <= FLOOR[there]]


def circle(found):
    try:
        TopologicalSorter(found).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_every_room_is_on_a_floor():
    rooms = {name.split(".")[1] for name in sources(ROOT / "checks") if "." in name}
    assert rooms <= set(FLOOR), "a new room: put it on a floor"


def test_arrows_point_down():
    assert upward(arrows(sources(ROOT / "checks"))) == []


@pytest.mark.parametrize("package", ["checks", "theory"])
def test_there_is_no_circle(package):
    assert circle(arrows(sources(ROOT / package))) == []


@pytest.mark.parametrize(
    ("room", "line", "told"),
    [
        ("judging", "from checks.report import page", ["checks.judging.guilty → checks.report.page"]),
        ("judging", "def late():\n    import checks.report.page", ["checks.judging.guilty → checks.report.page"]),
        ("data", "if False:\n    from checks.saes.train import train", ["checks.data.guilty → checks.saes.train"]),
        ("report", "from checks.saes.train import train", []),
        ("report", "from checks.report import page", []),
    ],
)
def test_an_arrow_up_or_sideways_would_be_noticed(tmp_path, room, line, told):
    for name, text in {f"{room}/guilty": line, "report/page": "import sys", "saes/train": "train = 1"}.items():
        file = tmp_path / "checks" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")
    assert upward(arrows(sources(tmp_path / "checks"))) == told


def test_a_circle_would_be_noticed(tmp_path):
    (tmp_path / "round").mkdir()
    for name, other in (("one", "two"), ("two", "three"), ("three", "one")):
        (tmp_path / "round" / f"{name}.py").write_text(f"def late():\n    from round.{other} import late\n")
    assert set(circle(arrows(sources(tmp_path / "round")))) == {"round.one", "round.two", "round.three"}


# Imports everything below a package on a machine where only the allowed distributions exist.
GUARD = """
import importlib, importlib.abc, pkgutil, sys
package, *allowed = sys.argv[1:]

class Forbid(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.split(".")[0]
        if top not in sys.stdlib_module_names and top not in allowed:
            raise ModuleNotFoundError(f"{name} is out of bounds", name=name)

sys.meta_path.insert(0, Forbid())
root = importlib.import_module(package)
for info in pkgutil.walk_packages(root.__path__, package + "."):
    importlib.import_module(info.name)
"""


def imports_only(package, *allowed, path=None):
    return subprocess.run(
        [sys.executable, "-c", GUARD, package, *allowed], capture_output=True, text=True, cwd=path, check=False
    )


def test_theory_imports_sympy_only():
    done = imports_only("theory", "theory", "sympy", "mpmath")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", ["import numpy", "from checks.judging import verdict", "import scipy.linalg"])
def test_the_guard_would_notice(tmp_path, line):
    (tmp_path / "innocent").mkdir()
    (tmp_path / "innocent" / "__init__.py").write_text("import sympy\n")
    (tmp_path / "innocent" / "guilty.py").write_text(line + "\n")
    done = imports_only("innocent", "innocent", "sympy", "mpmath", path=tmp_path)
    assert done.returncode != 0
    assert "is out of bounds" in done.stderr


@pytest.mark.parametrize("package", ["checks.solvers", "checks.saes", "checks.data"])
def test_solvers_saes_and_data_know_no_statements(package):
    program = (
        f"import importlib, pkgutil, sys; root = importlib.import_module('{package}')\n"
        f"[importlib.import_module(i.name) for i in pkgutil.walk_packages(root.__path__, '{package}.')]\n"
        "known = [n for n in sys.modules if n.startswith(('theory.statement', 'checks.judging'))]\n"
        "sys.exit(f'{known}' if known else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_help_imports_nothing_heavy():
    """So that it answers at once: numpy alone takes longer than all of it."""
    heavy = ("hypothesis", "matplotlib", "numba", "numpy", "scipy", "sklearn", "sympy", "torch")
    program = (
        "import sys; from typer.testing import CliRunner; from checks.cli import app\n"
        "assert 'verify' in CliRunner().invoke(app, ['--help']).output\n"
        f"sys.exit(' '.join(n for n in {heavy} if n in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
