"""Solvers whose problems are small, so that the processor suits them, serve torch tensors of any device as well."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import ParamSpec, TypeVar

from checks.problem.arrays import is_tensor

P = ParamSpec("P")
R = TypeVar("R")


def on_the_processor(solver: Callable[P, R]) -> Callable[P, R]:
    """The solver, which answers tensors in float64 tensors on their device: arrays, or those in a dataclass or a list.

    Raises BadInput if tensors are on several devices.
    """
    names = signature(solver)

    @wraps(solver)
    def solve(*arguments: P.args, **options: P.kwargs) -> R:
        if not any(map(is_tensor, (*arguments, *options.values()))):
            return solver(*arguments, **options)
        from checks.problem.tensors import by_the_processor

        return by_the_processor(solver, names.bind(*arguments, **options).arguments)

    return solve
