"""Arrows point down only: theory imports sympy and nothing else; solvers, SAEs and data know no statements."""

import subprocess
import sys

import pytest

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
