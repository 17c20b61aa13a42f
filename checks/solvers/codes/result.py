"""Codes, how good they are, and how their solver stopped."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

TARGET = 1e-12
"""Natural residual, relative to ‖x‖ + λ, at which a code counts as optimal: a few thousand rounding errors."""


class Outcome(Enum):
    """How a solver stopped."""

    CONVERGED = "converged"
    OUT_OF_ITERATIONS = "out of iterations"
    STALLED = "stalled: float64 resolves no further decrease"
    NOT_ATTAINED = "not attained: without a penalty there need be no minimum"


T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Codes(Generic[T]):
    """Z (n, k), an array or tensor as the samples were, with its worst natural residual over samples,
    max|z − max(0, z + Dᵀ(x − Dz) − λ)| / (‖x‖ + λ).
    """

    Z: T
    residual: float
    outcome: Outcome


def outcome_of(Z: T, worst: float, finished: bool) -> Codes[T]:
    """The codes with the outcome that their worst residual, and whether the solver wanted to go on, mean."""
    if worst <= TARGET:
        return Codes(Z, worst, Outcome.CONVERGED)
    return Codes(Z, worst, Outcome.STALLED if finished else Outcome.OUT_OF_ITERATIONS)
