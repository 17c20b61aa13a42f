"""Which atoms split when the dictionary is doubled: the pressure to split ranks them better than how often they fire.

g_j = max_e E[z_j |e·r|] is what a first split of atom j releases (H3); the best split by an angle, with codes kept,
releases at least √(K² + g²) − K with K = E[z_j²] + λE[z_j] (H6). The atoms of an optimum of twice the width descend
from the nearest atom before. Candidates: g, the gain of H6, g per activation, firing rate, activation.

Reference: THEORY H3, H6. First look: rank correlation of g .48 to .70, of the firing rate .31 to .71, on digits.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from scipy.stats import spearmanr

from checks.problem.instance import Array, instance
from checks.problem.point import Point
from checks.solvers.dictionary import joint
from checks.studies.common.figures import mean
from checks.studies.common.real import real, there
from checks.studies.common.study import Panel, Prediction, Row, Rows, Study

CANDIDATES = ("g (H3)", "gain (H6)", "g per activation", "firing rate", "activation", "chance")


def measure(
    seed: int,
    device: str,
    *,
    n: int = 1797,
    tasks: Sequence[tuple[str, float]] = (("digits", 3.0), ("digits", 1.0), ("patches", 1.0), ("tokens", 6.0)),
    widths: Sequence[int] = (16, 32, 64),
    newton: int = 60,
) -> Iterator[Row]:
    for name, lam in tasks:
        if not there([name]):
            continue
        x = real(name, n, seed)
        before = _optimum(x, widths[0], lam, seed, newton)
        for k in widths:
            after = _optimum(x, 2 * k, lam, seed, newton)
            yield {"data": name, "λ": lam, "k": k, **ranks(before, after, seed)}
            before = after


def _optimum(x: Array, k: int, lam: float, seed: int, newton: int) -> Point:
    found = joint(x, k, lam, seed=seed, bias=True, max_iterations=newton)
    return Point(instance(x, k, lam, bias=True), found.D, found.b, found.Z)


def ranks(before: Point, after: Point, seed: int) -> dict[str, float]:
    """The rank correlation of each candidate with the number of live atoms that descend from an atom."""
    live = before.Z.any(axis=0)
    near = (before.D[:, live].T @ after.D[:, after.Z.any(axis=0)]).argmax(axis=0)
    descendants = np.bincount(near, minlength=int(live.sum()))
    g = np.array([pressure(before, j, seed) for j in np.flatnonzero(live).tolist()])
    Z = before.Z[:, live]
    energy = (Z**2).mean(axis=0) + float(before.instance.lam.mean()) * Z.mean(axis=0)
    values = {
        "g (H3)": g,
        "gain (H6)": (energy**2 + g**2) ** 0.5 - energy,
        "g per activation": g / Z.mean(axis=0),
        "firing rate": (Z > 0).mean(axis=0),
        "activation": Z.mean(axis=0),
        "chance": np.random.default_rng(seed).random(len(g)),
    }
    return {name: float(spearmanr(values[name], descendants).statistic) for name in CANDIDATES}


def pressure(point: Point, j: int, seed: int, starts: int = 4, steps: int = 20) -> float:
    """max over unit e ⟂ d_j of E[z_j |e·r|], by the fixed point e ∝ E[z_j sign(e·r) r], best of some starts.

    Each step raises it, as of any convex function on the sphere; the first start is the direction of largest variance.
    """
    active = point.Z[:, j] > 0
    z, d = point.Z[active, j], point.D[:, j]
    r = point.residual[active]
    r = (r - np.outer(r @ d, d)) * z[:, None] / len(point.Z)
    first = np.linalg.svd(r, full_matrices=False)[2][0]
    e = np.column_stack([first, np.random.default_rng([seed, j]).standard_normal((len(d), starts - 1))])
    for _ in range(steps):
        e = r.T @ np.sign(r @ e)
        e = e / np.maximum(np.linalg.norm(e, axis=0), np.finfo(float).tiny)
    return float(np.abs(r @ e).sum(axis=0).max())


def lead(of: str, over: str) -> Callable[[Rows], float]:
    return lambda rows: mean(rows, of) - mean(rows, over)


study = Study(
    theorem="H3, H6 (the ranking is a conjecture)",
    predictions=[
        Prediction("g ranks which atoms split better than the firing rate.", lead("g (H3)", "firing rate"), above=0.0),
        Prediction("The gain of H6 ranks them better than g.", lead("gain (H6)", "g (H3)"), above=0.0),
        Prediction("g ranks them better than g per activation.", lead("g (H3)", "g per activation"), above=0.0),
    ],
    falsified_if="the firing rate ranks the atoms at least as well, on average over data and widths",
    control="a random number for each atom",
    controls=[
        Prediction("Chance ranks them better than the firing rate.", lead("chance", "firing rate"), above=0.0),
    ],
    sample="1797 samples each of digits (λ = 1, 3), patches (λ = 1) and tokens (λ = 6); exact optima, k = 16 … 128",
    measure=measure,
    keys=("data", "λ", "k"),
    shown=CANDIDATES,
    panels=[
        Panel("k", CANDIDATES, log="x", where={"data": "digits", "λ": 3.0}, title="rank correlation, digits, λ = 3"),
        Panel("k", CANDIDATES, log="x", where={"data": "patches"}, title="patches"),
    ],
    dev={"n": 300, "tasks": (("digits", 3.0),), "widths": (8, 16)},
    deep={"n": 20_000, "widths": (16, 32, 64, 128, 256, 512, 1024)},
    seconds=30,
)
