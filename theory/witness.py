"""Stationary points in exact arithmetic, at which one can see that a theorem says something.

What a theorem takes for granted must be met somewhere: conditions that contradict each other prove everything. These
points are few and simple; a statement whose conditions none of them meets names a point of its own, its `witness`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from sympy.core.relational import Relational

from theory.counterexample import Counterexample as Point
from theory.optimality import Level
from theory.problem import BATCH_TOP_K, MATRYOSHKA, NORM_WEIGHTED, TOP_K, Objective

half = Fraction(1, 2)

RAYS = Point(x=[[2, 0], [0, 3], [0, 0]], D=[[1, 0], [0, 1]], z=[[1, 0], [0, 2], [0, 0]], lam=1, b=[0, 0], bias=False)
ANTIPODES = Point(x=[[2], [-2], [0]], D=[[1, -1]], z=[[1, 0], [0, 1], [0, 0]], lam=1, b=[0])
DENSE = Point(x=[[-2], [2], [8]], D=[[1]], z=[[0], [1], [7]], lam=1, b=[0])
COPIES = Point(x=[[3], [2], [0]], D=[[1, 1]], z=[[1, 1], [1, 0], [0, 0]], lam=1, b=[0], bias=False)
GRID = Point(
    x=[[-1, -1], [2, -1], [-1, 2], [2, 2]], D=[[1, 0], [0, 1]], z=[[0, 0], [1, 0], [0, 1], [1, 1]], lam=1, b=[0, 0]
)
TWO_PRICES = Point(x=[[4], [4], [1]], D=[[1]], z=[[3], [2], [0]], lam=[1, 2, 1], b=[0], bias=False)
SELECTED = Point(
    x=[[2, 0], [1, 1]], D=[[1, 0], [0, 1]], z=[[2, 0], [1, 1]], lam=0, b=[0, 0], bias=False, objective=TOP_K, limit=2
)
SELECTED_TOGETHER = Point(
    x=[[2, 0], [1, 1]],
    D=[[1, 0], [0, 1]],
    z=[[2, 0], [1, 1]],
    lam=0,
    b=[0, 0],
    bias=False,
    objective=BATCH_TOP_K,
    limit=2,
)
LONG_ATOM = Point(x=[[3], [0]], D=[[2]], z=[[1], [0]], lam=1, b=[0], bias=False, objective=NORM_WEIGHTED)
NESTED = Point(
    x=[[Fraction(21, 13), Fraction(96, 65)], [3 * half, Fraction(-6, 5)]],
    D=[[1, Fraction(5, 13)], [0, Fraction(12, 13)]],
    z=[[1, Fraction(3, 5)], [1, 0]],
    lam=1,
    b=[0, 0],
    bias=False,
    objective=MATRYOSHKA,
    prefixes=[[1, 0], [1, 1]],
)
POINTS: Sequence[Point] = (
    *(RAYS, ANTIPODES, DENSE, COPIES, GRID, TWO_PRICES),
    *(SELECTED, SELECTED_TOGETHER, LONG_ATOM, NESTED),
)


def met(
    claim: Relational,
    given: Sequence[Relational],
    objectives: Sequence[Objective],
    *,
    bias: bool,
    at: Level,
    points: Sequence[Point] = POINTS,
) -> Point | None:
    """A point of one of some objectives at which all that is given holds at an entry of a claim; None if none is known.

    bias: whether it must be stationary in a bias; at: its level of optimality.
    """
    for point in points:
        fits = point.objective in objectives and (point.bias or not bias)
        if fits and (at is Level.STATIONARY or point.level >= at) and point.meets(claim, given):
            return point
    return None
