"""Annotated shapes are checked at every call in these tests: a wrong one is no silent broadcast."""

import ast
from pathlib import Path

import numpy as np
import pytest
from jaxtyping import TypeCheckError

import checks
from checks.data.synthetic.atoms import unit_columns
from checks.problem.instance import Instance, instance, shares_of

X = np.ones((3, 2))
SHAPED = ("Float", "Bool", "Int", "Int64")


def test_what_is_in_shape_passes():
    assert instance(X, 1, 0.1).n == 3
    assert unit_columns(X).shape == X.shape


@pytest.mark.parametrize("lam", [np.ones(2), np.ones((3, 1)), np.ones(3, dtype=int)])
def test_an_instance_out_of_shape_is_refused(lam):
    with pytest.raises(TypeCheckError):
        Instance(X, 1, lam, np.ones(3) / 3, False, "data")


def test_an_argument_out_of_shape_is_refused():
    with pytest.raises(TypeCheckError):
        unit_columns(X[0])


def test_every_shape_is_quoted():
    """A shape without quotes is a set, which nothing is checked against."""
    shapes = [
        ast.unparse(part.slice)
        for file in Path(checks.__path__[0]).rglob("*.py")
        for part in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name) and part.value.id in SHAPED
        if not (isinstance(part.slice, ast.Tuple) and isinstance(part.slice.elts[-1], ast.Constant))
    ]
    assert not shapes


def test_a_result_out_of_shape_is_refused(monkeypatch):
    monkeypatch.setattr(np, "full", lambda n, value: np.ones(n + 1))
    with pytest.raises(TypeCheckError):
        shares_of(None, 3)
