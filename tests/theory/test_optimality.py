"""Levels of optimality, certified in fractions: against the loss itself, and against points that are not of a level."""

from dataclasses import replace
from fractions import Fraction
from itertools import product
from random import Random

import pytest

from theory.counterexample import Counterexample
from theory.optimality import (
    Level,
    dot,
    feasible_turn,
    has_best_codes,
    in_span,
    is_local,
    is_positive_definite,
    second_variation,
    solve,
)
from theory.optimality import _code_moves as code_moves
from theory.optimality import _shifts as shifts
from theory.optimality import _turns as turns
from theory.problem import L0, L1, LOG, NORM_WEIGHTED, TOP_K
from theory.statement import Status, discover
from theory.witness import DENSE, GRID, POINTS, RAYS

KEPT = {each.id: each.counterexample for each in discover() if each.status is Status.REFUTED}
SMOOTH = [name for name, point in KEPT.items() if point.objective is not TOP_K]
h = Fraction(1, 1000)


def solved(point):
    return point._world().solved


def loss(point, moves, amounts, t):
    """The loss at a point that has moved along directions, atoms on their spheres to second order."""
    d, k, n = len(point.D), len(point.D[0]), len(point.x)
    z, b = [list(row) for row in point.z], list(point.b)
    turn = [[Fraction(0)] * d for _ in range(k)]
    for move, amount in zip(moves, amounts, strict=True):
        if move.sample is not None:
            z[move.sample][move.unit] += t * amount
        elif move.unit is not None:
            turn[move.unit] = [have + amount * more for have, more in zip(turn[move.unit], move.change, strict=True)]
        else:
            b = [have + t * amount * more for have, more in zip(b, move.change, strict=True)]
    atoms = [
        [value + t * e - t**2 * dot(side, side) * value / 2 for value, e in zip(atom, side, strict=True)]
        for atom, side in zip(point.atoms, turn, strict=True)
    ]
    total = Fraction(0)
    for i in range(n):
        for mask in point.masks:
            left = [point.x[i][a] - b[a] - sum(mask[j] * atoms[j][a] * z[i][j] for j in range(k)) for a in range(d)]
            total += point.weights[i] * dot(left, left) / 2
        total += point.weights[i] * point.lam[i] * sum(z[i])
    return total


@pytest.mark.parametrize("name", SMOOTH)
def test_the_second_variation_is_that_of_the_loss(name):
    point, random = solved(KEPT[name]), Random(0)
    moves = [*code_moves(point), *turns(point), *shifts(point)]
    matrix = second_variation(point)
    for _ in range(3):
        amounts = [Fraction(random.randint(-3, 3)) for _ in moves]
        predicted = sum(a * b * matrix[n][m] for (n, a), (m, b) in product(enumerate(amounts), repeat=2))
        measured = (
            loss(point, moves, amounts, h) + loss(point, moves, amounts, -h) - 2 * loss(point, moves, amounts, 0)
        ) / h**2
        assert abs(measured - predicted) <= Fraction(1, 1000) * (1 + abs(predicted))


@pytest.mark.parametrize("name", KEPT)
def test_every_kept_counterexample_is_a_minimum(name):
    assert KEPT[name].level >= Level.LOCAL_MINIMUM


def test_a_saddle_is_none():
    """Without the samples along the atoms the grid of X7 is one: turning both atoms helps."""
    assert GRID.level is Level.BEST_CODES
    assert not is_local(solved(GRID))


def test_a_bias_that_is_free_can_make_a_saddle():
    assert KEPT["X11"].level is Level.LOCAL_MINIMUM
    x, z, lam = list(KEPT["X11"].x), list(KEPT["X11"].z), list(KEPT["X11"].prices)
    free = replace(KEPT["X11"], x=[*x, [Fraction(-1, 5), Fraction(-2, 5)]], z=[*z, [0, 0]], lam=[*lam, 1], bias=True)
    free.verify_optimal()
    assert free.level is Level.BEST_CODES


def test_residuals_within_the_price_are_the_best_there_is():
    assert RAYS.level is Level.GLOBAL_MINIMUM
    assert DENSE.level is Level.LOCAL_MINIMUM  # a residual of length 2, but atoms on a line cannot turn


def test_codes_that_are_not_the_best_are_found():
    chosen = Counterexample(
        x=[[2, 1]], D=[[1, 0], [0, 1]], z=[[0, 1]], lam=0, b=[0, 0], bias=False, objective=TOP_K, limit=1
    )
    assert not has_best_codes(solved(chosen))
    assert has_best_codes(solved(replace(chosen, z=[[2, 0]])))
    dear = Counterexample(x=[[1]], D=[[1]], z=[[1]], lam=1, b=[0], bias=False, objective=L0)
    assert not has_best_codes(solved(dear))  # ½ for the error is less than 1 for the unit
    assert has_best_codes(solved(replace(dear, lam=Fraction(1, 4))))


def test_what_cannot_be_decided_counts_as_stationary():
    lone = Counterexample(x=[[1]], D=[[1]], z=[[0]], lam=1, b=[0], bias=False)
    assert lone.level is Level.GLOBAL_MINIMUM
    assert not has_best_codes(replace(solved(lone), objective=LOG))
    assert not is_local(replace(solved(lone), objective=NORM_WEIGHTED))
    assert is_local(replace(solved(lone), objective=L1))


def test_every_witness_is_a_stationary_point():
    for point in POINTS:
        point.verify_optimal()


def test_linear_algebra_in_fractions():
    assert solve([[Fraction(2), Fraction(1)], [Fraction(1), Fraction(3)]], [Fraction(3), Fraction(4)]) == [1, 1]
    assert solve([[Fraction(1), Fraction(2)], [Fraction(2), Fraction(4)]], [Fraction(1), Fraction(2)]) is None
    assert is_positive_definite([[Fraction(2), Fraction(1)], [Fraction(1), Fraction(2)]])
    assert not is_positive_definite([[Fraction(1), Fraction(2)], [Fraction(2), Fraction(1)]])
    assert not is_positive_definite([[Fraction(0)]])
    assert in_span([Fraction(3), Fraction(0)], [[Fraction(0), Fraction(1)], [Fraction(2), Fraction(0)]]) == [
        0,
        Fraction(3, 2),
    ]
    assert in_span([Fraction(1), Fraction(1)], [[Fraction(2), Fraction(0)]]) is None


def test_a_turn_keeps_norms_and_moves_silent_codes_upwards():
    random = Random(1)
    point = solved(KEPT["X12"])
    for _ in range(5):
        drawn = [[Fraction(random.randint(-5, 5)) for _ in range(3)] for _ in range(3)]
        C = feasible_turn(drawn, point.atoms, point.z)
        for unit, atom in enumerate(point.atoms):
            moved = [sum(C[m][unit] * other[a] for m, other in enumerate(point.atoms)) for a in range(len(atom))]
            assert dot(atom, moved) == 0
            assert all(dot(C[unit], codes) <= 0 for codes in point.z if not codes[unit])


def test_a_support_that_ties_with_another_is_no_sign_of_a_minimum():
    """Where an atom turns away from one of the first two samples, that sample leaves it for the other atom."""
    tied = Counterexample(
        x=[[1, 1], [1, -1], [2, 0], [0, 3]],
        D=[[1, 0], [0, 1]],
        z=[[1, 0], [1, 0], [2, 0], [0, 3]],
        lam=0,
        b=[0, 0],
        bias=False,
        objective=TOP_K,
        limit=1,
    )
    assert has_best_codes(solved(tied))
    assert is_positive_definite(second_variation(solved(tied)))
    assert not is_local(solved(tied))
