"""Laws are rediscovered by a search that is not told of them, and nothing is discovered that is not there."""

import numpy as np
import pytest

from checks.campaigns.discover import Shape, discover, minima, moments, relations, table
from checks.claims.find import follows
from checks.report import discovered
from theory import statement as statements
from theory.problem import L1, a, j

STATEMENTS = {each.id: each for each in statements.discover()}
SMALL = tuple(Shape(free, grade) for free, grade in (((a,), 1), ((j,), 1), ((), 2), ((j,), 2), ((a, j), 2)))
KEPT = "C4"  # the statement that this search was the first to find


@pytest.fixture(scope="module")
def laws():
    known = [statement for name, statement in STATEMENTS.items() if name != KEPT]
    return discover(SMALL, statements=known, seconds=5, attack=1)


@pytest.mark.parametrize("identifier", ["A1", "A5", "B1", "R4", "D1", "E1"])
def test_laws_are_rediscovered(laws, identifier):
    (claim,) = STATEMENTS[identifier].claims
    assert any(follows(claim, [law.claim], L1) for law in laws)


def test_what_is_independent_is_proved_or_falsified(laws):
    independent = [law for law in laws if not law.follows]
    assert independent
    assert all(law.proof is not None or law.falsified for law in independent)


def test_several_laws_are_new(laws):
    new = [law for law in laws if law.proof is not None and not law.known]
    assert len(new) >= 3
    assert "new" in discovered.markdown(laws, "saelaws discover")
    assert any(follows(STATEMENTS[KEPT].claims[0], [law.claim], L1) for law in new)


def test_no_independent_law_follows_from_the_others(laws):
    claims = [law.claim for law in laws if not law.follows]
    assert not any(follows(claim, claims[:n], L1) for n, claim in enumerate(claims) if n)


def random(rows, columns):
    return np.random.default_rng(0).standard_normal((rows, columns))


def test_a_planted_relation_is_found():
    values = random(40, 4)
    values[:, 3] = 2 * values[:, 0] - values[:, 1] / 2
    (found,) = relations(values, np.abs(values).max(axis=0), [1.0] * 4)
    assert {n: float(value / found[3]) for n, value in found.items()} == {0: -2, 1: 0.5, 3: 1}


@pytest.mark.parametrize("noise", [1.0, 1e-5])
def test_no_relation_is_found_where_there_is_none(noise):
    values = random(40, 4)
    values[:, 3] = values[:, 0] + noise * values[:, 2] ** 2
    assert relations(values, np.abs(values).max(axis=0), [1.0] * 4) == []


def test_what_vanishes_is_a_relation():
    values = random(40, 3)
    values[:, 1] *= 1e-12
    (found,) = relations(values, np.ones(3), [1.0] * 3)
    assert found == {1: 1}


def test_there_are_more_values_than_moments():
    """Otherwise any values would have relations."""
    points = minima(24, seed=0)
    for shape in SMALL:
        terms = moments(shape)
        values, scale = table(terms, shape, points)
        assert len(values) > len(terms)
        assert (scale > 0).all()
