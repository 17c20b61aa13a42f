"""Wider SAEs gain less and less but never stop before an atom per sample: F(k) falls to E[h_λ] as a power of k.

T1: the objective reaches its bound of all widths exactly when there is an atom for each ray, and falls strictly before.
T3: on directions of intrinsic dimension m the excess over the bound falls as k^(−2/m), so that its exponent measures
the dimension. Exact optima up to half of the samples, trained SAEs beside them, on handwritten digits and photographs.

Reference: THEORY T1, T3, W1; W. Dorrell (2026), arXiv:2606.02385. First figures: F/bound 1.39, 1.27, 1.16, 1.05.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from checks.data.images import digits, patches
from checks.problem.instance import Array, instance
from checks.saes.ensemble import ensemble
from checks.solvers.dictionary import joint
from checks.solvers.wide import saturation_width, wide
from checks.studies.common.column import bound, column
from checks.studies.common.figures import one, slope, where, worst
from checks.studies.common.study import Panel, Prediction, Row, Rows, Study


def measure(
    seed: int,
    device: str,
    *,
    sources: Sequence[str] = ("digits", "patches"),
    n: int = 1797,
    lam: float = 3.0,
    widths: Sequence[int] = (16, 64, 256, 1024),
    trained: Sequence[int] = (16, 64, 256),
    steps: int = 1500,
    newton: int = 200,
) -> Iterator[Row]:
    for name in sources:
        x = SOURCES[name](n, seed)
        rays = saturation_width(x, lam)
        least = bound(instance(x, 1, lam))
        for k in widths:
            found = joint(x, k, lam, seed=seed, max_iterations=newton)
            active = float((found.Z > 0).sum(axis=1).mean())
            yield _row(name, "exact", k, found.objective, least, active, rays)
        yield _row(name, "exact", rays, wide(x, lam).objective, least, 1.0, rays)
        for member in ensemble(x, trained, [lam], [seed], bias=False, steps=steps, device=device):
            points = column(instance(x, member.k, lam, name=name), member.sae, steps=0)
            active = float((points.trained.Z > 0).sum(axis=1).mean())
            yield _row(name, "trained", member.k, points.trained.objective, least, active, rays) | points.row


def _row(data: str, subject: str, k: int, objective: float, least: float, active: float, rays: int) -> Row:
    return {
        "data": data,
        "subject": subject,
        "k": k,
        "F/bound": objective / least,
        "excess": objective / least - 1,
        "active": active,
        "rays": rays,
    }


SOURCES: dict[str, Callable[[int, int], Array]] = {
    "digits": lambda n, seed: np.random.default_rng(seed).permutation(digits())[:n],
    "patches": lambda n, seed: patches(n, 8, seed),
}


def before_saturation(rows: Rows) -> list[Row]:
    return [row for row in where(rows, subject="exact") if int(row["k"]) < int(row["rays"])]


def digits_at(k: int) -> Callable[[Rows], float]:
    return lambda rows: float(one(rows, data="digits", subject="exact", k=k)["F/bound"])


def exponent(data: str) -> Callable[[Rows], float]:
    return lambda rows: slope(where(before_saturation(rows), data=data), "k", "excess")
