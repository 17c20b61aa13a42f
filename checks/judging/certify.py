"""How optimal a point is, from the instance and the point alone, in float64. Never sees what a solver says of it.

Every figure is relative, so that rescaling the data leaves it unchanged.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from checks.evaluation.lowering import SAMPLE, Env, Named
from checks.evaluation.quantifiers import AMPLITUDES, PROBE, paired
from checks.evaluation.symbols import gradient, specialised, symbols, value_of
from checks.problem.instance import Array, Instance
from checks.problem.point import Point
from checks.solvers.codes.active_set import sizes
from checks.solvers.codes.gap import duality_gaps
from theory.problem import L1, Limit

Flags = NDArray[np.bool_]
CHANGES = ("drop", "add", "swap", "trade")  # conditions that compare codes with others

# What "exact optimum" means in this project, relative: these define the class of certified points, and are no
# tolerance of any check. Tolerances follow from the residuals that a certified point really has.
EXACT_CODES = 1e-11
EXACT_ATOMS = 1e-8


@dataclass(frozen=True)
class Certificate:
    """Relative residuals of a point; NaN where something is not finite. They are written for L1.

    Elsewhere λ − d_j·r stands for the derivative of the objective's own loss in z_j, and E[r z_j] and E[r] for those in
    d_j and b; silent units without a price do not count.

    codes   max over samples of |z − max(0, z + Dᵀr − λ)| / (‖x − b‖ + λ): the natural residual; infinite where more
            units are active than allowed
    gap     mean duality gap of the codes over the mean loss at z = 0; NaN if the penalty is not
            L1 or a code is negative
    atoms   max over atoms of the part of E[r z_j] off the atom, over E[‖x − b‖ z_j]
    act     max over samples of the slack λ − d_j·r of an active unit, over ‖x − b‖ + λ
    scale   max over atoms of |E[z_j (d_j·r − λ)]|, over E[‖x − b‖ z_j]
    norms   max over atoms of |‖d_j‖² − 1|
    bias    ‖E[r]‖ over E[‖x − b‖ + λ]
    others  max over samples of what switching a unit off or on or exchanging two would gain, over (‖x − b‖ + λ)²
    bad_row index of the first sample that is not finite, or None
    """

    codes: float
    gap: float
    atoms: float
    act: float
    scale: float
    norms: float
    bias: float
    others: float
    bad_row: int | None = None

    def shortfall(self, premises: Collection[str]) -> str:
        """Why the point is not an exact solution of these conditions; empty if it is."""
        if self.bad_row is not None:
            return f"not finite, first at row {self.bad_row}"
        missed = [
            f"{name} residual {value:.1e}, not ≤ {limit:.0e}"
            for name, value, limit in self._promised(premises)
            if not value <= limit
        ]
        return "; ".join(missed)

    def accuracy(self, premises: Collection[str]) -> float:
        """The largest residual of these conditions."""
        return max((value for _, value, _ in self._promised(premises)), default=0.0)

    def _promised(self, premises: Collection[str]) -> list[tuple[str, float, float]]:
        """Name, residual and limit of each condition."""
        measured = {
            "code": ("codes", self.codes, EXACT_CODES),
            "act": ("active codes", self.act, EXACT_CODES),
            "atom": ("atoms", self.atoms, EXACT_ATOMS),
            "scale": ("scale", self.scale, EXACT_ATOMS),
            "unit": ("norms", self.norms, EXACT_CODES),
            "bias": ("bias", self.bias, EXACT_ATOMS),
            **dict.fromkeys(CHANGES, ("other codes", self.others, EXACT_CODES)),
        }
        return list(dict.fromkeys(figures for premise, figures in measured.items() if premise in premises))


_KNOWN: WeakKeyDictionary[Point, Certificate] = WeakKeyDictionary()  # as long as a point lives, and no longer


def certify(point: Point) -> Certificate:
    """Measure every residual of a point. A point that is not finite is reported as such, with its first bad row."""
    if point not in _KNOWN:
        _KNOWN[point] = _measured(point)
    return _KNOWN[point]


def _measured(point: Point) -> Certificate:
    bad_row = point.first_bad_row
    if bad_row is not None:
        return Certificate(*(8 * (np.nan,)), bad_row=bad_row)
    point = point.in_unit_scale
    i, D, Z = point.instance, point.D, point.Z
    own, env = specialised(i.objective), symbols(point)
    # What of the loss is left to multipliers or must vanish, as derived from the objective.
    slack, slope_D = gradient(own["code"], env).array, gradient(own["atom"], env).array
    size = np.linalg.norm(i.x - point.b, axis=1)
    natural = np.abs(Z - np.maximum(0.0, Z - slack)).max(axis=1)
    if not i.objective.prices_silent_units:
        natural = np.maximum(np.abs(np.where(Z > 0, slack, 0.0)).max(axis=1), -Z.min(axis=1))
        natural = np.where(_is_within_limit(i, Z), natural, np.inf)
    unit = (i.weights[:, None] * Z).T @ size
    on_axis = np.zeros(i.k) if i.objective.has_free_norms else (D * slope_D).sum(0) / (D**2).sum(0)
    slope_b = value_of(own["bias"], env).array
    return Certificate(
        codes=_largest(natural, size + i.lam),
        gap=_duality_gap(point) if i.objective is L1 else np.nan,
        atoms=_largest(np.linalg.norm(slope_D - on_axis * D, axis=0), unit),
        act=_largest(np.where(Z > 0, slack, 0.0).max(axis=1), size + i.lam),
        scale=_largest(np.abs(value_of(own["scale"], env).array), unit),
        norms=float(np.abs((D**2).sum(0) - 1).max()),
        bias=_largest(np.array([np.linalg.norm(slope_b)]), np.array([i.weights @ (size + i.lam)])),
        others=_gain_of_other_codes(point, env),
    )


def _is_within_limit(i: Instance, Z: Array) -> Flags:
    """Whether the units that are active in each sample are no more than allowed, (n,)."""
    active = (Z > 0).sum(axis=1)
    match i.objective.limit:
        case None:
            return np.ones(i.n, dtype=bool)
        case Limit.SAMPLE:
            return active <= i.parameters["K"]
        case Limit.BATCH:
            return np.full(i.n, active.sum() <= i.n * i.parameters["K"])


def _gain_of_other_codes(point: Point, env: Env) -> float:
    """The most that a change of codes which the objective allows would gain, over (‖x − b‖ + λ)², of all samples."""
    i = point.instance
    probed = {"s": Named(AMPLITUDES, (PROBE,)), "r2": Named(paired(point.residual, point), (SAMPLE, PROBE))}
    env = replace(env, arrays={**env.arrays, **probed})
    size = np.linalg.norm(i.x - point.b, axis=1) + i.lam
    gains = [value_of(premise, env).array for name, premise in specialised(i.objective).items() if name in CHANGES]
    return float(np.max([_largest(gain.reshape(i.n, -1).max(axis=1), size**2) for gain in gains]))


def _largest(residual: Array, scale: Array) -> float:
    """Largest ratio; where the scale is zero, the residual must be too."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(residual == 0, 0.0, residual / scale)
    return float(ratio.max())


def _duality_gap(point: Point) -> float:
    """Mean gap of all samples over their mean loss at z = 0, where they have one."""
    i, x = point.instance, point.instance.x - point.b
    gap = float(i.weights @ (duality_gaps(x, point.D, i.lam, point.Z) * sizes(x, i.lam) ** 2)) / 2
    at_zero = float(i.weights @ (x**2).sum(1)) / 2
    return gap / at_zero if at_zero > 0 else gap
