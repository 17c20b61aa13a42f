"""Farkas' lemma in fractions: every answer is checked by its witness, and against the float solver."""

from fractions import Fraction
from random import Random

import numpy as np
import pytest

from checks.solvers.cones import cone_tests
from theory.cone import cone_test, farkas, signed_test
from theory.counterexample import Counterexample
from theory.optimality import Solved, dot
from theory.problem import L1
from theory.witness import GRID

F = Fraction


def holds(generators, target):
    """Whether the target is inside, by an answer that is checked."""
    found = farkas(generators, target)
    assert (found.multipliers is None) != (found.witness is None)
    if found.inside:
        assert all(value >= 0 for value in found.multipliers)
        for i, value in enumerate(target):
            assert sum((t * each[i] for t, each in zip(found.multipliers, generators)), F(0)) == value
    else:
        assert all(dot(found.witness, each) >= 0 for each in generators)
        assert dot(found.witness, target) < 0
    return found.inside


@pytest.mark.parametrize("seed", range(60))
def test_one_of_two_witnesses_always_exists(seed):
    random = Random(seed)
    m, n = random.randint(1, 4), random.randint(0, 6)
    generators = [[F(random.randint(-2, 4)) for _ in range(m)] for _ in range(n)]
    holds(generators, [F(random.randint(-3, 5), random.randint(1, 3)) for _ in range(m)])


def test_both_answers_are_found():
    quadrant = [[F(1), F(0)], [F(1), F(1)]]
    assert holds(quadrant, [F(2), F(1)])
    assert holds(quadrant, [F(3), F(3)])  # on the edge
    assert not holds(quadrant, [F(1), F(2)])
    assert not holds(quadrant, [F(-1), F(0)])
    assert holds([], [F(0), F(0)])
    assert not holds([], [F(0), F(1)])


def test_degenerate_programs_end():
    """Many copies and zeros, where a careless pivot rule goes round in circles."""
    assert holds([[F(0), F(0), F(1)], [F(1), F(-1), F(0)], [F(-1), F(1), F(0)]] * 3, [F(0), F(0), F(2)])


def coded(codes, atoms=((1, 0), (0, 1))):
    """A point with these codes and the samples that they make: of the limit λ → 0, where residuals vanish."""
    D = [list(row) for row in zip(*atoms)]
    x = [[sum(D[a][j] * row[j] for j in range(len(atoms))) for a in range(len(D))] for row in codes]
    return Counterexample(x=x, D=D, z=codes, lam=0, b=[0] * len(D), bias=False)._world().solved


def test_the_cone_test_of_a_feature_that_implies_another_fails_with_a_turn_that_helps():
    nested = coded([[1, 0], [2, 1], [1, 1]])  # whenever the second is active, so is the first
    found = cone_test(nested, 0)
    assert not found.inside
    assert found.witness[0] == 0
    assert cone_test(nested, 1).inside


def test_independent_features_pass():
    point = GRID._world().solved
    assert all(cone_test(point, unit).inside for unit in range(2))


@pytest.mark.parametrize("seed", range(20))
def test_it_agrees_with_the_float_solver(seed):
    random = Random(seed)
    atoms = [
        (F(1), F(0), F(0)),
        (F(3, 5), F(4, 5), F(0)),
        (F(0), F(5, 13), F(12, 13)),
        (F(0), F(0), F(1)),
    ]  # overcomplete
    codes = [[F(random.choice((0, 0, 1, 2, 3))) for _ in atoms] for _ in range(10)]
    point = coded(codes, atoms)
    gram = np.array([[float(dot(one, other)) for other in atoms] for one in atoms])
    measured = cone_tests(np.array(codes, dtype=float), gram)
    for unit, each in enumerate(measured):
        if each.distance <= 1e-12 or each.distance >= 1e-6:
            assert cone_test(point, unit).inside == (each.distance <= 1e-12)


# --- codes of either sign --------------------------------------------------------------------------------------------


def signed(codes, atoms=((1, 0), (0, 1))):
    """A point with codes of either sign, which is none of the nonnegative problem."""
    n, k, D = len(codes), len(atoms), [list(row) for row in zip(*atoms)]
    x = [[sum((D[a][j] * row[j] for j in range(k)), F(0)) for a in range(len(D))] for row in codes]
    D = [[F(value) for value in row] for row in D]
    zeros, z = [[F(0)] * k for _ in codes], [[F(value) for value in row] for row in codes]
    return Solved(L1, x, [F(0)] * len(D), D, z, [F(0)] * n, [F(1, n)] * n, zeros, [[F(1)] * k], bias=False)


def change(point, unit, row):
    """To first order, of E‖z‖₁ if row `unit` of C is this one and norms are kept: codes go as z → z − Cz."""
    total = F(0)
    for weight, codes in zip(point.weights, point.z, strict=True):
        along = dot(row, codes)
        sign = (codes[unit] > 0) - (codes[unit] < 0)
        total += weight * (abs(along) if not sign else -sign * along)
        atoms = point.atoms
        total += weight * sum(
            (value * dot(atoms[unit], atoms[j]) * abs(codes[j]) for j, value in enumerate(row) if j != unit), F(0)
        )
    return total


@pytest.mark.parametrize("seed", range(20))
def test_the_signed_test_decides_first_order_descent(seed):
    random = Random(seed)
    atoms = [(F(1), F(0), F(0)), (F(3, 5), F(4, 5), F(0)), (F(0), F(0), F(1))]
    codes = [[F(random.choice((0, 0, 0, -2, -1, 1, 2))) for _ in atoms] for _ in range(8)]
    point = signed(codes, atoms)
    for unit in range(3):
        found = signed_test(point, unit)
        if found.inside:
            for _ in range(20):
                row = [F(0) if j == unit else F(random.randint(-5, 5)) for j in range(3)]
                assert change(point, unit, row) >= 0
        else:
            assert change(point, unit, [-value for value in found.witness]) < 0


def test_overlaps_need_nonnegative_codes():
    """Samples of either sign on their own axes pass; overlaps of one sign pass with nonnegative codes alone."""
    both = signed([[1, 0], [-1, 0], [0, 1], [0, -1]])
    assert all(signed_test(both, unit).inside for unit in range(2))
    overlapping = coded([[1, 1]] * 5 + [[1, 0], [0, 1]])
    assert all(cone_test(overlapping, unit).inside for unit in range(2))
    assert not all(signed_test(overlapping, unit).inside for unit in range(2))
