"""What is measured of a solution or a trained SAE on the user's own data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from checks.judging.certify import EXACT_CODES, Certificate, certify, certify_in_blocks
from checks.judging.subjects import EXACT
from checks.problem.instance import Array, Instance, instance
from checks.problem.point import Point
from checks.solvers.codes.result import Outcome
from checks.solvers.dictionary.large import Large
from checks.solvers.dictionary.newton import smallest_curvature
from checks.solvers.dictionary.result import Joint
from checks.solvers.optimum import with_optimal_codes
from checks.solvers.wide import huber_median, width_bound, width_bound_in_blocks
from theory.problem import L1

if TYPE_CHECKING:
    from checks.saes.measure import Figures
    from checks.saes.refit import Refit
    from checks.saes.sae import SAE
    from checks.saes.source import Source


FLAT = 1e-6
"""Relative curvature that counts as none: an iterative eigenvalue is no more precise."""

AFFORDABLE = 10_000_000
"""Multiplications in one product with the Hessian, up to which its smallest eigenvalue is sought: half a minute."""


@dataclass(frozen=True, eq=False)
class Solution:
    """A joint optimum with what is known of it.

    arrays     what is written, see `solution` and `large_solution`
    steps      Newton steps over all restarts
    live       atoms that a sample uses; mean_active: units active per sample
    bound      no dictionary of any width has a smaller objective, with the best bias for that width if it is free
    curvature  smallest of the reduced objective, relative; NaN if it was not sought, and `minimum` says why
    minimum    whether the point is a local minimum, in words
    """

    instance: Instance
    arrays: Mapping[str, Array]
    outcome: Outcome
    steps: int
    certificate: Certificate
    objective: float
    live: int
    mean_active: float
    bound: float
    curvature: float
    minimum: str

    @property
    def shortfall(self) -> str:
        """Why this is not an exact optimum; empty if it is one."""
        if self.outcome is not Outcome.CONVERGED:
            return self.outcome.value
        return self.certificate.shortfall(EXACT.promises(self.instance))

    @property
    def gain(self) -> float:
        """The largest share of the objective that any wider dictionary can still remove; rounding is none."""
        return _share(float(np.maximum(0.0, self.objective - self.bound)), self.objective)


def solution(instance: Instance, found: Joint[Array], steps: int) -> Solution:
    """Measure what the solver found, from the point alone.

    Arrays: D (d, k) with atoms as columns, b (d,), Z (n, k), lam (n,).
    """
    point = Point(instance, found.D, found.b, found.Z)
    b = huber_median(instance.x, instance.lam, weights=instance.weights) if instance.bias else None
    bound = width_bound(instance.x, instance.lam, b=b, weights=instance.weights)
    curvature, minimum = _minimum(point) if found.outcome is Outcome.CONVERGED else (np.nan, "unknown: not stationary")
    arrays = {"D": point.D, "b": point.b, "Z": point.Z, "lam": instance.lam}
    used = int(live_atoms(point).sum()), mean_active(point)
    return Solution(
        instance, arrays, found.outcome, steps, certify(point), point.objective, *used, bound, curvature, minimum
    )


def large_solution(
    instance: Instance, found: Large, *, dense: bool = False, progress: Callable[[float], None] = lambda _: None
) -> Solution:
    """`solution` in blocks, of samples that may be mapped from a file. Second order is not looked at.

    Arrays: as of `solution` if dense, else the codes as `csr_array((Z_data, Z_indices, Z_indptr), shape=(n, k))`.
    """
    assert found.Z is not None
    i = instance
    seen = certify_in_blocks(i.x, i.lam, i.weights, found.D, found.b, found.Z, bias=i.bias, progress=progress)
    bound = width_bound_in_blocks(i.x, i.lam, i.weights, bias=i.bias)
    why = "not tested on so many samples" if found.outcome is Outcome.CONVERGED else "not stationary"
    arrays = large_arrays(found, i.lam, dense=dense)
    used = seen.live, seen.mean_active
    return Solution(
        i, arrays, found.outcome, found.steps, seen.certificate, seen.objective, *used, bound, np.nan, f"unknown: {why}"
    )


def large_arrays(found: Large, lam: Array, *, dense: bool) -> dict[str, Array]:
    """What is written, without Z if there are no codes yet."""
    arrays = {"D": found.D, "b": found.b, "lam": lam}
    if found.Z is None:
        return arrays
    return {**arrays, **({"Z": found.Z.toarray()} if dense else _sparse(found.Z))}


def with_sparse_codes(result: Solution) -> Solution:
    """The same, to be written with sparse codes."""
    rest = {name: array for name, array in result.arrays.items() if name != "Z"}
    return replace(result, arrays={**rest, **_sparse(csr_array(result.arrays["Z"]))})


def _sparse(Z: csr_array) -> dict[str, Array]:
    index = np.int32 if max(*Z.shape, Z.nnz) < 2**31 else np.int64
    return {"Z_data": Z.data, "Z_indices": Z.indices.astype(index), "Z_indptr": Z.indptr.astype(index)}


def _minimum(point: Point) -> tuple[float, str]:
    """The smallest curvature, and whether the point is a local minimum."""
    i = point.instance
    products = np.count_nonzero(point.Z) * i.d
    if products > AFFORDABLE:
        return np.nan, f"unknown: {products:.0e} active entries, tested up to {AFFORDABLE:.0e}"
    # With codes found afresh, as the curvature is: an atom that equals another is then inactive, without slack.
    if brink := _on_the_brink(with_optimal_codes(point)):
        return np.nan, f"undecided: {counted(brink, 'inactive code')} on the brink of activity, as with equal atoms"
    from scipy.sparse.linalg import ArpackError

    try:
        curvature = smallest_curvature(i.x, point.D, i.lam, b=point.b, weights=i.weights, bias=i.bias)
    except ArpackError:
        return np.nan, "unknown: its curvature could not be computed"
    if curvature < -FLAT:
        return curvature, f"no, a saddle point: smallest curvature {curvature:.1e}"
    if curvature <= FLAT:
        return curvature, f"undecided: smallest curvature {curvature:.1e}, as where a symmetry moves atoms"
    return curvature, f"yes: smallest curvature {curvature:.1e}"


def _on_the_brink(point: Point) -> int:
    """Inactive codes whose slack is rounding error: there the objective has no second derivative."""
    point = point.in_unit_scale
    i = point.instance
    size = np.linalg.norm(i.x - point.b, axis=1) + i.lam
    slack = i.lam[:, None] - point.residual @ point.D
    near = slack <= EXACT_CODES * size[:, None]
    return int(np.count_nonzero(near[size > 0] & (point.Z[size > 0] == 0)))


FEW = 2000
"""Samples, evenly spread, on which the encoder is set against optimal codes."""


@dataclass(frozen=True, eq=False)
class Training:
    """A trained SAE on its data.

    figures   what was measured over all samples
    compared  the L1 objective of amortised and of optimal codes on `few` samples, for an SAE of that problem
    refit     what the refit of its decoder did, if there was one
    """

    data: str
    n: int
    lam: float
    bias: bool
    steps: int
    sae: SAE
    figures: Figures
    few: int
    compared: tuple[float, float] | None
    refit: Refit | None = None

    @property
    def amortisation_gap(self) -> float | None:
        """What the encoder loses to optimal codes, relative to their objective."""
        return self.compared and _share(self.compared[0] - self.compared[1], self.compared[1])


def training(data: str, source: Source, sae: SAE, lam: float, bias: bool, steps: int, device: str = "cpu") -> Training:
    """Measure a trained SAE on the samples that it was trained on."""
    from checks.saes.measure import figures

    rows = np.unique(np.linspace(0, source.n - 1, min(source.n, FEW)).astype(np.int64))
    compared = None
    if sae.architecture.objective is L1:
        x = source.rows(rows).double().numpy()
        point = sae.point(instance(x, sae.D.shape[1], lam, bias=bias, name=data))
        compared = point.objective, with_optimal_codes(point).objective
    measured = figures(sae, source, lam, device=device)
    return Training(data, source.n, lam, bias, steps, sae, measured, len(rows), compared)


def mean_active(point: Point) -> float:
    """Active units per sample."""
    return float(point.instance.weights @ (point.Z > 0).sum(axis=1))


def live_atoms(point: Point) -> Array:
    return np.asarray(point.instance.weights @ point.Z > 0)


def _share(part: float, whole: float) -> float:
    """part / whole; 0 where there is nothing to share."""
    return part / whole if whole > 0 else 0.0 if part <= 0 else np.inf


def counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
