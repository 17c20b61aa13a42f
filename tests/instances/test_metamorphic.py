"""A metamorphic relation maps points to points: same objective up to its factor, same conditions."""

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from checks.data.synthetic.atoms import directions
from checks.errors import BadInput
from checks.instances import families
from checks.instances.metamorphic import AppendZeros, MetamorphicRelation, Translate
from checks.instances.strategies import metamorphic_relations, specs, stationary_specs
from checks.problem.instance import instance
from checks.problem.point import Point

FEW = settings(max_examples=100, deadline=None, derandomize=True, database=None)


def any_point(problem, seed):
    """A point of the size of the data, far from optimal."""
    rng = np.random.default_rng(seed)
    size = np.abs(problem.x).max()
    b = size * rng.standard_normal(problem.d) * problem.bias
    return Point(problem, directions(problem.d, problem.k, rng), b, size * rng.exponential(size=(problem.n, problem.k)))


@FEW
@given(st.data())
def test_the_objective_follows(data):
    problem = data.draw(specs()).build()
    relation = data.draw(metamorphic_relations(problem))
    point = any_point(problem, 0)
    mapped = relation.point(point)
    assert mapped.instance.weights.sum() == pytest.approx(1)
    assert mapped.objective == pytest.approx(relation.factor(problem) * point.objective, rel=1e-9)
    np.testing.assert_array_equal(mapped.instance.x, relation.instance(problem).x)


@FEW
@given(st.data())
def test_a_stationary_point_stays_stationary(data):
    point = data.draw(stationary_specs(min_lam=0.01)).point()
    mapped = data.draw(metamorphic_relations(point.instance)).point(point)
    problem, r = mapped.instance, mapped.residual
    size = np.abs(problem.x).max() + problem.lam.max()
    slope = (r @ mapped.D - problem.lam[:, None]) / size
    np.testing.assert_allclose(np.where(mapped.Z > 0, slope, np.maximum(slope, 0)), 0, atol=1e-11)
    pull = (r * problem.weights[:, None]).T @ mapped.Z - mapped.D * ((problem.weights * problem.lam) @ mapped.Z)
    np.testing.assert_allclose(pull / size**2, 0, atol=1e-11)


@pytest.mark.parametrize("kind", sorted(cls.__name__ for cls in MetamorphicRelation.__subclasses__()))
def test_every_kind_is_reached(kind):
    drawn = st.booleans().flatmap(lambda bias: metamorphic_relations(instance([[1.0]], 1, 0.1, bias=bias)))
    find(drawn, lambda relation: type(relation).__name__ == kind, settings=settings(FEW, phases=[Phase.generate]))


def test_a_wrong_map_would_be_noticed():
    problem = families.Spec(families.Rays(), n=4, d=2, k=2, seed=0, lam=0.1).build()
    point = any_point(problem, 0)
    rotated = families_rotated(point)
    assert rotated.objective != pytest.approx(point.objective, rel=1e-3)


def families_rotated(point):
    """The data rotated, the dictionary forgotten."""
    from checks.instances.metamorphic import Rotate

    return Point(Rotate(1).instance(point.instance), point.D, point.b, point.Z)


@pytest.mark.parametrize(("relation", "bias"), [(Translate(1.0, 0), False), (AppendZeros(1), True)])
def test_relations_that_an_instance_lacks(relation, bias):
    with pytest.raises(BadInput):
        relation.instance(instance([[1.0, 2.0]], 1, 0.1, bias=bias))
