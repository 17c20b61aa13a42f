"""What statements say in words beyond their claims, followed through on instances with another computation."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Ge

from checks.evaluation.quantifiers import multipliers
from checks.evaluation.symbols import environment
from checks.instances.stationary import StationaryGrid
from checks.judging import exact
from checks.judging.subjects import JOINTLY_OPTIMAL
from checks.judging.verdict import Verdict
from checks.problem.instance import instance
from checks.problem.point import Point
from checks.solvers.cones import cone_tests
from checks.solvers.dictionary import joint
from theory.statement import discover

STATEMENTS = {statement.id: statement for statement in discover()}
NOTHING = frozenset()


def unit(D):
    return D / np.linalg.norm(D, axis=0)


def verdict(statement, point, promises=NOTHING):
    return exact.judge([statement], [point], promises)[statement.id].verdict


# --- K5: multipliers or a witness -----------------------------------------------------------------------------------


def nested():
    """The second atom is never on without the first, which no multipliers explain. There is no residual."""
    rng = np.random.default_rng(0)
    Z = rng.exponential(1, (60, 3))
    Z[:, 1] *= (Z[:, 0] > 1) & (rng.random(60) < 0.5)
    Z[:, 0] *= Z[:, 0] > 0.5
    Z[:, 2] *= rng.random(60) < 0.5
    D = unit(np.array([[1.0, 0.2, 0.0], [0.0, 1.0, 0.1], [0.3, 0.0, 1.0]]))
    return Point(instance(Z @ D.T, 3, 0.1, name="nested"), D, np.zeros(3), Z)


def unexplained(point):
    """What the multipliers leave of (1 − G_lj)E[z_j], (k, k)."""
    G, w, Z = point.D.T @ point.D, point.instance.weights, point.Z
    omega = multipliers(Z, G, range(Z.shape[1]), weights=w)
    assert (omega >= 0).all()
    return (1 - G) * (w @ Z) - np.einsum("n,nl,nj->lj", w, omega * (Z == 0), Z)


def test_multipliers_explain_a_joint_optimum():
    rng = np.random.default_rng(1)
    x = ((rng.random((150, 5)) < 0.3) * rng.exponential(1, (150, 5))) @ unit(rng.standard_normal((4, 5))).T
    solved = joint(x, 5, 0.1)
    point = Point(instance(x, 5, 0.1), solved.D, np.zeros(4), solved.Z)
    assert np.abs(unexplained(point)).max() < 1e-9
    never_falls = replace(STATEMENTS["K5"], claim=Ge(STATEMENTS["K5"].claims[0].lhs, 0, evaluate=False))
    env = environment(point)
    change = -np.einsum("plj,j->p", env.arrays["C"].array, point.instance.weights @ point.Z)
    assert change.min() > -1e-9
    assert change.max() > 1e-3
    assert verdict(never_falls, nested()) is Verdict.FALSIFIED


def test_without_multipliers_the_witness_lowers_activation_at_the_rate_of_what_is_unexplained():
    point = nested()
    tests = cone_tests(point.Z, point.D.T @ point.D)
    left = unexplained(point)
    assert [test.witness is not None for test in tests] == [True, False, False]
    assert np.abs(left[0]).max() > 1e-2
    assert np.abs(left[1:]).max() < 1e-12
    C = environment(point).arrays["C"].array[0]
    rate = -(C @ (point.instance.weights @ point.Z)).sum()
    weighed = -(C * left).sum()
    assert rate < -1e-3
    assert rate == pytest.approx(weighed, rel=1e-9)  # K5 with equality
    moved = unit(point.D @ (np.eye(3) + 1e-6 * C))
    Z = np.linalg.solve(moved, point.instance.x.T).T
    assert Z.min() > -1e-10
    assert (Z.sum() - point.Z.sum()) / len(Z) == pytest.approx(1e-6 * rate, rel=1e-3)


def test_motions_leave_silent_codes_upwards(optimum):
    for point in (optimum, nested(), StationaryGrid(d=3, k=3, seed=0, lam=1.0).point()):
        C = environment(point).arrays["C"].array
        codes = -np.einsum("plj,nj->npl", C, point.Z)
        silent = np.broadcast_to((point.Z == 0)[:, None], codes.shape)
        assert codes[silent].min() > -1e-12
        assert np.abs(codes[silent]).max() > 1e-2
        assert np.abs(np.einsum("lj,plj->pj", point.D.T @ point.D, C)).max() < 1e-12


# --- W7, W8: splitting stops at one atom for each ray -----------------------------------------------------------------


def rays(count, lam):
    rng = np.random.default_rng(5)
    directions = unit(rng.standard_normal((3, count))).T
    return directions[np.arange(30) % count] * rng.uniform(2, 3, (30, 1)), lam


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_loss_meets_the_huber_bound_with_an_atom_for_each_ray_and_not_before(k):
    x, lam = rays(3, 0.5)
    size = np.linalg.norm(x, axis=1)
    gap = joint(x, k, lam, restarts=8).objective - (lam * size - lam**2 / 2).mean()
    assert gap == pytest.approx(0, abs=1e-12) if k >= 3 else gap > 1e-2


# --- W9: the convex form, sums over samples ---------------------------------------------------------------------------


def convex_form(x, lam, D, Z):
    """½‖X − X̂‖² + (λ/2)(tr(X̂Q⁺X̂ᵀ) + 1ᵀQ1) at X̂ = DZ and Q = ZᵀZ, codes (n, k) with atoms scaled to ‖z_j‖₁ as in W4."""
    codes = Z / np.sqrt(Z.sum(axis=0))
    xhat, Q = Z @ D.T, codes @ codes.T
    squares = np.trace(xhat.T @ np.linalg.pinv(Q, rcond=1e-12, hermitian=True) @ xhat) + Q.sum()
    return ((x - xhat) ** 2).sum() / 2 + lam / 2 * squares


@pytest.mark.parametrize("k", [1, 2, 3])
def test_the_convex_form_lies_between_the_huber_bound_and_every_dictionary(k):
    x, lam = rays(3, 0.5)
    size = np.linalg.norm(x, axis=1)
    bound = (lam * size - lam**2 / 2).sum()
    rng = np.random.default_rng(0)
    anything = (unit(rng.standard_normal((3, k))), rng.exponential(1, (30, k)))
    solved = joint(x, k, lam, restarts=8)
    for D, Z in (anything, (solved.D, solved.Z)):
        loss = ((x - Z @ D.T) ** 2).sum() / 2 + lam * Z.sum()
        assert bound - 1e-9 <= convex_form(x, lam, D, Z) <= loss + 1e-9
    assert convex_form(x, lam, solved.D, solved.Z) == pytest.approx(30 * solved.objective)
    if k == 3:  # saturated: all three meet
        assert 30 * solved.objective == pytest.approx(bound)


# --- H6: a split dictionary, built and evaluated ----------------------------------------------------------------------


def test_a_split_changes_the_loss_as_predicted(optimum):
    point, j, length = optimum, 0, 0.1
    w, z, d, r = point.instance.weights, point.Z[:, j], point.D[:, j], point.residual
    u = np.array([1.0, -2.0, 0.5, 0.3])
    e = u - (u @ d) * d
    e *= length / np.linalg.norm(e)
    side = np.where(r @ e > 0, 1.0, -1.0)
    whole = 1 + length**2
    atoms = np.column_stack([((1 - length**2) * d + 2 * s * e) / whole for s in (1, -1)])
    np.testing.assert_allclose(np.linalg.norm(atoms, axis=0), 1)
    D = np.column_stack([np.delete(point.D, j, 1), atoms])
    Z = np.column_stack([np.delete(point.Z, j, 1), z * (side > 0), z * (side < 0)])
    split = Point(replace(point.instance, k=point.instance.k + 1), D, point.b, Z)
    energy, pressure = w @ z**2 + w @ (point.instance.lam * z), w @ (z * np.abs(r @ e))
    predicted = 2 * (length**2 * energy - pressure) / whole
    assert split.objective - point.objective == pytest.approx(predicted, rel=1e-8)
    angle, P = 2 * np.arctan(length), pressure / length
    assert predicted == pytest.approx(energy * (1 - np.cos(angle)) - P * np.sin(angle), rel=1e-12)


# --- H7: where one atom stops holding two rays together ---------------------------------------------------------------


@pytest.mark.parametrize("angle", [0.4, 0.9, 1.3])
@pytest.mark.parametrize(("share", "merged"), [(0.98, True), (1.02, False)])
def test_one_atom_stays_between_two_rays_up_to_the_threshold(angle, share, merged):
    x = np.array([[np.cos(angle / 2), s * np.sin(angle / 2)] for s in (1, -1)])
    lam = share * np.cos(angle) / np.cos(angle / 2)
    d = np.array([np.cos(0.01), np.sin(0.01)])  # nearly the bisector
    for _ in range(3000):  # W6: the loss falls at every step
        d = np.maximum(0, x @ d - lam) @ x
        d /= np.linalg.norm(d)
    tilt = abs(np.arctan2(d[1], d[0]))
    assert (tilt < 1e-6) if merged else (tilt > 0.05)


@pytest.mark.parametrize(("share", "stable"), [(0.99, True), (1.01, False)])
def test_the_curvature_changes_sign_at_the_threshold(share, stable):
    angle = 0.9
    lam = share * np.cos(angle) / np.cos(angle / 2)
    half = angle / 2
    x = np.array([[np.cos(half), np.sin(half)], [np.cos(half), -np.sin(half)]])
    point = Point(instance(x, 1, lam), np.eye(2)[:, :1], np.zeros(2), np.full((2, 1), np.cos(half) - lam))
    assert verdict(STATEMENTS["H7"], point, JOINTLY_OPTIMAL - {"bias"}) is Verdict.CONFIRMED
    never_negative = replace(STATEMENTS["H7"], claim=Ge(STATEMENTS["H7"].claims[0].rhs, 0, evaluate=False))
    wanted = Verdict.CONFIRMED if stable else Verdict.FALSIFIED
    assert verdict(never_negative, point, JOINTLY_OPTIMAL - {"bias"}) is wanted


# --- H5: the price of a hierarchy -------------------------------------------------------------------------------------


@pytest.mark.parametrize("cosine", [0.0, 0.5, -0.3])
def test_the_price_of_a_parent_with_a_child(cosine):
    D = np.array([[1.0, cosine], [0.0, np.sqrt(1 - cosine**2)]])
    lam, z = 0.2, np.array([0.7, 1.1])
    r = np.linalg.solve(D.T, np.full(2, lam))  # optimal codes
    x = D @ z + r
    size = np.linalg.norm(x)
    price = r @ r / 2 + lam * z.sum() - (lam * size - lam**2 / 2)
    assert price >= lam * z.prod() * (1 - cosine) / z.sum()
