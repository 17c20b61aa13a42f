"""Exact solutions as points: of every objective, and of a given dictionary."""

from __future__ import annotations

from collections.abc import Callable

from checks.problem.instance import Instance
from checks.problem.point import Point
from theory.problem import L1

ATTEMPTS = 3  # of the solver for other objectives, which does not always settle, to be exact


def exact_optimum(
    instance: Instance,
    seed: int,
    progress: Callable[[int, float, float], None] | None = None,
    restarts: int = 1,
) -> Point:
    """A certified stationary point, from the solver for its objective; that of the L1 problem reports its steps.

    restarts: of the L1 problem, the best of so many.
    """
    from checks.solvers.codes.result import Outcome
    from checks.solvers.dictionary import joint
    from checks.solvers.other_objectives import stationary

    if instance.objective is not L1:
        for attempt in range(ATTEMPTS):
            found = stationary(instance, seed=seed + 1000 * attempt)
            if found.outcome is Outcome.CONVERGED:
                break
        return Point(instance, found.D, found.b, found.Z)
    solution = joint(
        instance.x,
        instance.k,
        instance.lam,
        weights=instance.weights,
        bias=instance.bias,
        seed=seed,
        restarts=restarts,
        progress=progress,
    )
    return Point(instance, solution.D, solution.b, solution.Z)


def with_optimal_codes(point: Point) -> Point:
    """The same dictionary and bias, with each sample's codes optimised."""
    from checks.solvers.codes import codes

    solution = codes(point.instance.x - point.b, point.D, point.instance.lam)
    return Point(point.instance, point.D, point.b, solution.Z)
