"""What is drawn is valid, prints as Python that builds it again, and reaches every awkward case."""

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from checks.data.synthetic.family import Family
from checks.errors import BadInput
from checks.instances import families
from checks.instances.spec import WEIGHTS
from checks.instances.strategies import (
    curves,
    families_of_data,
    gaussians,
    hierarchies,
    rays,
    repetitions,
    sparse_families,
    specs,
    stationary_specs,
    values,
)

FEW = settings(max_examples=60, deadline=None, derandomize=True, database=None)
SEARCH = settings(FEW, max_examples=4000, phases=[Phase.generate])


def again(spec):
    return eval(repr(spec), vars(families))


@FEW
@given(specs())
def test_instances_are_valid(spec):
    problem = spec.build()
    assert problem.x.shape == (spec.n, spec.d)
    assert np.isfinite(problem.x).all()
    assert np.isfinite(problem.lam).all()
    assert (problem.weights >= 0).all()
    assert problem.weights.sum() == pytest.approx(1)
    assert (problem.k, problem.bias) == (spec.k, spec.bias)


@FEW
@given(st.one_of(specs(), stationary_specs()))
def test_a_spec_prints_as_python_that_builds_it_again(spec):
    assert again(spec) == spec
    one, other = spec.build(), again(spec).build()
    assert one.name == repr(spec)
    for part in ("x", "lam", "weights"):
        np.testing.assert_array_equal(getattr(one, part), getattr(other, part))


def test_counterexamples_shrink_to_one_short_line():
    spec = find(specs(), lambda spec: spec.n > 1 and spec.bias, settings=settings(SEARCH, phases=list(Phase)))
    assert repr(spec).endswith(", n=2, d=1, k=1, seed=0, lam=0.1, bias=True)")


@pytest.mark.parametrize("extra", [{"bias": True}, {"weights": "random"}, {"scale": 1e-3}, {"lam_spread": 0.5}])
def test_what_is_not_default_is_printed(extra):
    spec = families.Spec(families.Quantised(levels=2), n=3, d=2, k=2, seed=1, lam=0.5, **extra)
    (name, value), *_ = extra.items()
    assert repr(spec).endswith(f", {name}={value!r})")
    assert again(spec) == spec


def radius(problem):
    centre = problem.weights @ problem.x if problem.bias else 0.0
    return np.linalg.norm(problem.x - centre, axis=1)[problem.weights > 0].max()


def rank(problem):
    return np.linalg.matrix_rank(problem.x)


def closest(problem):
    """The smallest distance between two samples."""
    distances = np.linalg.norm(problem.x[:, None] - problem.x, axis=2)
    return distances[np.triu_indices(problem.n, 1)].min() if problem.n > 1 else np.inf


def farthest_from_an_opposite(problem):
    return np.linalg.norm(problem.x[:, None] + problem.x, axis=2).min(axis=1).max()


def distinct_directions(problem):
    length = np.linalg.norm(problem.x, axis=1)
    rows = problem.x[length > 0] / length[length > 0, None]
    return len(np.unique(rows.round(9), axis=0))


REACH = {
    "all codes zero": lambda p: p.x.any() and (p.lam >= radius(p)).all(),
    "no penalty": lambda p: not p.lam.any(),
    "nearly no penalty": lambda p: 0 < p.lam.max() <= 1e-8 * radius(p),
    "more atoms than distinct directions": lambda p: p.n > 1 and 0 < distinct_directions(p) < p.k,
    "zero rows": lambda p: p.n > (~p.x.any(axis=1)).sum() > 0,
    "all zero": lambda p: p.n > 1 and not p.x.any(),
    "one dimension": lambda p: p.d == 1 and p.n > 2 and p.k > 1,
    "fewer atoms than dimensions": lambda p: p.k < p.d and rank(p) == p.d,
    "more atoms than dimensions": lambda p: p.k > p.d > 1,
    "many more atoms than samples": lambda p: p.k >= 4 * p.n and p.x.any(),
    "many more dimensions than atoms": lambda p: p.d >= 4 * p.k and p.n > 4,
    "collinear": lambda p: p.n > 3 and p.d > 1 and closest(p) > 0 and rank(p) == 1,
    "low rank": lambda p: p.d > 3 and p.n > p.d and rank(p) == 2,
    "one sample": lambda p: p.n == 1 and p.d > 1,
    "huge": lambda p: np.abs(p.x).max() > 1e40,
    "tiny": lambda p: 0 < np.abs(p.x).max() < 1e-40,
    "outlier": lambda p: np.ptp(np.log10(np.abs(p.x) + 1e-300).max(axis=1)) > 5 and p.x.all(),
    "equal samples": lambda p: closest(p) == 0 and p.x.any(),
    "nearly equal samples": lambda p: 0 < closest(p) < 1e-11 * radius(p),
    "opposite samples": lambda p: p.n > 2 and p.d > 1 and p.x.any() and farthest_from_an_opposite(p) < 1e-9 * radius(p),
    "zero weights": lambda p: not p.weights.all(),
    "unequal weights": lambda p: p.weights.all() and np.ptp(p.weights) > 0.1,
    "penalty per sample": lambda p: p.lam.min() < 0.2 * p.lam.max(),
    "free bias far from zero": lambda p: p.bias and np.linalg.norm(p.x.mean(axis=0)) > 5 * radius(p) > 0,
}


@pytest.mark.parametrize("case", REACH)
def test_reaches(case):
    find(specs(), lambda spec: REACH[case](spec.build()), settings=SEARCH)


@pytest.mark.parametrize("family", sorted(cls.__name__ for cls in Family.__subclasses__()))
def test_reaches_every_family(family):
    find(specs(), lambda spec: type(spec.family).__name__ == family, settings=SEARCH)


@pytest.mark.parametrize("weights", WEIGHTS)
def test_reaches_every_weighting(weights):
    find(specs(), lambda spec: spec.weights == weights and spec.n > 1, settings=SEARCH)


@pytest.mark.parametrize(
    ("strategy", "reached"),
    [
        (hierarchies(), lambda f: isinstance(f, families.Hierarchy) and f.alone == 0),
        (hierarchies(), lambda f: isinstance(f, families.Hierarchy) and not f.tied and f.children > 1),
        (sparse_families(), lambda f: isinstance(f, families.Sparse) and f.tail > 1),
        (sparse_families(), lambda f: isinstance(f, families.CorrelatedSupports) and f.correlation == 1),
        (rays(), lambda f: f.spread > 0),
        (repetitions(), lambda f: f.distance == 1e-12),
        (gaussians(), lambda f: isinstance(f, families.Gaussian) and f.condition > 1e5),
        (curves(), lambda f: f.pitch == 0),
        (values(), lambda f: isinstance(f, families.Outliers)),
        (stationary_specs(), lambda s: isinstance(s, families.StationaryGrid) and s.k == 5),
        (stationary_specs(), lambda s: isinstance(s, families.StationaryRays) and s.k > s.d),
    ],
)
def test_reaches_the_parameter(strategy, reached):
    find(strategy, reached, settings=SEARCH)


@FEW
@given(st.data())
def test_bounds_are_kept(data):
    spec = data.draw(
        specs(
            families=rays(max_rays=2),
            min_n=3,
            max_n=4,
            min_d=2,
            max_d=2,
            min_k=5,
            max_k=6,
            min_lam=0.05,
            max_lam=0.4,
            biases=st.just(True),
            weights=st.just("equal"),
            max_lam_spread=0.5,
            min_scale=1.0,
            max_scale=1e3,
        )
    )
    assert isinstance(spec.family, families.Rays)
    assert 3 <= spec.n <= 4
    assert spec.d == 2
    assert 5 <= spec.k <= 6
    assert 0.05 <= spec.lam <= 0.4
    assert spec.lam_spread <= 0.5
    assert 1 <= spec.scale <= 1e3
    assert spec.bias
    assert spec.weights == "equal"


def test_bounds_between_the_listed_values_are_kept():
    spec = find(specs(min_lam=0.11, max_lam=0.12), lambda spec: True, settings=SEARCH)
    assert 0.11 <= spec.lam <= 0.12


@pytest.mark.parametrize("bounds", [{"min_n": 0}, {"min_d": 7}, {"max_k": 0}, {"min_lam": 4.0}, {"min_scale": -1.0}])
def test_empty_ranges(bounds):
    with pytest.raises(BadInput):
        specs(**bounds)


@FEW
@given(families_of_data(), st.integers(1, 8), st.integers(1, 5), st.integers(0, 99))
def test_families_give_n_samples_in_d_dimensions(family, n, d, seed):
    assert family.samples(n, d, np.random.default_rng(seed)).shape == (n, d)
