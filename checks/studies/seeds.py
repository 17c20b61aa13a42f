"""Seeds find different features and obey the laws alike.

Of the features of SAEs that differ in the seed alone, 30 % were reported to be shared. Laws of stationary parameters
hold at every stationary point: so their violation must not depend on the seed, and be as small for features that
another seed has as for those that none has.

Reference: arXiv:2501.16615; THEORY A1.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from checks.problem.instance import Array, instance
from checks.saes.measure import figures
from checks.saes.source import InMemory
from checks.saes.train import train
from checks.studies.common.column import column
from checks.studies.common.figures import mean
from checks.studies.common.real import real, there
from checks.studies.common.study import Panel, Prediction, Row, Rows, Study

SHARED = 0.7
"""Cosine from which two features are the same, as in that report."""


def measure(
    seed: int,
    device: str,
    *,
    n: int = 1797,
    sources: Sequence[str] = ("digits", "patches", "tokens"),
    k: int = 128,
    lam: float = 1.0,
    members: int = 3,
    steps: int = 800,
) -> Iterator[Row]:
    for name in there(sources):
        x = real(name, n, seed)
        starts = [members * seed + i for i in range(members)]
        saes = train(x, k, lam, seeds=starts, steps=steps, batch=min(len(x), 512), refit=False, device=device)
        seen = [figures(sae, InMemory(x), lam) for sae in saes]
        same = [_shared(saes[0].D, other.D) for other in saes[1:]]
        live = seen[0].live
        common = np.mean(same, axis=0)[live] > 0.5
        violation = seen[0].violation[live]
        medians = [float(np.nanmedian(each.violation[each.live])) for each in seen]
        values = [each.loss for each in seen]
        yield {
            "data": name,
            "shared": float(np.mean([each[live].mean() for each in same])),
            "spread of F": float(np.std(values) / np.mean(values)),
            "A1, median": float(np.mean(medians)),
            "A1, largest / smallest of seeds": max(medians) / min(medians),
            "A1, shared": _median(violation[common]),
            "A1, not shared": _median(violation[~common]),
            **column(instance(x, k, lam, bias=True), saes[0], steps=10).row,
        }


def _shared(D: Array, other: Array) -> Array:
    """Which atoms of D have a partner in the other dictionary, matched one to one."""
    similar = D.T @ other
    rows, columns = linear_sum_assignment(similar, maximize=True)
    found = np.zeros(D.shape[1], dtype=bool)
    found[rows] = similar[rows, columns] > SHARED
    return found


def _median(values: Array) -> float:
    return float(np.nanmedian(values)) if len(values) else float("nan")


def largest(rows: Rows, name: str) -> float:
    return max(float(row[name]) for row in rows)


study = Study(
    theorem="A1",
    predictions=[
        Prediction(
            "Less than all but a tenth of the features are shared.", lambda rows: mean(rows, "shared"), below=0.9
        ),
        Prediction(
            "The median violation of A1 is below a tenth for all seeds and data.",
            lambda rows: largest(rows, "A1, median"),
            below=0.1,
        ),
        Prediction(
            "It is as small for seeds as for each other: the largest is at most twice the smallest.",
            lambda rows: largest(rows, "A1, largest / smallest of seeds"),
            below=2.0,
        ),
        Prediction(
            "Features that no other seed has obey the law too: their violation is at most twice that of others.",
            lambda rows: float(np.nanmean([float(r["A1, not shared"]) / float(r["A1, shared"]) for r in rows])),
            below=2.0,
        ),
    ],
    falsified_if="the violation depends on the seed, or on whether another seed has the feature",
    control="that all features are shared",
    controls=[
        Prediction("All but a hundredth of the features are shared.", lambda rows: mean(rows, "shared"), above=0.99),
    ],
    sample="1797 samples each of digits, patches and tokens, k = 128, λ = 1, three starts for each seed",
    measure=measure,
    keys=("data",),
    shown=(
        "shared",
        "spread of F",
        "A1, median",
        "A1, largest / smallest of seeds",
        "A1, shared",
        "A1, not shared",
        "F trained",
        "F codes",
        "F polished",
        "bound",
    ),
    panels=[
        Panel("data", ("shared",), title="share of features that another seed has"),
        Panel("data", ("A1, shared", "A1, not shared"), title="median violation of A1"),
    ],
    dev={"n": 300, "sources": ("digits",), "k": 24, "members": 2, "steps": 300},
    deep={"n": 100_000, "k": 1024, "members": 8, "steps": 20_000},
    seconds=30,
)
