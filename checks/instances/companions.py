"""Other optima of the same problem, made from one that is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from checks.problem.point import Point
from theory.problem import L1


def with_companions(point: Point) -> list[Point]:
    """An optimum and, of the L1 problem, the same with a split atom."""
    return [point, with_split_atom(point)] if point.instance.objective is L1 else [point]


def with_split_atom(point: Point) -> Point:
    """An optimum with one atom more: a copy of the busiest one takes over half of its code.

    It reconstructs alike and costs as much, so that it is an optimum too, one whose codes are not unique and in which
    two features imply each other.
    """
    busiest = int(np.argmax((point.Z > 0).sum(axis=0)))
    Z = np.column_stack([point.Z, point.Z[:, busiest] / 2])
    Z[:, busiest] /= 2
    D = np.column_stack([point.D, point.D[:, busiest]])
    return Point(replace(point.instance, k=point.instance.k + 1), D, point.b, Z)
