"""Two atoms in the plane, globally: T5 and T11 against every optimum that there is."""

import numpy as np
import pytest

from checks.errors import BadInput
from checks.solvers.codes import codes
from checks.solvers.dictionary import joint
from checks.solvers.plane import (
    BRANCHES,
    absorption_onset,
    angles_of,
    best_pairs,
    pair_losses,
    two_features,
)
from checks.solvers.wide import width_bound

RIGHT = np.pi / 2


@pytest.mark.parametrize("seed", range(3))
def test_losses_are_those_of_the_best_codes(seed):
    rng = np.random.default_rng(seed)
    x, angles, lam = rng.normal(size=(20, 2)), rng.uniform(-np.pi, np.pi, (8, 2)), 0.3
    measured = pair_losses(angles, x, lam)
    for row, pair in zip(measured, angles, strict=True):
        D = np.stack([np.cos(pair), np.sin(pair)])
        Z = codes(x, D, lam).Z
        np.testing.assert_allclose(row, ((x - Z @ D.T) ** 2).sum(axis=1) / 2 + lam * Z.sum(axis=1), atol=1e-12)


def test_parallel_atoms_are_one():
    x = np.array([[2.0, 1.0]])
    assert pair_losses(np.array([[0.3, 0.3]]), x, 0.5) == pytest.approx(pair_losses(np.array([[0.3, 3.0]]), x, 0.5))


@pytest.mark.parametrize("seed", range(3))
def test_restarts_find_nothing_better(seed):
    x = np.random.default_rng(seed).normal(size=(6, 2)) + 1
    found = best_pairs(x, 0.3)
    assert found.lower <= found.objective <= joint(x, 2, 0.3, restarts=20, seed=seed).objective + 1e-12


def test_turns_change_losses_no_faster_than_the_bound():
    """C/(1 + κη√C/2)² bounds the loss from below at all turns by at most η."""
    rng = np.random.default_rng(0)
    x, lam, reach = rng.normal(size=(10, 2)), 0.2, 0.05
    middle = rng.uniform(-np.pi, np.pi, (50, 2))
    here = pair_losses(middle, x, lam)
    lowest = here / (1 + (2 / 3) ** 1.5 / lam * reach * np.sqrt(here) / 2) ** 2
    for _ in range(20):
        there = pair_losses(middle + rng.uniform(-reach, reach, middle.shape), x, lam)
        assert (there >= lowest - 1e-12).all()


# --- T5: a parent alone, and with its child at a fixed ratio ----------------------------------------------------------


@pytest.mark.parametrize("lam", [0.1, 0.5, 1.0, 1.9])
@pytest.mark.parametrize("angle", [0.3, 1.0, 2.0])
def test_the_absorbed_pair_is_the_only_optimum(angle, lam):
    """λ below all amplitudes; the second ray is that of the parent with its child."""
    q = np.array([np.cos(angle), np.sin(angle)])
    x = np.vstack([2 * np.eye(2)[0], 3 * np.eye(2)[0], 2 * q, 4 * q])
    found = best_pairs(x, lam)
    assert len(found.optima) == 1
    np.testing.assert_allclose(angles_of(found.optima[0].D), [0, angle], atol=1e-7)
    assert found.objective == pytest.approx(width_bound(x, lam))
    Z = found.optima[0].Z
    assert (Z > 1e-9).sum() == 4  # one atom each: the parent's is silent on the child's samples


def test_with_untied_amplitudes_the_absorbed_pair_is_no_optimum():
    x = np.array([[2.0, 0], [3, 0], [2, 1], [2, 2]])
    found = best_pairs(x, 0.5)
    assert (found.optima[0].Z > 1e-9).sum() > 4  # absorption is partial
    assert found.objective > width_bound(x, 0.5)


def test_symmetric_data_have_as_many_optima_as_symmetries():
    """Three rays at 120° and two atoms: each ray in turn is left out, or shared."""
    angle = 2 * np.pi * np.arange(3) / 3
    found = best_pairs(2 * np.column_stack([np.cos(angle), np.sin(angle)]), 0.5)
    assert len(found.optima) == 3


def test_all_optima_of_a_tree_are_its_path_sums():
    """A root with two children, one with a child of its own, at fixed ratios, in four dimensions: R = k = 4.

    Every choice of four starting atoms, out of path sums and features alone, ends at the path sums or above the bound.
    """
    from itertools import combinations

    root, left, right, leaf = np.eye(4)
    sums = np.stack([root, root + left, root + right, root + left + leaf])
    rays = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    x = np.repeat(rays, 2, axis=0) * np.tile([2.0, 3.0], 4)[:, None]
    bound = width_bound(x, 0.7)
    candidates = np.unique(np.vstack([rays, np.eye(4)]), axis=0)
    reached = 0
    for chosen in combinations(range(len(candidates)), 4):
        found = joint(x, 4, 0.7, start=candidates[list(chosen)].T)
        if found.objective - bound <= 1e-9:
            reached += 1
            match = np.abs(rays @ found.D - 1) <= 1e-6
            assert (match.sum(axis=0) == 1).all()
            assert (match.sum(axis=1) == 1).all()
        assert found.objective >= bound - 1e-12
    assert reached > 1


# --- T11: two features, alone and together ---------------------------------------------------------------------------


@pytest.mark.parametrize("lam", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("theta", [np.pi / 3, RIGHT])
def test_absorption_ends_where_it_is_said_to(theta, lam):
    onset = absorption_onset(theta, lam)
    for factor, name in ((0.97, "feature 2 absorbs"), (1.03, "both active")):
        (branch,) = two_features(3.0, factor * onset, 1.0, theta, lam)
        assert branch.name == name
        assert branch.gap <= 2e-3


def test_the_onset_of_small_prices_is_the_known_one():
    """2(2−√2)cλ at a right angle."""
    for lam in (1e-3, 1e-4):
        assert absorption_onset(RIGHT, lam) / lam == pytest.approx(2 * (2 - np.sqrt(2)), abs=2 * lam)


@pytest.mark.parametrize("b", [0.5, 2.0, 20.0])
def test_recovery_is_never_exact(b):
    lam = 0.1
    (branch,) = two_features(20.0, b, 1.0, RIGHT, lam)
    assert branch.name == "both active"
    assert branch.angles[1] < RIGHT - 1e-5
    exact = joint(np.array([[1.0, 0], [0, 1], [1, 1]]), 2, lam, weights=[20, b, 1], start=np.eye(2), max_iterations=0)
    assert branch.objective < exact.objective


def test_features_that_never_meet_are_recovered_exactly():
    """The control: c = 0."""
    (branch,) = two_features(1.0, 0.5, 0.0, RIGHT, 0.1)
    np.testing.assert_allclose(branch.angles, [0, RIGHT], atol=1e-7)


def test_equal_features_absorb_each_other_equally_well():
    branches = two_features(0.05, 0.05, 1.0, RIGHT, 0.2)
    assert {branch.name for branch in branches} == {"feature 1 absorbs", "feature 2 absorbs"}


POINTS = {
    "both active": (1, 0.5, 0.1, RIGHT, 0.1),
    "feature 2 absorbs": (1, 0.05, 1, RIGHT, 0.2),
    "feature 1 absorbs": (0.05, 1, 1, RIGHT, 0.2),
    "feature 2 dropped": (1, 0.01, 0.1, np.pi / 3, 0.9),
    "feature 1 dropped": (0.01, 1, 0.1, np.pi / 3, 0.9),
    "both together dropped": (1, 0.5, 0.1, 2 * np.pi / 3, 0.5),
}


@pytest.mark.parametrize("name", BRANCHES.values())
def test_every_branch_is_reached(name):
    found = two_features(*POINTS[name])
    assert name in {branch.name for branch in found}, [branch.name for branch in found]


def test_bad_input_is_named():
    with pytest.raises(BadInput, match="two atoms in the plane"):
        best_pairs(np.eye(3), 0.5)
    with pytest.raises(BadInput, match="two atoms in the plane"):
        best_pairs(np.eye(2), 0.0)
    with pytest.raises(BadInput, match="weights"):
        two_features(1, -1, 1, RIGHT, 0.1)
