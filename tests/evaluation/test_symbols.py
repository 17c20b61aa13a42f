"""Every symbol of a point has the value that its definition in `theory.problem` gives it."""

from dataclasses import replace

import numpy as np
import pytest

from checks.evaluation.lowering import SAMPLE
from checks.evaluation.quantifiers import PROBE, PROBES
from checks.evaluation.symbols import environment, measure, rounding_unit, symbols
from checks.judging.subjects import JOINTLY_OPTIMAL
from theory.derive import atom, unit
from theory.problem import a, j, r, z


def test_symbols_are_what_they_are_defined_as(optimum):
    i, found = optimum.instance, symbols(optimum).arrays
    xhat = optimum.Z @ optimum.D.T
    expected = {"x": i.x, "xhat": xhat, "r": i.x - optimum.b - xhat, "G": optimum.D.T @ optimum.D, "lambda": i.lam}
    expected |= {"on": optimum.Z > 0, "off": optimum.Z == 0, "norm": np.ones(i.k)}
    for name, values in expected.items():
        np.testing.assert_allclose(found[name].array, values, rtol=1e-12, atol=1e-12, err_msg=name)


def test_multipliers_are_nonnegative_and_those_of_silent_units(optimum):
    mu = environment(optimum).arrays["mu"]
    assert mu.axes[0] == SAMPLE
    slack = optimum.instance.lam[:, None] - optimum.residual @ optimum.D
    np.testing.assert_allclose(mu.array, np.where(optimum.Z > 0, 0.0, slack.clip(0.0)), atol=1e-12)
    assert (mu.array >= 0).all()


def test_what_is_claimed_for_every_value_has_several_values(optimum):
    arrays = environment(optimum).arrays
    for name, axes in (("u", (PROBE,)), ("D_dot", (PROBE,)), ("w", (SAMPLE, PROBE)), ("z_dot", (SAMPLE, PROBE))):
        assert arrays[name].axes[: len(axes)] == axes
        assert arrays[name].array.shape[len(axes) - 1] == PROBES


def test_residuals_of_conditions_are_measured_and_allowed_as_far_as_promised(optimum):
    spent = (r[a] * z[j], atom[a, j], unit[j])
    exact = measure(optimum, spent, JOINTLY_OPTIMAL)
    assert np.abs(exact.exact.arrays["atom"].array).max() < 1e-9
    assert (exact.bounds.arrays["atom"].array >= np.abs(exact.exact.arrays["atom"].array)).all()
    nothing = measure(optimum, spent, ())
    assert (nothing.bounds.arrays["atom"].array == 0).all()


def test_a_disturbed_dictionary_shows_in_the_residual_of_its_condition(optimum):
    turned = np.roll(optimum.D, 1, axis=1)
    measured = measure(replace(optimum, D=turned), (atom[a, j],), JOINTLY_OPTIMAL)
    assert np.abs(measured.exact.arrays["atom"].array).max() > 1e-3


def test_the_rounding_unit_grows_with_the_number_of_terms(optimum):
    assert rounding_unit(optimum) == pytest.approx(np.finfo(float).eps * (120 + 2 * 4 + 2 * 6 + 16))
