"""Minima and saddles of the L1 problem told apart by second order, exactly and with a witness (THEORY T7).

At a stationary point directions are free where first order says nothing: codes that are active, or silent at no cost
(those may only rise), atoms along their spheres, the bias. If the second variation is positive on all of them, the
point is a strict local minimum. If it is negative along one, the point is a saddle, and a point nearby is better: it is
given, in fractions, and its objective is computed there. Between the two nothing is decided. λ > 0 may be any, and
atoms may be more than dimensions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction

from theory.optimality import (
    Matrix,
    Move,
    Solved,
    Vector,
    dot,
    free_directions,
    second_variation,
    square,
)
from theory.problem import L1

HALVINGS = 60  # of a step, until it lowers the objective


class Kind(Enum):
    """What second order says of a stationary point."""

    MINIMUM = "strict local minimum"
    SADDLE = "saddle"
    UNDECIDED = "not decided by second order"


@dataclass(frozen=True, eq=False)
class SecondOrder:
    """What a point is. Of a saddle, the second derivative along a direction, and a point nearby that is better."""

    kind: Kind
    curvature: Fraction | None = None
    better: Solved | None = None


def second_order(point: Solved) -> SecondOrder:
    """Of a stationary point of the L1 problem. Raises ValueError for other objectives, and for masks."""
    if point.objective is not L1:
        raise ValueError(f"second order is decided for L1, not for {point.objective!r}")
    moves, matrix = free_directions(point), second_variation(point)
    definite, negative = _definite(matrix)
    if definite:
        return SecondOrder(Kind.MINIMUM)
    rising = [n for n, move in enumerate(moves) if _may_only_rise(point, move)]
    for amounts in _ways(negative, matrix, rising):
        better = _further(point, moves, amounts)
        if better is not None:
            return SecondOrder(Kind.SADDLE, _form(matrix, amounts), better)
    return SecondOrder(Kind.UNDECIDED)


def objective(point: Solved) -> Fraction:
    """E[½‖r‖² + λ1ᵀz]."""
    total = Fraction(0)
    for sample, weight in enumerate(point.weights):
        spent = point.lam[sample] * sum(point.z[sample], Fraction(0))
        total += weight * (square(point.residual(sample)) / 2 + spent)
    return total


def _may_only_rise(point: Solved, move: Move) -> bool:
    return move.sample is not None and move.unit is not None and not point.z[move.sample][move.unit]


def _ways(negative: Vector | None, matrix: Matrix, rising: Sequence[int]) -> list[Vector]:
    """Directions of negative curvature in which silent codes rise: one that was found, and one that leaves them be."""
    kept = [n for n in range(len(matrix)) if n not in rising]
    _, inside = _definite([[matrix[row][column] for column in kept] for row in kept])
    found = [] if negative is None else [negative]
    if inside is not None:
        placed = dict(zip(kept, inside, strict=True))
        found.append([placed.get(n, Fraction(0)) for n in range(len(matrix))])
    both = (way for each in found for way in (each, [-value for value in each]))
    return [way for way in both if all(way[n] >= 0 for n in rising)]


def _further(point: Solved, moves: Sequence[Move], amounts: Vector) -> Solved | None:
    """The first point along a direction, halving the step, that is feasible and has a lower objective."""
    here = objective(point)
    for halving in range(HALVINGS):
        there = moved(point, moves, amounts, Fraction(1, 2**halving))
        if all(value >= 0 for row in there.z for value in row) and objective(there) < here:
            return there
    return None


def moved(point: Solved, moves: Sequence[Move], amounts: Vector, t: Fraction) -> Solved:
    """The point after a step t along a direction; atoms stay on their spheres, exactly."""
    z, b = [list(row) for row in point.z], list(point.b)
    turns = [[Fraction(0)] * len(b) for _ in point.atoms]
    for move, amount in zip(moves, amounts, strict=True):
        if move.sample is not None and move.unit is not None:
            z[move.sample][move.unit] += t * amount
        elif move.unit is not None:
            turns[move.unit] = [
                have + t * amount * more for have, more in zip(turns[move.unit], move.change, strict=True)
            ]
        else:
            b = [have + t * amount * more for have, more in zip(b, move.change, strict=True)]
    atoms = [_turned(atom, turn) for atom, turn in zip(point.atoms, turns, strict=True)]
    return replace(point, z=z, b=b, D=[list(row) for row in zip(*atoms, strict=True)])


def _turned(atom: Sequence[Fraction], turn: Vector) -> Vector:
    """A unit vector moved along a tangent: ((1 − q) d + δ)/(1 + q) with q = ¼‖δ‖² is of unit length again."""
    q = square(turn) / 4
    return [((1 - q) * value + side) / (1 + q) for value, side in zip(atom, turn, strict=True)]


def _form(matrix: Matrix, amounts: Vector) -> Fraction:
    return dot(amounts, [dot(row, amounts) for row in matrix])


def _definite(matrix: Matrix) -> tuple[bool, Vector | None]:
    """Whether a symmetric matrix is positive definite, and a direction along which it is negative, if there is one.

    By elimination with the columns that bring each pivot about: what they are combinations of is kept.
    """
    size = len(matrix)
    rows = [list(row) for row in matrix]
    basis = [[Fraction(int(row == column)) for column in range(size)] for row in range(size)]
    positive = True
    for n in range(size):
        pivot = rows[n][n]
        if pivot < 0:
            return False, basis[n]
        if not pivot:
            positive = False
            beside = next((m for m in range(n + 1, size) if rows[n][m]), None)
            if beside is not None:  # 2t·rows[n][m] + t²·… along t·basis[m] + s·basis[n]: negative for a large s
                push = -(abs(rows[beside][beside]) + 1) / rows[n][beside]
                return False, [push * one + other for one, other in zip(basis[n], basis[beside], strict=True)]
            continue
        for m in range(n + 1, size):
            factor = rows[m][n] / pivot
            if factor:
                rows[m] = [value - factor * lead for value, lead in zip(rows[m], rows[n], strict=True)]
                basis[m] = [value - factor * lead for value, lead in zip(basis[m], basis[n], strict=True)]
    return positive, None
