"""What is measured of a solution or a trained SAE on the user's own data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from checks.judging.certify import EXACT_CODES, Certificate, certify
from checks.judging.subjects import EXACT
from checks.problem.instance import Array, Instance, instance
from checks.problem.point import Point
from checks.solvers.codes.result import Outcome
from checks.solvers.dictionary.newton import smallest_curvature
from checks.solvers.dictionary.result import Joint
from checks.solvers.optimum import with_optimal_codes
from checks.solvers.wide import huber_median, width_bound
from theory.problem import L1

if TYPE_CHECKING:
    from checks.saes.measure import Figures
    from checks.saes.sae import SAE
    from checks.saes.source import Source


FLAT = 1e-6
"""Relative curvature that counts as none: an iterative eigenvalue is no more precise."""

AFFORDABLE = 10_000_000
"""Multiplications in one product with the Hessian, up to which its smallest eigenvalue is sought: half a minute."""


@dataclass(frozen=True, eq=False)
class Solution:
    """A joint optimum with what is known of it.

    steps      Newton steps over all restarts
    bound      no dictionary of any width has a smaller objective, with the best bias for that width if it is free
    curvature  smallest of the reduced objective, relative; NaN if it was not sought, and `minimum` says why
    minimum    whether the point is a local minimum, in words
    """

    point: Point
    outcome: Outcome
    steps: int
    certificate: Certificate
    bound: float
    curvature: float
    minimum: str

    @property
    def shortfall(self) -> str:
        """Why this is not an exact optimum; empty if it is one."""
        if self.outcome is not Outcome.CONVERGED:
            return self.outcome.value
        return self.certificate.shortfall(EXACT.promises(self.point.instance))

    @property
    def gain(self) -> float:
        """The largest share of the objective that any wider dictionary can still remove."""
        return _share(self.point.objective - self.bound, self.point.objective)


def solution(instance: Instance, found: Joint[Array], steps: int) -> Solution:
    """Measure what the solver found, from the point alone."""
    point = Point(instance, found.D, found.b, found.Z)
    b = huber_median(instance.x, instance.lam, weights=instance.weights) if instance.bias else None
    bound = width_bound(instance.x, instance.lam, b=b, weights=instance.weights)
    curvature, minimum = _minimum(point) if found.outcome is Outcome.CONVERGED else (np.nan, "unknown: not stationary")
    return Solution(point, found.outcome, steps, certify(point), bound, curvature, minimum)


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


def live_atoms(point: Point) -> Array:
    return np.asarray(point.instance.weights @ point.Z > 0)


def _share(part: float, whole: float) -> float:
    """part / whole; 0 where there is nothing to share."""
    return part / whole if whole > 0 else 0.0 if part <= 0 else np.inf


def counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
