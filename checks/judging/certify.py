"""How optimal a point is, from the instance and the point alone, in float64. Never sees what a solver says of it.

Every figure is relative, so that rescaling the data leaves it unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields, replace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from checks.evaluation.lowering import SAMPLE, Env, Named
from checks.evaluation.quantifiers import AMPLITUDES, PROBE, Rows, blocks_of_rows, paired
from checks.evaluation.symbols import gradient, of_rows, specialised, symbols, value_of
from checks.problem.instance import Array, Instance
from checks.problem.point import Point, unit_exponent
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
    if point.first_bad_row is None:
        point = point.in_unit_scale  # the same figures, and so the same certificate
    if point not in _KNOWN:
        _KNOWN[point] = _measured(point)
    return _KNOWN[point]


def _measured(point: Point) -> Certificate:
    bad_row = point.first_bad_row
    if bad_row is not None:
        return Certificate(*(8 * (np.nan,)), bad_row=bad_row)
    return _certificate(point.instance, point.D, _sums(point), _gain_of_other_codes(point, symbols(point)))


@dataclass(frozen=True, eq=False)
class InBlocks:
    """What is measured of a point with many samples.

    In the certificate, others is the worst duality gap of a sample over (‖x − b‖ + λ)²: no other code gains more.
    objective: F(D, b, Z); live: atoms that a sample uses; mean_active: active units per sample.
    """

    certificate: Certificate
    objective: float
    live: int
    mean_active: float


def certify_in_blocks(
    x: NDArray[Any],
    lam: Array,
    weights: Array,
    D: Array,
    b: Array,
    Z: csr_array,
    *,
    bias: bool,
    block: int = 2048,
    progress: Callable[[float], None] = lambda _: None,
) -> InBlocks:
    """`certify` of an L1 point whose codes (n, k) are sparse, with so many samples of x (n, d) in memory at a time.

    x may be mapped from a file. lam, weights: (n,), weights with sum 1. progress(share of the samples done).
    """
    n, k = Z.shape
    of_samples = Instance(np.zeros((0, D.shape[0])), k, lam[:0], weights[:0], bias, "data")
    bad = not (np.isfinite(D).all() and np.isfinite(b).all())
    wrong = np.flatnonzero(~np.isfinite(Z.data))
    row = 0 if bad else int(np.searchsorted(Z.indptr, wrong[0], "right")) - 1 if wrong.size else None
    if row is not None:
        return InBlocks(Certificate(*(8 * (np.nan,)), bad_row=row), np.nan, 0, np.nan)
    slices = [slice(i, min(i + block, n)) for i in range(0, n, block)]
    largest = max(float(np.abs(np.asarray(x[rows], dtype=np.float64) - b).max()) for rows in slices)
    exponent = unit_exponent(max(largest, float(lam.max())))
    total, objective, mean_active, live = None, 0.0, 0.0, np.zeros(k, dtype=bool)
    for rows in slices:
        of_block = replace(of_samples, x=np.asarray(x[rows], dtype=np.float64), lam=lam[rows], weights=weights[rows])
        point = Point(of_block, D, b, Z[rows].toarray()).scaled(exponent)
        sums = _sums(point)
        total = sums if total is None else total.plus(sums)
        objective += point.objective
        live |= weights[rows] @ (point.Z > 0) > 0
        mean_active += float(weights[rows] @ (point.Z > 0).sum(axis=1))
        progress(rows.stop / n)
    assert total is not None
    certificate = _certificate(of_samples, D, total, float(total.worst_gap))
    return InBlocks(certificate, float(np.ldexp(objective, -2 * exponent)), int(live.sum()), mean_active)


@dataclass(frozen=True, eq=False)
class _Sums:
    """What samples add to a certificate: the worst of them, and sums weighted as in expectations of all."""

    codes: float
    act: float
    slope_D: Array  # −E[r z_j] (d, k), for L1
    slope_b: Array  # −E[r] (d,)
    scale: Array  # (k,)
    unit: Array  # E[‖x − b‖ z_j] (k,)
    size: float  # E[‖x − b‖ + λ]
    gap: float  # of duality, in expectation; NaN but for L1
    worst_gap: float  # of a sample, over (‖x − b‖ + λ)²
    at_zero: float  # the loss at z = 0

    def plus(self, other: _Sums) -> _Sums:
        """Of the samples of both."""
        merge: dict[str, Any] = dict.fromkeys((field.name for field in fields(self)), np.add)
        merge |= dict.fromkeys(("codes", "act", "worst_gap"), np.maximum)  # which keeps what is not a number
        return _Sums(**{name: how(getattr(self, name), getattr(other, name)) for name, how in merge.items()})


def _sums(point: Point) -> _Sums:
    i, Z, x = point.instance, point.Z, point.instance.x - point.b
    own, env = specialised(i.objective), symbols(point)
    # What of the loss is left to multipliers or must vanish, as derived from the objective.
    slack, slope_D = gradient(own["code"], env).array, gradient(own["atom"], env).array
    size = np.linalg.norm(x, axis=1)
    natural = np.abs(Z - np.maximum(0.0, Z - slack)).max(axis=1)
    if not i.objective.prices_silent_units:
        natural = np.maximum(np.abs(np.where(Z > 0, slack, 0.0)).max(axis=1), -Z.min(axis=1))
        natural = np.where(_is_within_limit(i, Z), natural, np.inf)
    gaps = duality_gaps(x, point.D, i.lam, Z) / 2 if i.objective is L1 else np.full(i.n, np.nan)
    return _Sums(
        codes=_largest(natural, size + i.lam),
        act=_largest(np.where(Z > 0, slack, 0.0).max(axis=1), size + i.lam),
        slope_D=slope_D,
        slope_b=value_of(own["bias"], env).array,
        scale=value_of(own["scale"], env).array,
        unit=(i.weights[:, None] * Z).T @ size,
        size=float(i.weights @ (size + i.lam)),
        gap=float(i.weights @ (gaps * sizes(x, i.lam) ** 2)),
        worst_gap=float(gaps.max()),
        at_zero=float(i.weights @ (x**2).sum(1)) / 2,
    )


def _certificate(i: Instance, D: Array, sums: _Sums, others: float) -> Certificate:
    on_axis = np.zeros(i.k) if i.objective.has_free_norms else (D * sums.slope_D).sum(0) / (D**2).sum(0)
    return Certificate(
        codes=float(sums.codes),
        gap=sums.gap / sums.at_zero if sums.at_zero > 0 else sums.gap,
        atoms=_largest(np.linalg.norm(sums.slope_D - on_axis * D, axis=0), sums.unit),
        act=float(sums.act),
        scale=_largest(np.abs(sums.scale), sums.unit),
        norms=float(np.abs((D**2).sum(0) - 1).max()),
        bias=_largest(np.array([np.linalg.norm(sums.slope_b)]), np.array([sums.size])),
        others=others,
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
    changes = [premise for name, premise in specialised(i.objective).items() if name in CHANGES]
    size = np.linalg.norm(i.x - point.b, axis=1) + i.lam
    env = replace(env, arrays={**env.arrays, "s": Named(AMPLITUDES, (PROBE,))})

    def largest(rows: Rows) -> float:
        def others() -> Named:
            return Named(paired(point.residual, point, rows), (SAMPLE, PROBE))

        some = of_rows(env, rows, {"r2": others})
        gains = [value_of(change, some).array.reshape(len(rows), -1).max(axis=1) for change in changes]
        return float(np.max([_largest(gain, size[rows] ** 2) for gain in gains]))

    return float(np.max([largest(rows) for rows in blocks_of_rows(i.n, i.k)]))


def _largest(residual: Array, scale: Array) -> float:
    """Largest ratio; where the scale is zero, the residual must be too."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(residual == 0, 0.0, residual / scale)
    return float(ratio.max())
