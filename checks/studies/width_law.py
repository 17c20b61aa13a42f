"""Wider SAEs gain less and less but never stop before an atom per sample: F(k) falls to E[h_λ] as a power of k.

T1: the objective reaches its bound of all widths exactly when there is an atom for each ray, and falls strictly before.
T3: on directions of intrinsic dimension m the excess over the bound falls as k^(−2/m), so that its exponent measures
the dimension, which is compared with what distances between neighbours say (two nearest neighbours). Exact optima and
trained SAEs on handwritten digits, on patches of photographs, and on tokens of a transformer if they are there.

Reference: THEORY T1, T3, W1; W. Dorrell (2026), arXiv:2606.02385; E. Facco et al. (2017), arXiv:1803.06992. First
figures: F/bound 1.39, 1.27, 1.16, 1.05 for k = 16, 64, 256, 1024 on digits.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from scipy.spatial import cKDTree

from checks.problem.instance import Array, instance
from checks.saes.ensemble import ensemble
from checks.solvers.dictionary import joint
from checks.solvers.wide import huber_median, saturation_width, wide
from checks.studies.common.column import bound, column
from checks.studies.common.figures import mean, slope, where, worst
from checks.studies.common.real import real, there
from checks.studies.common.study import Panel, Prediction, Row, Rows, Study

Task = tuple[str, float, Sequence[int]]  # data, λ and widths

LARGE = 2**15
"""Entries of a dictionary up to which an SAE is trained: full batches of tokens are slow beyond."""


def measure(
    seed: int,
    device: str,
    *,
    n: int = 1797,
    tasks: Sequence[Task] = (
        ("digits", 3.0, (16, 32, 64, 128, 256, 512, 1024)),
        ("patches", 1.0, (16, 32, 64, 128, 256)),
        ("tokens", 6.0, (16, 64, 256)),
    ),
    trained: Sequence[int] = (16, 64, 256),
    steps: int = 600,
    newton: int = 60,
) -> Iterator[Row]:
    for name, lam, widths in tasks:
        if not there([name]):
            continue
        x = real(name, n, seed)
        b = huber_median(x, lam)
        about = {"data": name, "rays": saturation_width(x, lam, b=b), "dimension": dimension(x - b)}
        least = bound(instance(x, 1, lam, bias=True))
        for k in widths:
            found = joint(x, k, lam, seed=seed, bias=True, max_iterations=newton)
            yield about | _row("exact", k, found.objective, least, found.Z)
        saturated = wide(x, lam, bias=True)
        yield about | _row("exact", saturated.D.shape[1], saturated.objective, least, saturated.Z)
        narrow = [k for k in trained if k * x.shape[1] <= LARGE]
        for member in ensemble(x, narrow, [lam], [seed], steps=steps, device=device):
            points = column(instance(x, member.k, lam, bias=True), member.sae, steps=newton // 4)
            yield about | _row("trained", member.k, points.trained.objective, least, points.trained.Z) | points.row


def _row(subject: str, k: int, objective: float, least: float, Z: Array) -> Row:
    active = float((Z > 0).sum(axis=1).mean())
    return {"subject": subject, "k": k, "F/bound": objective / least, "excess": objective / least - 1, "active": active}


def dimension(x: Array) -> float:
    """Intrinsic dimension of the directions of samples x (n, d), from the distances to the two nearest ones."""
    directions = np.unique(x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), np.finfo(float).tiny), axis=0)
    _, first, second = cKDTree(directions).query(directions, k=3)[0].T
    return float(np.sum(first > 0) / np.log(second[first > 0] / first[first > 0]).sum())


def far_from_saturation(rows: Rows, data: str, subject: str = "exact") -> list[Row]:
    """At most a sixth of an atom for each ray: the limit is one of many samples."""
    return [row for row in where(rows, data=data, subject=subject) if 6 * int(row["k"]) <= int(row["rays"])]


def unsaturated(rows: Rows) -> list[Row]:
    return [row for row in where(rows, subject="exact") if int(row["k"]) < int(row["rays"])]


def saturated(rows: Rows) -> list[Row]:
    return [row for row in where(rows, subject="exact") if int(row["k"]) >= int(row["rays"])]


def exponent(data: str, subject: str = "exact") -> Callable[[Rows], float]:
    return lambda rows: slope(far_from_saturation(rows, data, subject), "k", "excess")


def dimension_read(data: str) -> Callable[[Rows], float]:
    """The dimension that T3 reads off the exponent, over that of neighbours."""
    return lambda rows: -2 / exponent(data)(rows) / mean(where(rows, data=data), "dimension")


def off_the_first_look(rows: Rows) -> float:
    """The largest deviation from the figures of a first look at digits, of the widths that were measured."""
    first = {16: 1.39, 64: 1.27, 256: 1.16, 1024: 1.05}
    found = {int(row["k"]): float(row["F/bound"]) for row in unsaturated(where(rows, data="digits"))}
    return max(abs(found[k] - first[k]) for k in first.keys() & found.keys())


study = Study(
    theorem="T1, T3",
    predictions=[
        Prediction(
            "With fewer atoms than rays the objective is above its bound, on all data (T1).",
            lambda rows: worst(unsaturated(rows), lambda row: float(row["excess"])),
            above=1e-9,
        ),
        Prediction(
            "With an atom for each ray it is the bound (T1).",
            lambda rows: max(abs(float(row["excess"])) for row in saturated(rows)),
            below=1e-9,
        ),
        Prediction("The first look at digits is reproduced, to its two digits.", off_the_first_look, below=0.015),
        Prediction(
            "On digits the exponent gives the intrinsic dimension of neighbours within a factor of two (T3).",
            dimension_read("digits"),
            above=0.5,
            below=2.0,
        ),
        Prediction(
            "So it does on patches.",
            dimension_read("patches"),
            above=0.5,
            below=2.0,
        ),
        Prediction(
            "The excess of trained SAEs on digits has the exponent of the exact optima, within a fifth.",
            lambda rows: exponent("digits", "trained")(rows) / exponent("digits")(rows),
            above=0.8,
            below=1.2,
        ),
    ],
    falsified_if="F is the bound before there is an atom for each ray, or the exponent is that of another dimension",
    control="digits do not have the exponent of a circle, −2, and no data are saturated with fewer atoms than rays",
    controls=[
        Prediction("Digits have the exponent of a circle.", exponent("digits"), above=-3.0, below=-1.5),
        Prediction(
            "With the most atoms before one for each ray all data are saturated.",
            lambda rows: worst(unsaturated(rows), lambda row: float(row["excess"])),
            below=1e-9,
        ),
    ],
    sample="1797 samples each of digits (λ = 3), patches (λ = 1) and tokens (λ = 6), k = 16 … 1024 and one per ray",
    measure=measure,
    keys=("data", "subject", "k"),
    shown=("F/bound", "active", "rays", "dimension", "F trained", "F codes", "F polished", "bound"),
    panels=[
        Panel("k", ("excess",), by="data", log="xy", where={"subject": "exact"}, title="exact: F / bound − 1"),
        Panel("k", ("excess",), by="data", log="xy", where={"subject": "trained"}, title="trained: F / bound − 1"),
        Panel("k", ("active",), by="data", log="x", where={"subject": "exact"}, title="exact: atoms per sample"),
    ],
    dev={
        "n": 300,
        "tasks": (("digits", 3.0, (4, 8, 16, 64)), ("patches", 1.0, (4, 8, 16))),
        "trained": (8, 16),
        "steps": 200,
    },
    deep={"n": 20_000, "steps": 20_000, "newton": 500},
    seconds=50,
)
