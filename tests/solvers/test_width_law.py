"""T3 and T10 against exact optima: the circle in closed form, exponents on spheres, and the dimension of data."""

import numpy as np
import pytest

from checks.errors import BadInput
from checks.solvers.dictionary import joint
from checks.solvers.wide import width_bound
from checks.solvers.width_law import circle_optimum, width_law


def circle(n, radius=1.0):
    angle = 2 * np.pi * (np.arange(n) + 0.5) / n
    return radius * np.column_stack([np.cos(angle), np.sin(angle)])


def sphere(m, n, seed=0):
    """n directions of dimension m, uniform."""
    x = np.random.default_rng(seed).normal(size=(n, m + 1))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


@pytest.mark.parametrize("lam", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("k", [4, 6, 8, 12])
def test_the_closed_form_is_what_the_solver_finds(k, lam):
    """To 2 % of the gap, of 60 samples for each atom; no local optimum of unequal gaps is better."""
    x = circle(60 * k, radius=3.0)
    found = joint(x, k, 3 * lam, restarts=6, seed=0)
    bound = width_bound(x, 3 * lam)
    gap, closed = found.objective - bound, circle_optimum(k, 3.0, 3 * lam) - bound
    assert abs(gap - closed) <= 0.02 * closed
    if lam < np.cos(np.pi / k):  # else unequal gaps do as well, if no sample uses two atoms
        angles = np.sort(np.arctan2(found.D[1], found.D[0]))
        gaps = np.diff(angles, append=angles[0] + 2 * np.pi)
        assert np.abs(gaps - 2 * np.pi / k).max() <= 2 * 2 * np.pi / (60 * k)  # two samples' distances


@pytest.mark.parametrize("lam", [0.2, 0.5])
def test_active_atoms_are_as_many_as_said(lam):
    """1 up to the angle α with A sin α = λ tan h, and 2 beyond: 2 − α/h on average, to one sample in each gap."""
    k, per_atom = 12, 100
    found = joint(circle(per_atom * k), k, lam, restarts=2, seed=0)
    h = np.pi / k
    expected = 2 - np.arcsin(lam * np.tan(h)) / h
    assert abs((found.Z > 0).sum() / len(found.Z) - expected) <= 2 / per_atom
    assert abs(expected - (2 - lam)) <= h**2


def test_the_gap_falls_as_said_when_k_grows():
    """(2π/k)² λ(A−λ)(2A−λ)/(24A), up to terms of the next order, h²."""
    A, lam, bound = 2.0, 0.7, 2.0 * 0.7 - 0.7**2 / 2
    for k in (40, 80, 160):
        gap = circle_optimum(k, A, lam) - bound
        law = (2 * np.pi / k) ** 2 * lam * (A - lam) * (2 * A - lam) / (24 * A)
        assert abs(gap / law - 1) <= (np.pi / k) ** 2 * 3


def test_three_atoms_are_fewer_than_the_closed_form_is_known_for():
    with pytest.raises(BadInput, match="k ≥ 4"):
        circle_optimum(3, 1.0, 0.5)


def test_unequal_gaps_are_worse():
    """The control of T10: two atoms moved towards each other cost more."""
    k, lam = 8, 0.5
    x = circle(60 * k)
    angle = 2 * np.pi * np.arange(k) / k
    moved = angle + 0.1 * (np.arange(k) % 2)
    even, uneven = (
        joint(x, k, lam, start=np.stack([np.cos(t), np.sin(t)]), max_iterations=0).objective for t in (angle, moved)
    )
    assert uneven - even > 0.01 * (even - width_bound(x, lam))


@pytest.mark.parametrize("m", [1, 2, 3])
def test_the_exponent_on_spheres_tells_their_dimension(m):
    found = width_law(sphere(m, 4000), 0.5, (8, 12, 16, 24, 32))
    low, high = found.interval
    assert low <= -2 / m <= high
    assert high - low <= 0.2
    assert abs(found.dimension - m) <= 0.1 * m
    assert (found.fitted < found.unseen).all()


def test_a_circle_in_many_dimensions_with_lengths_and_a_centre_of_its_own():
    rng = np.random.default_rng(0)
    plane = np.linalg.qr(rng.normal(size=(12, 2)))[0]
    x = circle(1600) * rng.uniform(1, 3, (1600, 1)) @ plane.T + rng.normal(size=12)
    found = width_law(x, 0.4, (8, 12, 16, 24), bias=True)
    assert abs(found.dimension - 1) <= 0.1


def test_a_sphere_is_no_circle():
    low, _ = width_law(sphere(2, 2000), 0.5, (8, 12, 16, 24)).interval
    assert low > -2


def test_where_splitting_has_stopped_there_is_no_exponent():
    x = np.repeat(np.eye(3), 10, axis=0) * 2
    with pytest.raises(BadInput, match="splitting has stopped"):
        width_law(x, 0.5, (3, 4, 5))


@pytest.mark.parametrize(
    ("lam", "widths", "fault"), [(0.0, (2, 3, 4), "lam"), (0.5, (2, 3), "widths"), (0.5, (2, 3, 30), "widths")]
)
def test_bad_input_is_named(lam, widths, fault):
    with pytest.raises(BadInput, match=fault):
        width_law(circle(40), lam, widths)
