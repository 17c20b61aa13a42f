"""Each family has the structure it is named after."""

import numpy as np
import pytest

from checks.data.synthetic.geometry import Duplicates, Gaussian, Helix, Rays, SymmetricDirection
from checks.data.synthetic.hierarchy import ExclusiveGroups, Hierarchy, NestedGroups
from checks.data.synthetic.sparse import CorrelatedSupports, Markov, Sparse
from checks.data.synthetic.values import Bounded, Outliers, Quantised


def draw(family, n=400, d=6, seed=0):
    return family.samples(n, d, np.random.default_rng(seed))


def test_sparse_fires_at_its_rate():
    silent = ~draw(Sparse(sources=2, firing=0.3), n=4000).any(axis=1)
    assert silent.mean() == pytest.approx(0.49, abs=0.03)


def test_tail_decides_how_heavy():
    def kurtosis(tail):
        length = np.linalg.norm(draw(Sparse(sources=1, firing=1.0, tail=tail), n=4000), axis=1)
        return (length**4).mean() / (length**2).mean() ** 2

    assert kurtosis(0.0) == pytest.approx(1)
    assert kurtosis(1.0) < kurtosis(3.0) / 3


def test_perfectly_correlated_supports_are_equal():
    silent = ~draw(CorrelatedSupports(sources=3, firing=0.3, correlation=1.0), n=4000).any(axis=1)
    assert silent.mean() == pytest.approx(0.7, abs=0.03)


def test_markov_persists_and_keeps_its_rate():
    on = draw(Markov(sources=1, firing=0.3, stay=0.9), n=20_000).any(axis=1)
    assert on.mean() == pytest.approx(0.3, abs=0.05)
    assert on[1:][on[:-1]].mean() == pytest.approx(0.9, abs=0.03)


def test_tied_children_lie_on_a_ray():
    def directions(tied):
        x = draw(Hierarchy(children=1, alone=0.5, tied=tied), n=200)
        return len(np.unique((x / np.linalg.norm(x, axis=1, keepdims=True)).round(9), axis=0))

    assert directions(tied=True) == 2
    assert directions(tied=False) > 50


@pytest.mark.parametrize(("alone", "rank"), [(0.0, 2), (0.5, 3), (1.0, 1)])
def test_a_parent_is_alone_never_sometimes_or_always(alone, rank):
    assert np.linalg.matrix_rank(draw(Hierarchy(children=2, alone=alone))) == rank


def test_exactly_one_member_of_each_group_is_on():
    x = draw(ExclusiveGroups(groups=1, size=3))
    gram = x @ x.T
    cosine = gram / np.sqrt(np.outer(np.diag(gram), np.diag(gram)))
    np.testing.assert_allclose(cosine, cosine.round(), atol=1e-9)  # same member or orthogonal
    assert x.any(axis=1).all()


def test_nested_groups_grow_one_by_one():
    x = draw(NestedGroups(depth=3), n=4000)
    assert np.linalg.matrix_rank(x) == 3
    assert (~x.any(axis=1)).mean() == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_rays(spread):
    length = np.linalg.norm(draw(Rays(rays=3, spread=spread)), axis=1)
    assert length.min() >= 1 - 1e-12
    assert (np.ptp(length) > 1) == (spread > 0)


def test_paired_rays_are_opposite():
    x = draw(Rays(rays=2, spread=0.0, paired=True), n=4)
    np.testing.assert_array_equal(x[2:], -x[:2])


def test_duplicates_are_as_far_apart_as_asked():
    x = draw(Duplicates(distinct=2, distance=1e-9), n=4)
    assert np.linalg.norm(x[0] - x[2]) < 2e-9 < np.linalg.norm(x[0] - x[1])
    exact = draw(Duplicates(distinct=2, distance=0.0), n=4)
    np.testing.assert_array_equal(exact[0], exact[2])


def test_a_symmetric_direction_is_a_line_through_zero():
    x = draw(SymmetricDirection())
    assert np.linalg.matrix_rank(x) == 1
    assert (x[:, 0] > 0).mean() == pytest.approx(0.5, abs=0.1)


def test_gaussian_has_its_rank_and_condition():
    singular = np.linalg.svd(draw(Gaussian(condition=100.0, rank=3), n=4000), compute_uv=False)
    assert singular[3] < 1e-9
    assert singular[0] / np.sqrt(4000) == pytest.approx(1, rel=0.1)
    assert singular[0] / singular[2] == pytest.approx(100, rel=0.1)


def test_a_circle_is_round_and_flat():
    x = draw(Helix(turns=1.0, pitch=0.0))
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), 1.0)
    assert np.linalg.matrix_rank(x) == 2
    assert np.linalg.matrix_rank(draw(Helix(turns=2.0, pitch=0.5))) == 3


def test_values():
    assert draw(Bounded(low=-1.0)).min() >= -1
    assert set(np.unique(draw(Quantised(levels=3)))) == {0.0, 1.0, 2.0}
    length = np.linalg.norm(draw(Outliers(count=2, size=1e6)), axis=1)
    assert length[:2].min() > 1e3 * length[2:].max()
