"""Solvers of small problems answer tensors with tensors, and say the same as for arrays."""

import dataclasses

import numpy as np
import pytest
import torch

from checks.errors import BadInput
from checks.solvers.codes.enumerate import codes_by_enumeration
from checks.solvers.codes.gap import duality_gaps
from checks.solvers.cones import cone_tests
from checks.solvers.convex import convex
from checks.solvers.wide import huber_median, saturation_width, wide, width_bound

RNG = np.random.default_rng(0)
X, D, Z = RNG.standard_normal((6, 3)), np.linalg.qr(RNG.standard_normal((3, 3)))[0], RNG.random((6, 3))
LAM, W = RNG.uniform(0.1, 0.4, 6), RNG.random(6)
CALLS = {
    "enumeration": (codes_by_enumeration, (X, D, LAM), {}),
    "gaps": (duality_gaps, (X, D, LAM, Z), {}),
    "cones": (cone_tests, (Z, D.T @ D), {"weights": W}),
    "wide": (wide, (X, LAM), {"weights": W, "bias": True}),
    "median": (huber_median, (X, LAM), {"weights": W}),
    "bound": (width_bound, (X, LAM), {"b": X[0]}),
    "width": (saturation_width, (X, LAM), {}),
    "convex": (convex, (X, LAM), {"weights": W}),
}


def in_tensors(value):
    return torch.tensor(value) if isinstance(value, np.ndarray) else value


def arrays(found):
    """All arrays and numbers of a result, in order."""
    if isinstance(found, list):
        return [each for part in found for each in arrays(part)]
    if dataclasses.is_dataclass(found):
        return [each for field in dataclasses.fields(found) for each in arrays(getattr(found, field.name))]
    return [found]


@pytest.mark.parametrize("name", CALLS)
def test_tensors_in_tensors_out(name):
    solver, given, options = CALLS[name]
    if solver is convex:
        pytest.importorskip("cvxpy")
    expected = arrays(solver(*given, **options))
    found = arrays(solver(*map(in_tensors, given), **{each: in_tensors(value) for each, value in options.items()}))
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        if isinstance(theirs, np.ndarray):
            assert isinstance(ours, torch.Tensor)
            assert torch.equal(ours, torch.tensor(theirs))
        else:
            assert type(ours) is type(theirs)
            assert ours == theirs


def test_tensors_beside_arrays():
    found = codes_by_enumeration(torch.tensor(X), D, 0.1)
    assert isinstance(found, torch.Tensor)
    assert torch.equal(found, codes_by_enumeration(X, torch.tensor(D), torch.tensor(0.1, dtype=torch.float64)))


def test_tensors_on_several_devices():
    with pytest.raises(BadInput, match="D is on device meta, the samples are on cpu"):
        codes_by_enumeration(torch.tensor(X), torch.tensor(D, device="meta"), 0.1)
