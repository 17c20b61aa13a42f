"""The best dictionaries of neighbouring problems on the same data, where they are certain to be the best.

A stationary dictionary that leaves no residual longer than λ has no better one, of any width (THEORY W1, W3); with a
free bias neither, as E[h_λ(‖x−b‖)] is convex in b and stationary there. Of others nothing is claimed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from checks.evaluation.lowering import Named
from checks.judging.certify import EXACT_CODES
from checks.judging.optimality import is_best
from checks.problem.instance import Instance
from checks.problem.point import Point
from theory.problem import cost_dearer, cost_wider, dead, dead_dearer, kin, known, known_dearer, known_wider

HERE = frozenset(map(str, (known, dead)))
WIDER = frozenset(map(str, (known_wider, cost_wider, kin)))
DEARER = frozenset(map(str, (known_dearer, cost_dearer, dead_dearer)))
LARGEST = (10, 5)  # samples and atoms beyond which a neighbour is not searched for, and so not known
RESTARTS = 2


def neighbours(point: Point, asked: frozenset[str]) -> dict[str, Named]:
    """The symbols that are asked for; a neighbour is solved only if one of its own is among them."""
    values: dict[str, float | np.ndarray] = {}
    i = point.instance
    if asked & HERE:
        values |= {str(known): is_best(point), str(dead): _dead(point)}
    if asked & WIDER:
        wider = _solved(replace(i, k=i.k + 1))
        values |= {
            str(known_wider): wider is not None and is_best(wider),
            str(cost_wider): np.nan if wider is None else wider.objective,
            str(kin): np.full_like(point.D, np.nan) if wider is None else _nearest(point, wider),
        }
    if asked & DEARER:
        dearer = _solved(replace(i, lam=2 * i.lam))
        values |= {
            str(known_dearer): dearer is not None and is_best(dearer),
            str(cost_dearer): np.nan if dearer is None else dearer.objective,
            str(dead_dearer): np.nan if dearer is None else _dead(dearer),
        }
    return {name: Named(value * 1.0) for name, value in values.items()}


def _solved(problem: Instance) -> Point | None:
    """A stationary point, the best of a few; None if the problem is too large to look."""
    from checks.solvers.dictionary import joint

    if problem.n > LARGEST[0] or problem.k > LARGEST[1]:
        return None
    found = joint(
        problem.x, problem.k, problem.lam, weights=problem.weights, bias=problem.bias, seed=0, restarts=RESTARTS
    )
    return Point(problem, found.D, found.b, found.Z)


def _nearest(point: Point, other: Point) -> np.ndarray:
    """For each atom the live atom of the other dictionary with the largest cosine; 0 if there is none. (d, k)."""
    live = other.D[:, other.instance.weights @ other.Z > 0]
    if not live.size:
        return np.zeros_like(point.D)
    return live[:, np.argmax(point.D.T @ live, axis=1)]


def _dead(point: Point) -> int:
    """How many atoms are never active, or copies of another: how codes are shared among copies is of no account."""
    live = point.D[:, point.instance.weights @ point.Z > 0]
    copies = np.triu(live.T @ live > 1 - EXACT_CODES, 1).any(axis=0)
    return int(point.instance.k - live.shape[1] + copies.sum())
