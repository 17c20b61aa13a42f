"""What a verdict depends on, in a few characters: its statement, the code and the data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version

import numpy as np
from sympy import srepr

from checks.problem.instance import Instance
from theory.statement import Statement

# What a verdict is reached with, besides the sources of this project.
PACKAGES = ("hypothesis", "numba", "numpy", "scikit-learn", "scipy", "sympy", "torch")
# Sources that no verdict depends on. Of a statement all that matters is in its own fingerprint.
APART = ("checks/studies/", "checks/report/", "checks/cli/", "checks/pytest_plugin.py", "theory/statements/")


@cache
def fingerprint(statement: Statement) -> str:
    """Of all that a judgement of a statement depends on: its file, and every expression it takes from elsewhere."""
    controls = {name: srepr(statement.control(name)) for name in statement.controls}
    parts = [
        statement.id,
        statement.status.value,
        statement.about.name if statement.about else None,
        *map(srepr, (statement.claims, statement.proofs, tuple(statement.given))),
        controls,
        repr(statement.counterexample),
        statement.path.read_text(encoding="utf-8") if statement.path and statement.path.is_file() else None,
    ]
    return digest_of(json.dumps(parts))


@cache
def code() -> str:
    """Fingerprint of the sources that judge, and of the versions of what they compute with."""
    import checks
    import theory

    house = [Path(str(theory.__file__)).parent, Path(str(checks.__file__)).parent]
    return digest_of(*map(sources, house), python_version(), *map(_installed, PACKAGES))


def sources(package: Path) -> str:
    """Digest of all files of a package that verdicts depend on."""
    found = {path.relative_to(package.parent).as_posix(): path for path in package.rglob("*.py")}
    kept = sorted(name for name in found if not name.startswith(APART))
    return digest_of(*(part for name in kept for part in (name, found[name].read_bytes())))


def _installed(distribution: str) -> str:
    try:
        return f"{distribution} {version(distribution)}"
    except PackageNotFoundError:
        return f"no {distribution}"


def source_of(problems: Sequence[Instance]) -> str:
    """Digest of problems: samples, weights, λ, number of atoms, whether the bias is free, and the objective."""
    return digest_of(*map(_source, problems))


def _source(problem: Instance) -> str:
    shape = (problem.n, problem.d, problem.k, problem.bias)
    numbers = sorted(problem.parameters.items())
    arrays = (problem.x, problem.lam, problem.weights, *(array for _, array in numbers))
    names = (problem.name, problem.objective.key, *(name for name, _ in numbers))
    return digest_of(str(shape), *names, *(np.ascontiguousarray(array).tobytes() for array in arrays))


def digest_of(*parts: str | bytes) -> str:
    hashed = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        hashed.update(f"{len(data)} ".encode() + data)
    return hashed.hexdigest()[:32]
