"""The points that refuted statements keep."""

from __future__ import annotations

import numpy as np

from checks.problem.instance import instance
from checks.problem.point import Point
from theory.statement import Statement


def stored_counterexample(statement: Statement) -> Point:
    """The point that a refuted statement keeps as its counterexample."""
    kept = statement.counterexample
    assert kept is not None
    D, Z = np.array(kept.D, dtype=float), np.array(kept.z, dtype=float)
    numbers = {"K": kept.limit, "M": kept.prefixes}
    problem = instance(
        np.array(kept.x, dtype=float),
        D.shape[1],
        np.array(kept.prices, dtype=float),
        bias=kept.bias,
        name="counterexample",
        objective=kept.objective,
        parameters={name: np.array(value, dtype=float) for name, value in numbers.items() if value is not None},
    )
    return Point(problem, D, np.array(kept.b, dtype=float), Z)
