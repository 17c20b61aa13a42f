"""Why an SAE is not at the optimum, in one column: amortisation, optimisation, or the objective itself.

    F(trained codes)  ≥  F(exact codes at the trained dictionary)  ≥  F(polished)  ≥  E[h_λ]
                    amortisation                             optimisation

and beside it F of the ground truth with exact codes, and polished in turn: if that is below F(polished) the SAE stands
in a bad optimum, if it is above, the objective prefers what is not the truth (THEORY E3, W1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from checks.problem.instance import Array, Instance
from checks.problem.point import Point
from checks.saes.sae import SAE
from checks.solvers.codes.gap import duality_gaps
from checks.solvers.dictionary import joint
from checks.solvers.dictionary.large import LARGE, large
from checks.solvers.optimum import with_optimal_codes
from checks.solvers.wide import huber_median, width_bound

TRAINED, CODES, POLISHED, TRUTH, OPTIMUM, BOUND, ERROR = (
    "F trained",
    "F codes",
    "F polished",
    "F truth",
    "F truth polished",
    "bound",
    "F error",
)
COLUMN = (TRAINED, CODES, POLISHED, TRUTH, BOUND)
"""What is shown of a column: the truth is so near to an optimum that its polish is not."""

STEPS = 30
"""Newton steps of a polish: a further one changes digits that no study looks at."""


@dataclass(frozen=True, eq=False)
class Column:
    """The points of the column, best codes everywhere but in the first; truth and optimum only if there is one.

    error  by how much the objective of exact codes is too high at most, certified by duality, relative to itself
    """

    trained: Point
    codes: Point
    polished: Point
    bound: float
    truth: Point | None = None
    optimum: Point | None = None

    @cached_property
    def error(self) -> float:
        points = [p for p in (self.codes, self.polished, self.truth, self.optimum) if p is not None]
        return max(_gap(p) for p in points) / self.codes.objective

    @property
    def amortisation(self) -> float:
        """What the encoder loses, as a share of F(polished)."""
        return (self.trained.objective - self.codes.objective) / self.polished.objective

    @property
    def optimisation(self) -> float:
        """What the dictionary loses to the joint optimum beside it, as a share of F(polished)."""
        return (self.codes.objective - self.polished.objective) / self.polished.objective

    @property
    def row(self) -> dict[str, float]:
        """The column as figures of a row."""
        found = {
            TRAINED: self.trained.objective,
            CODES: self.codes.objective,
            POLISHED: self.polished.objective,
            BOUND: self.bound,
            ERROR: self.error,
        }
        if self.truth is not None and self.optimum is not None:
            found |= {TRUTH: self.truth.objective, OPTIMUM: self.optimum.objective}
        return found


def column(problem: Instance, sae: SAE, truth: Array | None = None, steps: int = STEPS) -> Column:
    """The column of an SAE on a problem; truth: the dictionary (d, m) that the data were made of.

    For an SAE of another objective the first entry is the L1 objective of its codes.
    """
    trained = sae.point(problem)
    codes = with_optimal_codes(trained)
    return Column(trained, codes, polished(codes, steps), bound(problem), *known(problem, truth, steps))


def known(problem: Instance, truth: Array | None, steps: int = STEPS) -> tuple[Point | None, Point | None]:
    """The ground truth with exact codes, and polished."""
    if truth is None:
        return None, None
    given = at_dictionary(problem, truth)
    return given, polished(given, steps)


def at_dictionary(problem: Instance, D: Array, b: Array | None = None) -> Point:
    """Exact codes at a dictionary (d, m), whatever its width."""
    b = np.zeros(problem.d) if b is None else b
    problem = replace(problem, k=D.shape[1])
    return with_optimal_codes(Point(problem, D, b, np.zeros((problem.n, problem.k))))


def polished(point: Point, steps: int = STEPS) -> Point:
    """The joint optimum that Newton's method finds from a dictionary; the point itself if that is lower.

    It is an optimum to the digits that count, not to the last: a figure of it may be a little high, never too low.
    """
    i, start = point.instance, (point.D, point.b)
    if i.n * i.k > LARGE:
        found = large(i.x, i.k, i.lam, weights=i.weights, bias=i.bias, start=start, online=False, max_iterations=steps)
        Z = np.zeros((i.n, i.k)) if found.Z is None else found.Z.toarray()
        end = Point(i, found.D, found.b, Z)
    else:
        optimum = joint(i.x, i.k, i.lam, weights=i.weights, bias=i.bias, start=start, max_iterations=steps)
        end = Point(i, optimum.D, optimum.b, optimum.Z)
    return end if end.objective < point.objective else point


def bound(problem: Instance) -> float:
    """E[h_λ(‖x − b‖)] with the best b, below which no width gets (W1, W5)."""
    b = huber_median(problem.x, problem.lam, weights=problem.weights) if problem.bias else None
    return width_bound(problem.x, problem.lam, b=b, weights=problem.weights)


def _gap(point: Point) -> float:
    i = point.instance
    y = i.x - point.b
    size = 0.5 * (np.linalg.norm(y, axis=1) + i.lam) ** 2
    return float(i.weights @ (size * duality_gaps(y, point.D, i.lam, point.Z)))


def out_of_order(row: Mapping[str, Any]) -> Iterator[str]:
    """Where a column contradicts the theory by more than the certified error of its codes and rounding."""
    if ERROR not in row:
        return
    slack = float(row[CODES]) * (float(row[ERROR]) + 1e3 * np.finfo(float).eps)
    chains = [(BOUND, POLISHED, CODES, TRAINED), (BOUND, OPTIMUM, TRUTH)]
    for low, high in (pair for chain in chains for pair in pairwise(chain)):
        if low in row and high in row and not float(row[low]) <= float(row[high]) + slack:
            yield f"{low} = {row[low]:.12g} is above {high} = {row[high]:.12g}"
