"""Codes of a fixed dictionary: of arrays by an active-set method, of tensors where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from numpy.typing import ArrayLike

from checks.problem.arrays import is_tensor
from checks.problem.instance import Array

if TYPE_CHECKING:
    from torch import Tensor
from checks.solvers.codes.active_set import codes_of_arrays
from checks.solvers.codes.result import Codes


@overload
def codes(x: Tensor, D: Any, lam: Any, *, start: Any = None, max_iterations: int = 10_000) -> Codes[Tensor]: ...


@overload
def codes(
    x: ArrayLike, D: ArrayLike, lam: ArrayLike, *, start: ArrayLike | None = None, max_iterations: int = 10_000
) -> Codes[Array]: ...


def codes(x: Any, D: Any, lam: Any, *, start: Any = None, max_iterations: int = 10_000) -> Codes[Any]:
    """The nonnegative L1 codes of samples x (n, d), bias already subtracted, for the atoms in the columns of D (d, k).

    For a torch tensor x the codes are a float64 tensor on its device, where they are computed.
    lam: λ ≥ 0, one or one per sample. start: codes (n, k) to begin from, e.g. those of a nearby dictionary.
    max_iterations: changes of the active set per sample. Where the optimal code is not unique, any one is returned.
    Never raises for running out: the residual and the outcome say so. Raises BadInput, naming the row, if x, D or lam
    is not finite or of the wrong shape.
    """
    if is_tensor(x):
        from checks.solvers.codes.tensors import codes_of_tensors

        return codes_of_tensors(x, D, lam, start, max_iterations)
    return codes_of_arrays(x, D, lam, start=start, max_iterations=max_iterations)
