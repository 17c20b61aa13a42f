"""Minima and saddles of the L1 problem with λ > 0, overcomplete ones too, told apart in fractions."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from theory.counterexample import Counterexample
from theory.optimality import Level, free_directions, square
from theory.problem import L1, TOP_K
from theory.second_order import Kind, moved, objective, second_order
from theory.second_order import _definite as definite
from theory.second_order import _form as form
from theory.statement import Status, discover
from theory.witness import GRID, SELECTED

F = Fraction
KEPT = {each.id: each.counterexample for each in discover() if each.status is Status.REFUTED}
OF_L1 = {name: point for name, point in KEPT.items() if point.objective is L1}


def pairs(*ends, atoms):
    """Around each atom two samples, m along it and ±n across it, with λ = 1: codes m − 1 on that atom alone."""
    x, z = [], []
    for unit, ((m, n), (c, s)) in enumerate(zip(ends, atoms, strict=True)):
        for side in (1, -1):
            x.append([m * c - side * n * s, m * s + side * n * c])
            z.append([max(m - 1, F(0)) if j == unit else F(0) for j in range(len(atoms))])
    return Counterexample(x=x, D=[list(row) for row in zip(*atoms)], z=z, lam=1, b=[0, 0], bias=False)


FAN = [(F(1), F(0)), (F(3, 5), F(4, 5)), (F(0), F(1))]  # three atoms in two dimensions
STAR = [(F(1), F(0)), (F(-4, 5), F(3, 5)), (F(-4, 5), F(-3, 5))]
MINIMUM = pairs((F(3), F(1, 4)), (F(3), F(1, 4)), (F(3), F(1, 4)), atoms=FAN)
SADDLE = pairs((F(2), F(3, 2)), (F(2), F(0)), (F(2), F(0)), atoms=STAR)
FLAT = pairs((F(9, 5), F(6, 5)), atoms=STAR[:1])


def solved(point):
    point.verify_optimal()
    return point._world().solved


def test_an_overcomplete_minimum_that_is_not_global():
    point = solved(MINIMUM)
    assert second_order(point).kind is Kind.MINIMUM
    assert MINIMUM.level is Level.LOCAL_MINIMUM
    assert max(square(point.residual(i)) for i in range(6)) > 1  # so W1 does not certify it as global


def test_nothing_near_a_minimum_is_better():
    point, random = solved(MINIMUM), Random(0)
    moves = free_directions(point)
    for _ in range(30):
        amounts = [F(random.randint(-9, 9), 9) for _ in moves]
        assert objective(moved(point, moves, amounts, F(1, 64))) > objective(point)


def test_an_overcomplete_saddle_has_a_better_point_nearby():
    point = solved(SADDLE)
    found = second_order(point)
    assert found.kind is Kind.SADDLE
    assert found.curvature < 0
    assert objective(found.better) < objective(point)
    assert all(square(atom) == 1 for atom in found.better.atoms)
    assert all(value >= 0 for row in found.better.z for value in row)
    assert SADDLE.level is Level.BEST_CODES


@pytest.mark.parametrize("n", [F(n, 4) for n in range(1, 9)])
def test_one_atom_between_two_samples_is_a_saddle_exactly_beyond_its_threshold(n):
    """−½E[(x·d − λ)²] has second derivative m(m − λ) − n²: the atom leaves the middle for n² > m(m − λ)."""
    m = F(2)
    kind = second_order(solved(pairs((m, n), atoms=STAR[:1]))).kind
    assert kind is (Kind.MINIMUM if n * n < m * (m - 1) else Kind.SADDLE)


def test_at_the_threshold_nothing_is_decided():
    found = second_order(solved(FLAT))
    assert (found.kind, found.better) == (Kind.UNDECIDED, None)


def test_a_silent_code_without_cost_may_only_rise():
    """A second atom at the edge of what it is worth: silent, with slack 0 on one sample."""
    edge = Counterexample(x=[[3, 1], [3, -1]], D=[[1, 0], [0, 1]], z=[[2, 0], [2, 0]], lam=1, b=[0, 0], bias=False)
    point = solved(edge)
    rising = [move for move in free_directions(point) if move.unit == 1 and move.sample is not None]
    assert len(rising) == 1
    found = second_order(point)
    assert found.kind is Kind.SADDLE  # the second atom turns, and then rises
    assert objective(found.better) < objective(point)
    assert found.better.z[0][1] + found.better.z[1][1] > 0


@pytest.mark.parametrize("name", OF_L1)
def test_no_kept_minimum_is_called_a_saddle(name):
    assert second_order(solved(OF_L1[name])).kind is not Kind.SADDLE


def test_the_grid_is_a_saddle():
    found = second_order(solved(GRID))
    assert found.kind is Kind.SADDLE
    assert objective(found.better) < objective(solved(GRID))


def test_a_free_bias_counts():
    fixed = pairs((F(2), F(1, 2)), atoms=STAR[:1])
    assert second_order(solved(fixed)).kind is Kind.MINIMUM
    free = replace(solved(fixed), bias=True)
    assert len(free_directions(free)) == len(free_directions(solved(fixed))) + 2


def test_other_objectives_are_refused():
    with pytest.raises(ValueError, match="top-k"):
        second_order(solved(SELECTED))
    assert SELECTED.objective is TOP_K


@pytest.mark.parametrize(
    "matrix",
    [[[0, 1], [1, 0]], [[0, 1], [1, 5]], [[0, -2], [-2, 3]], [[1, 1, 0], [1, 1, 2], [0, 2, 1]], [[1, 2], [2, 1]]],
)
def test_a_direction_of_negative_curvature_is_one(matrix):
    matrix = [[Fraction(value) for value in row] for row in matrix]
    positive, direction = definite(matrix)
    assert not positive
    assert form(matrix, direction) < 0
