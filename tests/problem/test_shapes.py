"""Annotated shapes are checked at every call in these tests: a wrong one is no silent broadcast."""

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from checks.data.synthetic.atoms import unit_columns
from checks.problem.instance import Instance, instance

X = np.ones((3, 2))


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
