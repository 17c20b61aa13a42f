"""Certificates come from the point alone, are scale-free, and cannot be had by what is not finite."""

from dataclasses import replace

import numpy as np
import pytest

from checks.errors import BadInput
from checks.judging.certify import certify
from checks.judging.subjects import JOINTLY_OPTIMAL
from checks.problem.instance import instance
from checks.problem.point import Point
from checks.solvers.codes import codes


def test_an_optimum_is_certified(optimum):
    assert certify(optimum).shortfall(JOINTLY_OPTIMAL) == ""
    assert certify(optimum).gap < 1e-14


@pytest.mark.parametrize("lam", [0.0, 0.2])
def test_the_gap_is_what_optimal_codes_gain(optimum, lam):
    """At λ = 0 too, where no multiple of the residual but 0 bounds the optimum."""
    i = replace(optimum.instance, lam=np.full(optimum.instance.n, lam))
    best = Point(i, optimum.D, optimum.b, codes(i.x - optimum.b, optimum.D, lam).Z)
    worse = replace(best, Z=1.001 * best.Z)
    at_zero = replace(best, Z=0 * best.Z, instance=replace(i, lam=0 * i.lam)).objective
    assert 0 <= certify(best).gap < 1e-12
    assert (worse.objective - best.objective) / at_zero <= certify(worse).gap < 0.01
    assert np.isnan(certify(replace(best, Z=best.Z - 1e-3)).gap)


@pytest.mark.parametrize("scale", [1e-100, 1e-3, 1e100])
def test_the_certificate_does_not_depend_on_the_unit(optimum, scale):
    i = optimum.instance
    scaled = replace(i, x=scale * i.x, lam=scale * i.lam)
    certificate = certify(Point(scaled, optimum.D, scale * optimum.b, scale * optimum.Z))
    assert certificate.shortfall(JOINTLY_OPTIMAL) == ""


@pytest.mark.parametrize(("part", "named"), [("Z", "codes"), ("D", "norms"), ("b", "bias")])
def test_a_disturbance_is_measured_where_it_is(optimum, part, named):
    disturbed = replace(optimum, **{part: getattr(optimum, part) * (1 + 1e-6)})
    assert named in certify(disturbed).shortfall(JOINTLY_OPTIMAL)


def test_rotated_atoms_are_not_stationary(optimum):
    turned = optimum.D + 1e-5 * np.roll(optimum.D, 1, axis=1)
    assert "atoms" in certify(replace(optimum, D=turned / np.linalg.norm(turned, axis=0))).shortfall({"atom"})


def test_what_is_not_finite_is_located(optimum):
    Z = optimum.Z.copy()
    Z[17, 2] = np.nan
    certificate = certify(replace(optimum, Z=Z))
    assert "row 17" in certificate.shortfall(())
    assert np.isnan(certificate.codes)


def test_nothing_is_certified_by_zero_scale():
    zeros = instance(np.zeros((3, 2)), 1, 0.0)
    wrong = Point(zeros, np.array([[1.0], [0.0]]), np.zeros(2), np.ones((3, 1)))
    assert "codes" in certify(wrong).shortfall({"code"})


def test_shapes_are_checked(optimum):
    with pytest.raises(BadInput, match="Z has shape"):
        replace(optimum, Z=optimum.Z[:, :2])
