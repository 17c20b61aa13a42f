"""One problem: the samples, how many atoms, the objective with its penalties and whether a decoder bias is free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from checks.errors import BadInput
from theory.problem import L1, Limit, Objective

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Instance:
    """min over D, b, Z ≥ 0 of Σ_i w_i (½‖x_i − b − D z_i‖² + λ_i 1ᵀz_i) with unit-norm atoms (THEORY §0).

    Shapes: x (n, d), lam (n,), weights (n,) summing to 1. `bias` says whether b is optimised; if not, b = 0.
    objective: what is minimised in place of the L1 problem; parameters: its numbers besides λ, by name (γ is "gamma",
    an exponent "p", a limit of active units "K", a mask of prefixes "M" (g, k)).
    Build it with `instance`, which checks the input.
    """

    x: Float[Array, "n d"]
    k: int
    lam: Float[Array, " n"]
    weights: Float[Array, " n"]
    bias: bool
    name: str
    objective: Objective = L1
    parameters: Mapping[str, Array] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return int(self.x.shape[0])

    @property
    def d(self) -> int:
        return int(self.x.shape[1])


def instance(
    x: ArrayLike,
    k: int,
    lam: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    bias: bool = False,
    name: str = "data",
    objective: Objective = L1,
    parameters: Mapping[str, ArrayLike] | None = None,
) -> Instance:
    """Check the input and build an `Instance`.

    x: (n, d) samples; lam: λ ≥ 0, a scalar or one per sample; weights: nonnegative, one per sample, rescaled to sum 1.
    objective, parameters: see `Instance`. Raises BadInput, naming the first offending row, if anything is missing, not
    finite or of the wrong shape.
    """
    x = samples(x, name)
    n = x.shape[0]
    check_width(k)
    shares = shares_of(weights, n)
    if objective.limit is Limit.BATCH and np.ptp(shares) > 0:
        raise BadInput(f"{objective.name}: one limit for all samples needs equal weights")
    numbers = _parameters(objective, parameters or {}, int(k))
    return Instance(x, int(k), per_sample(lam, n, "λ"), shares, bias, name, objective, numbers)


def check_width(k: int) -> None:
    """Raises BadInput unless a dictionary can have k atoms."""
    if k < 1:
        raise BadInput(f"k = {k}: a dictionary needs at least one atom")


def _parameters(objective: Objective, given: Mapping[str, ArrayLike], k: int) -> dict[str, Array]:
    """The numbers of an objective, each once and in its range. Raises BadInput otherwise."""
    if given.keys() != objective.parameters:
        needed, found = (", ".join(sorted(names)) or "nothing" for names in (objective.parameters, given))
        raise BadInput(f"{objective.name} needs {needed} besides λ, got {found}")
    numbers = {name: np.asarray(value, dtype=np.float64) for name, value in given.items()}
    for name, value in numbers.items():
        fits, wanted = {
            "gamma": (value.ndim == 0 and value >= 0, "a number ≥ 0"),
            "p": (value.ndim == 0 and 0 < value < 1, "a number between 0 and 1"),
            "K": (value.ndim == 0 and value >= 1 and value == np.floor(value), "a whole number ≥ 1"),
            "M": (
                value.ndim == 2 and value.shape[1:] == (k,) and np.isin(value, (0, 1)).all(),
                f"(g, {k}) zeros or ones",
            ),
        }[name]
        if not (fits and np.isfinite(value).all()):
            raise BadInput(f"{name} = {value}: expected {wanted}")
    return numbers


def samples(x: ArrayLike, name: str = "data") -> Float[Array, "n d"]:
    """x as a finite, non-empty float64 (n, d) array. Raises BadInput naming the first bad row."""
    x = np.ascontiguousarray(_real(x, name))
    if x.ndim != 2:
        raise BadInput(f"{name}: expected samples as rows of a 2-d array, got shape {x.shape}")
    if 0 in x.shape:
        raise BadInput(f"{name}: empty array of shape {x.shape}")
    finite = np.isfinite(x)
    if not finite.all():
        bad = np.flatnonzero(~finite.all(axis=1))
        raise BadInput(f"{name}: {bad.size} of {x.shape[0]} rows are not finite, the first is row {bad[0]}")
    return x


def _real(values: ArrayLike, name: str) -> Array:
    """In float64. Raises BadInput for what is no array of numbers, or where an imaginary part would be lost."""
    try:
        found = np.asarray(values)
        if not np.iscomplexobj(found):
            return found.astype(np.float64, copy=False)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{name}: not a numeric array ({error})") from None
    raise BadInput(f"{name}: expected real numbers")


def per_sample(values: ArrayLike, n: int, what: str) -> Float[Array, "{n}"]:
    """A nonnegative finite value for each of n samples, from a scalar or an (n,) array. Raises BadInput otherwise."""
    values = _real(values, what)
    if values.ndim == 0:
        values = np.full(n, float(values))
    if values.shape != (n,):
        raise BadInput(f"{what}: expected a number or {n} of them, got shape {values.shape}")
    bad = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if bad.size:
        raise BadInput(f"{what} = {values[bad[0]]} at sample {bad[0]}: it must be finite and ≥ 0")
    return values


def shares_of(weights: ArrayLike | None, n: int) -> Float[Array, "{n}"]:
    """The weight of each of n samples, with sum 1: equal ones if none are given. Raises BadInput otherwise."""
    if weights is None:
        return np.full(n, 1.0 / n)
    weights = per_sample(weights, n, "weights")
    if not weights.sum() > 0:
        raise BadInput("weights: all are zero")
    return weights / weights.sum()
