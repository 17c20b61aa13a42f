"""Duality gaps: never below the true gap, as good as nothing at optimal codes, and large where codes are wrong."""

from dataclasses import replace

import numpy as np
import pytest

from checks.errors import BadInput
from checks.solvers.codes import codes, gap
from checks.solvers.codes.enumerate import codes_by_enumeration
from checks.solvers.codes.gap import duality_gaps


def unit(D):
    return D / np.linalg.norm(D, axis=0)


def problem(seed):
    """Every other one on a grid, where atoms are equal, opposite and positively dependent."""
    rng = np.random.default_rng(seed)
    n, d, k = 6, int(rng.integers(1, 5)), int(rng.integers(1, 9))
    if seed % 2:
        D, x = rng.integers(-1, 2, (d, k)).astype(float), rng.integers(-2, 3, (n, d)).astype(float)
        D[0, ~D.any(axis=0)] = 1.0
        return x, unit(D)
    return rng.standard_normal((n, d)), unit(rng.standard_normal((d, k)))


def true_gaps(x, D, lam, Z):
    def value(Z):
        return 0.5 * ((x - Z @ D.T) ** 2).sum(axis=1) + lam * Z.sum(axis=1)

    size = 0.5 * (np.linalg.norm(x, axis=1) + lam) ** 2
    return (value(Z) - value(codes_by_enumeration(x, D, lam))) / np.where(size > 0, size, 0.5)


@pytest.mark.parametrize("lam", [0.0, 1e-6, 0.1, 5.0])
def test_a_bound_that_vanishes_at_the_optimum(lam):
    for seed in range(40):
        x, D = problem(seed)
        Z = codes(x, D, lam).Z
        assert duality_gaps(x, D, lam, Z).max() <= 1e-9
        for size in (1e-6, 1e-2, 1.0):
            wrong = Z + size * np.random.default_rng(seed).random(Z.shape)
            assert (duality_gaps(x, D, lam, wrong) >= true_gaps(x, D, lam, wrong) - 1e-12).all()


@pytest.mark.parametrize("lam", [0.0, 0.1])
def test_wrong_codes_have_a_gap(lam):
    x, D = problem(8)
    Z = codes(x, D, lam).Z
    assert duality_gaps(x, D, lam, 1.01 * Z)[Z.any(axis=1)].min() > 1e-6
    assert duality_gaps(x, D, lam, 0.0 * Z)[Z.any(axis=1)].min() > 1e-3
    Z[2, 0] = np.nan
    Z[3, 0] = -1e-3
    assert list(np.flatnonzero(np.isnan(duality_gaps(x, D, lam, Z)))) == [2, 3]


def test_scales_and_zero_samples():
    x, D = problem(4)
    Z = codes(x, D, 0.1).Z * 1.01
    for scale in (1e-150, 1e150):
        np.testing.assert_allclose(duality_gaps(x * scale, D, 0.1 * scale, Z * scale), duality_gaps(x, D, 0.1, Z))
    assert not duality_gaps(0 * x, D, 0.0, 0 * Z).any()


@pytest.mark.parametrize("seed", [21, 26])
def test_a_broken_search_for_a_bound_gives_none(seed, monkeypatch):
    """At λ = 0, with a vector of the hull that is not the nearest to 0: never a gap below the true one."""
    x, D = problem(seed)
    Z = codes(x, D, 0.0).Z * 1.01

    def liar(target, atoms, lam):
        return replace(codes(target, atoms, lam), Z=np.eye(1, atoms.shape[1]))

    monkeypatch.setattr(gap, "codes", liar)
    found = duality_gaps(x, D, 0.0, Z)
    assert not (found < true_gaps(x, D, 0.0, Z) - 1e-12).any()


def test_bad_input():
    x, D = problem(0)
    with pytest.raises(BadInput, match="fit"):
        duality_gaps(x, D, 0.1, np.zeros((2, 2)))
    with pytest.raises(BadInput, match="sample 0"):
        duality_gaps(x, D, -1.0, np.zeros((len(x), D.shape[1])))
