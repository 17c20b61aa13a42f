"""Dictionary, decoder bias and codes that are optimal together: of arrays here, of tensors where they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from numpy.typing import ArrayLike

from checks.problem.arrays import is_tensor
from checks.problem.instance import Array
from checks.solvers.dictionary.newton import joint_of_arrays
from checks.solvers.dictionary.result import Joint, Progress, Search


def joint(
    x: ArrayLike,
    k: int,
    lam: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    bias: bool = False,
    start: ArrayLike | tuple[ArrayLike, ArrayLike] | None = None,
    seed: int = 0,
    restarts: int = 1,
    max_iterations: int = 500,
    progress: Progress | None = None,
) -> Joint[Any]:
    """A local minimum of E[½‖x − b − Dz‖² + λ1ᵀz] over unit-norm D (d, k), Z ≥ 0 and, if asked, b.

    x: (n, d) samples; lam: λ ≥ 0, one or one per sample; weights: of the samples, rescaled to sum 1. start: D, or
    (D, b); otherwise atoms start at samples drawn with `seed`, `restarts` times, and the lowest objective wins.
    For a torch tensor x the result is made of float64 tensors on its device, where they are computed.
    progress(iteration, objective, stationarity) is called after every Newton step.
    Atoms that no sample uses stay unit vectors. Never raises for running out: stationarity and outcome say so.
    Raises BadInput, naming the row, on input that is not finite or of the wrong shape.
    """
    search = Search(seed, restarts, max_iterations, progress)
    if is_tensor(x):
        from checks.solvers.dictionary.tensors import joint_of_tensors

        return joint_of_tensors(x, k, lam, weights, bias, start, search)
    return joint_of_arrays(x, k, lam, weights, bias, start, search)


def joint_on(device: str, x: Array, *arguments: Any, **options: Any) -> Joint[Array]:
    """`joint` of arrays, solved on a device such as "cuda". Raises BadInput also if that cannot be used."""
    import torch

    from checks.problem.tensors import shared, usable

    tensor = torch.tensor(x, device=usable(device, torch.float64))
    found = joint(tensor, *arguments, **options)
    return replace(found, D=shared(found.D), b=shared(found.b), Z=shared(found.Z))
