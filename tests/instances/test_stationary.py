"""The closed-form points are stationary, judged from the definition alone."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.errors import BadInput
from checks.instances.cases import OTHERS
from checks.instances.stationary import (
    StationaryBetween,
    StationaryGrid,
    StationaryNest,
    StationaryOverlap,
    StationaryRays,
    StationarySelection,
)
from checks.instances.strategies import Bounds, atoms_between, overlaps, stationary_specs
from checks.judging.certify import certify
from checks.judging.subjects import EXACT as SUBJECT
from checks.solvers.codes import codes
from theory.derive import conditions

EXACT = {"rtol": 0, "atol": 1e-12}


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(stationary_specs())
def test_stationary(spec):
    point = spec.point()
    problem, r, Z, D = point.instance, point.residual, point.Z, point.D
    size = np.abs(problem.x).max() + problem.lam.max()
    slope = (r @ D - problem.lam[:, None]) / size
    assert (Z >= 0).all()
    assert slope.max() <= 1e-12
    np.testing.assert_allclose(slope[Z > 0], 0, **EXACT)
    np.testing.assert_allclose(np.linalg.norm(D, axis=0), 1, **EXACT)
    w = problem.weights
    pull = (r * w[:, None]).T @ Z - D * ((w * problem.lam) @ Z)
    np.testing.assert_allclose(pull / size**2, 0, **EXACT)
    if problem.bias:
        np.testing.assert_allclose(w @ r / size, 0, **EXACT)


def test_a_grid_has_every_pattern_once():
    Z = StationaryGrid(d=4, k=3, seed=0, lam=0.1).point().Z
    assert len(np.unique(Z > 0, axis=0)) == len(Z) == 8


def test_a_grid_needs_room():
    with pytest.raises(BadInput, match="orthonormal"):
        StationaryGrid(d=2, k=3, seed=0, lam=0.1).build()


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(OTHERS).flatmap(stationary_specs))
def test_stationary_for_other_objectives(spec):
    point = spec.point()
    assert point.instance.objective is spec.minimised
    assert shortfall(point) == ""
    moved = replace(point, instance=replace(point.instance, x=point.instance.x + 1e-6 * np.abs(point.instance.x).max()))
    assert shortfall(moved) != ""


def shortfall(point):
    promised = SUBJECT.promises(point.instance) & conditions(point.instance.objective).keys()
    return certify(point).shortfall(promised)


@pytest.mark.parametrize(
    "spec",
    [
        StationaryGrid(d=2, k=3, seed=0, lam=0.1),
        StationaryOverlap(n=9, d=2, k=3, seed=0, lam=0.1),
        StationaryOverlap(n=3, d=3, k=3, seed=0, lam=0.1),
        StationaryBetween(d=2, seed=0, lam=0.1),
        StationaryNest(d=2, k=3, seed=0, lam=0.1),
        StationarySelection(pairs=2, d=2, k=3, K=1, seed=0),
    ],
)
def test_sizes_that_leave_no_room(spec):
    with pytest.raises(BadInput, match=r"needs|dimensions"):
        spec.build()


def test_bounds_that_leave_no_room():
    assert overlaps(Bounds(min_k=2, max_d=1)).is_empty
    assert overlaps(Bounds(min_k=2, max_n=2)).is_empty
    assert atoms_between(Bounds(max_d=2)).is_empty
    assert stationary_specs(OTHERS[0], min_n=3, max_n=3).is_empty
    assert stationary_specs(min_k=3, max_k=3, max_d=2, max_n=3, biased=True).is_empty
    with pytest.raises(BadInput, match="min_n = 3"):
        stationary_specs(min_n=3, max_n=2)


def test_overlapping_atoms_may_be_obtuse():
    point = next(p for p in (StationaryOverlap(n=4, d=3, k=2, seed=s, lam=0.3).point() for s in range(20)) if obtuse(p))
    assert (point.Z[:2] > 0).all()


def obtuse(point):
    return (point.D.T @ point.D).min() < -0.5


def test_an_atom_between_two_others_takes_over():
    point = StationaryBetween(d=3, seed=0, lam=0.01).point()
    dearer = codes(point.instance.x, point.D, 10 * point.instance.lam).Z
    assert point.Z[0, 2] == 0 < dearer[0, 2]


def test_children_of_a_nest_are_never_on_without_their_parents():
    Z = StationaryNest(d=5, k=5, seed=0, lam=0.2).point().Z
    parents, children = Z[:, :2] > 0, Z[:, 3:] > 0
    assert children.any(axis=0).all()
    assert (parents >= children).all()
    assert (parents & ~children).any(axis=0).all()


@pytest.mark.parametrize("limit", ["top-k", "batch-top-k"])
def test_a_selection_leaves_out_what_a_limit_has_no_room_for(limit):
    points = [StationarySelection(pairs=4, d=3, k=3, K=1, seed=s, limit=limit, chained=False).point() for s in range(9)]
    left = [(point.residual @ point.D).max() for point in points]
    assert max(left) > 0.01
    units = [(point.Z > 0).sum(axis=1) for point in points]
    assert max(map(max, units)) == (2 if limit == "batch-top-k" else 1)
    assert all(used.sum() <= len(used) for used in units)


def test_rays_need_no_room():
    assert shortfall(StationaryRays(n=1, d=1, k=3, seed=0, lam=0.1).point()) == ""
