"""How fast the gap to the bound of all widths falls with the width, and the dimension that it gives away (THEORY T3).

On directions of dimension m the gap F*(k) − B falls as k^(−2/m). So the slope of log gap against log width reads off
the dimension of a set of directions. On a circle the optimum is known in closed form (T10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike
from scipy.stats import t as student

from checks.errors import BadInput
from checks.problem.instance import Array, samples
from checks.problem.processor import on_the_processor
from checks.solvers.codes import codes
from checks.solvers.dictionary import joint
from checks.solvers.wide import huber_median, width_bound

CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class WidthLaw:
    """The gap at each width, on the samples that atoms were fitted to and on others, and the slope of its logarithm.

    Fitted samples make the gap too small and others too large, by about as much: the slope is that of their mean.
    interval: of the slope, from the scatter of widths about the line.
    """

    widths: tuple[int, ...]
    fitted: Float[Array, " widths"]
    unseen: Float[Array, " widths"]
    slope: float
    interval: tuple[float, float]

    @property
    def dimension(self) -> float:
        """m = −2/slope: of the directions, where the gap falls as k^(−2/m). Infinite if it does not fall."""
        return -2.0 / self.slope if self.slope < 0 else np.inf

    @property
    def dimensions(self) -> tuple[float, float]:
        """The interval of m."""
        low, high = (-2.0 / end if end < 0 else np.inf for end in self.interval)
        return low, high


@on_the_processor
def width_law(
    x: ArrayLike,
    lam: float,
    widths: Sequence[int],
    *,
    bias: bool = False,
    seed: int = 0,
    restarts: int = 2,
) -> WidthLaw:
    """Solve for dictionaries of several widths on one half of the samples, and read off how fast the gap falls.

    x (n, d); λ > 0; widths: at least three, small beside n/2, as the law is one of a continuum of directions. bias:
    whether samples are first centred at the bias that is best for the widest dictionaries. Raises BadInput on bad
    input, and if a gap is 0, where splitting has stopped.
    """
    given = samples(x, "x")
    if not (np.isfinite(lam) and lam > 0):
        raise BadInput(f"lam: λ must be positive and finite, not {lam}")
    chosen = tuple(sorted(set(widths)))
    if len(chosen) < 3 or chosen[0] < 1 or 2 * chosen[-1] > len(given):
        raise BadInput(f"widths: expected three or more, at most half of {len(given)} samples, not {list(widths)}")
    order = np.random.default_rng(seed).permutation(len(given))
    halves = given[order[::2]], given[order[1::2]]
    b = huber_median(halves[0], lam) if bias else np.zeros(given.shape[1])
    seen, unseen = (half - b for half in halves)
    gaps = []
    for width in chosen:
        D = joint(seen, width, lam, seed=seed, restarts=restarts).D
        gaps.append([_gap(half, D, lam) for half in (seen, unseen)])
    fitted, others = np.array(gaps).T
    if not (fitted > 0).all():
        raise BadInput(f"widths: at {chosen[int(np.argmin(fitted))]} atoms the gap is 0, splitting has stopped")
    slope, interval = _line(np.log(np.array(chosen, dtype=float)), np.log((fitted + others) / 2))
    return WidthLaw(chosen, fitted, others, slope, interval)


def _gap(x: Float[Array, "n d"], D: Float[Array, "d k"], lam: float) -> float:
    """F − B of samples whose codes are the best for a dictionary."""
    Z = codes(x, D, lam).Z
    r = x - Z @ D.T
    return float(np.mean((r * r).sum(axis=1) / 2 + lam * Z.sum(axis=1))) - width_bound(x, lam)


def _line(x: Float[Array, " m"], y: Float[Array, " m"]) -> tuple[float, tuple[float, float]]:
    """The slope of a least-squares line, with its interval by Student's t."""
    spread = x - x.mean()
    total = float(spread @ spread)
    slope = float(spread @ y) / total
    left = y - y.mean() - slope * spread
    error = np.sqrt(float(left @ left) / (len(x) - 2) / total)
    reach = float(student.ppf((1 + CONFIDENCE) / 2, len(x) - 2) * error)
    return slope, (slope - reach, slope + reach)


def circle_optimum(k: int, radius: float, lam: float) -> float:
    """F*(k) for samples uniform on a circle of this radius about b, for k ≥ 4 atoms and 0 < λ < radius (THEORY T10).

    Raises BadInput outside of that.
    """
    if not (k >= 4 and 0 < lam < radius):
        raise BadInput(
            f"the optimum on a circle is known for k ≥ 4 and 0 < λ < radius, not k = {k}, λ = {lam}, {radius}"
        )
    h = np.pi / k
    two, one = _closed_forms()
    return float((two if lam <= radius * np.cos(h) else one)(radius, lam, h)) / h


@cache
def _closed_forms() -> tuple[Any, Any]:
    """Φ(h) where some samples use two atoms and where none does, as functions of A, λ and h."""
    from sympy import lambdify

    from theory.theorems import t10_width_law_on_a_circle as circle

    forms = circle.closed_form.subs(circle.alpha, circle.at_h), circle.silent
    two, one = (lambdify((circle.A, circle.lam, circle.h), form, "numpy") for form in forms)
    return two, one
