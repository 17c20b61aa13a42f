"""`saelaws new`: a statement file with blanks. None of them can be overlooked: a blank claim cannot even be loaded."""

from __future__ import annotations

import keyword
import shlex
from pathlib import Path

from checks.errors import BadInput
from theory.statement import discover, id_of

TEMPLATE = '''"""TODO the claim in words: one sentence with a full stop.

TODO the claim in mathematics.
Boundary: TODO where it is vacuous or sharp.

Reference: TODO where it comes from.
"""

# What there is to write with, see theory/problem.py; delete what you do not need.
#   per sample   x[a] data, r[a] = x − b − Dz the residual, xhat[a] = Dz, z[j] the code, lam its price λ
#   dictionary   D[a, j] the atoms, b[a] the bias, G[j, l] = d_j·d_l
#   E(...)       the mean over samples; Sum(..., a) over coordinates; on[j], off[j] whether z_j > 0
# An index that is left free (a, c: coordinates; j, l, m: atoms) means "for every".
from sympy import Sum
from theory.expectation import E
from theory.problem import D, G, a, b, c, j, l, lam, m, off, on, r, x, xhat, z
from theory.statement import Eq, Ge, Le, Statement, Status

statement = Statement(
    status=Status.OPEN,
    claim=...,  # Eq(left, right), Le(left, right) or Ge(left, right); a tuple of several
    controls={
        # Neighbouring claims that must fail where yours holds; for an equality, one on each side.
        ...: ...,
    },
)
'''


def new(name: str, folder: Path) -> Path:
    """Write the file of a new statement and return its path.

    Raises BadInput if the name is none for a Python file, is taken, or the file cannot be written.
    """
    if not name.isidentifier() or keyword.iskeyword(name) or name != name.lower():
        raise BadInput(f"{name}: expected the claim in words, in small letters joined by _, such as atoms_are_means")
    if name.startswith("test_"):
        raise BadInput(f"{name}: pytest takes test_… for a module of tests")
    if id_of(name) in {statement.id for statement in discover()}:
        raise BadInput(f"{name}: the id {id_of(name)} is taken (saelaws list)")
    path = folder / f"{name}.py"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE)
    except FileExistsError:
        raise BadInput(f"{path}: exists already") from None
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror})") from None
    return path


def next_steps(path: Path) -> str:
    """What to do with a new file."""
    file, folder = shlex.quote(str(path)), shlex.quote(str(path.parent))
    return (
        f"{path} has blanks: fill them in. Then\n\n"
        f"    pytest --saelaws {file}\n"
        f"    saelaws verify {id_of(path.stem)} --from {folder}\n\n"
        "attack it with adversarial instances, and judge it on exact optima and trained SAEs."
    )
