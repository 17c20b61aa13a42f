"""Joint optima, and how good they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic

from checks.solvers.codes.result import Outcome, T

TARGET = 1e-9
"""Stationarity, relative to E[λz_j] per atom, at which a point counts as a joint optimum."""

Progress = Callable[[int, float, float], None]


@dataclass(frozen=True)
class Search:
    """How a minimum is searched for: atoms start at samples drawn with `seed`, `restarts` times, and the best is kept.

    progress(iteration, objective, stationarity) is called after every Newton step.
    """

    seed: int = 0
    restarts: int = 1
    max_iterations: int = 500
    progress: Progress | None = None


@dataclass(frozen=True, eq=False)
class Joint(Generic[T]):
    """D (d, k), b (d,), Z (n, k), arrays or tensors as the samples were, the objective F there and the stationarity:
    the worst over live atoms of ‖E[r z_j] − E[λ z_j] d_j‖ / E[λ z_j], and ‖E r‖ relative to the root mean square of
    ‖x − E x‖ if the bias is free.
    """

    D: T
    b: T
    Z: T
    objective: float
    stationarity: float
    outcome: Outcome
