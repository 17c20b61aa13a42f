"""Moments are found wherever they stand, once each, and add up over samples."""

from dataclasses import replace

import numpy as np
import pytest

from checks.evaluation.lowering import SAMPLE, Named, mean
from checks.evaluation.moments import accumulate, moments_of
from checks.evaluation.symbols import environment
from theory.expectation import E
from theory.problem import a, j, r, z


def test_each_mean_is_found_once_wherever_it_stands():
    one, other = E(z[j]), E(r[a] * z[j])
    found = moments_of([one + other / one, -2 * other, z[j]])
    assert len(found) == 2
    assert set(found) == {one, other}
    assert moments_of([z[j], r[a]]) == ()


def halves(env):
    """The same samples in two blocks."""
    n = len(env.weights)
    for rows in (slice(0, n // 3), slice(n // 3, n)):
        arrays = {
            name: Named(value.array[rows], value.axes) if SAMPLE in value.axes else value
            for name, value in env.arrays.items()
        }
        yield replace(env, arrays=arrays, weights=env.weights[rows])


def test_blocks_add_up(optimum):
    env, moments = environment(optimum), (E(z[j]), E(r[a] * z[j]))
    found = accumulate(moments, halves(env))
    np.testing.assert_allclose(found[moments[0]].array, optimum.instance.weights @ optimum.Z, rtol=1e-13)
    for moment in moments:
        assert found[moment].axes == mean(moment, env).axes
        np.testing.assert_allclose(found[moment].array, mean(moment, env).array, rtol=1e-12, atol=1e-14)


def test_a_block_that_is_left_out_is_missed(optimum):
    first, _ = halves(environment(optimum))
    assert accumulate([E(z[j])], [first])[E(z[j])].array != pytest.approx(optimum.instance.weights @ optimum.Z)


def test_what_is_not_a_number_stays_so(optimum):
    env = environment(replace(optimum, Z=np.where(optimum.Z.max() == optimum.Z, np.nan, optimum.Z)))
    assert np.isnan(accumulate([E(z[j])], [env])[E(z[j])].array).sum() == 1
