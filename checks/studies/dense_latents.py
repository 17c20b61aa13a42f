"""Dense latents come in antipodal pairs where the data are symmetric, and their rates obey D1 and D2.

Latents of density above .3 were reported to have nearly all an antipodal partner. T6 forces pairs where samples lie on
both sides of a direction: patches, made symmetric by their negatives, against digits, which are not. D1: with a free
bias E[d_j·r | z_j = 0] = −λp_j/(1 − p_j); D2: the rates of a pair differ by no more than both are silent.

Reference: THEORY D1, D2, T6; arXiv:2506.15679. First look: 179 pairs below −.9 on patches, none on tokens.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from checks.problem.instance import Array, instance
from checks.problem.point import Point
from checks.saes.train import train
from checks.solvers.dictionary import joint
from checks.studies.common.column import column
from checks.studies.common.figures import mean, where
from checks.studies.common.real import real, there
from checks.studies.common.study import Panel, Prediction, Row, Study

OPPOSITE, DENSE = -0.9, 0.3


def measure(
    seed: int,
    device: str,
    *,
    n: int = 1600,
    sources: Sequence[str] = ("patches", "symmetric patches", "digits"),
    k: int = 128,
    lam: float = 0.5,
    steps: int = 1000,
    newton: int = 40,
) -> Iterator[Row]:
    for name in sources:
        kind = name.removeprefix("symmetric ")
        if not there([kind]):
            continue
        x = real(kind, n // 2 if name != kind else n, seed)
        x = np.concatenate([x, -x]) if name != kind else x
        (sae,) = train(x, k, lam, seeds=[seed], steps=steps, batch=min(len(x), 512), refit=False, device=device)
        problem = instance(x, k, lam, bias=True)
        points = column(problem, sae, steps=newton // 4)
        found = joint(x, k, lam, bias=True, seed=seed, max_iterations=newton)
        for subject, point in (("trained", points.trained), ("exact", Point(problem, found.D, found.b, found.Z))):
            yield {"data": name, "subject": subject, **_row(point), **(points.row if subject == "trained" else {})}


def _row(point: Point) -> Row:
    Z, lam = point.Z, float(point.instance.lam[0])
    rate = (Z > 0).mean(axis=0)
    live = rate > 0
    G = point.D[:, live].T @ point.D[:, live]
    np.fill_diagonal(G, 1.0)
    partner = G.argmin(axis=1)
    paired = G.min(axis=1) < OPPOSITE
    rate, Z = rate[live], Z[:, live]
    dense = rate > DENSE
    both_silent = ((Z == 0) & (Z[:, partner] == 0)).mean(axis=0)
    excess = np.abs(rate - rate[partner]) - both_silent
    return {
        "F": point.objective,
        "latents": int(live.sum()),
        "dense": int(dense.sum()),
        "paired": float(paired.mean()),
        "dense that are paired": float(paired[dense].mean()) if dense.any() else 0.0,
        "density, median": float(np.median(rate)),
        "D1, median": float(np.median(_off_d1(point.residual @ point.D[:, live], Z, rate, lam))),
        "D2, largest excess": float(excess[paired].max()) if paired.any() else -1.0,
    }


def _off_d1(along: Array, Z: Array, rate: Array, lam: float) -> Array:
    """How far E[d_j·r 1{z_j = 0}] is from −λp_j, relative to it."""
    silent = (along * (Z == 0)).mean(axis=0)
    return np.abs(silent + lam * rate) / (lam * rate)


study = Study(
    theorem="D1, D2, T6",
    predictions=[
        Prediction(
            "On symmetric patches more than half of the latents of exact optima have an antipodal partner.",
            lambda rows: mean(where(rows, data="symmetric patches", subject="exact"), "paired"),
            above=0.5,
        ),
        Prediction(
            "So have those of trained SAEs.",
            lambda rows: mean(where(rows, data="symmetric patches", subject="trained"), "paired"),
            above=0.5,
        ),
        Prediction(
            "On digits fewer than a tenth have one.",
            lambda rows: mean(where(rows, data="digits"), "paired"),
            below=0.1,
        ),
        Prediction(
            "The rates of a pair differ by no more than both are silent, at exact optima (D2).",
            lambda rows: max(float(row["D2, largest excess"]) for row in where(rows, subject="exact")),
            below=0.0,
        ),
        Prediction(
            "D1 holds to a twentieth for the median latent of trained SAEs.",
            lambda rows: mean(where(rows, subject="trained"), "D1, median"),
            below=0.05,
        ),
    ],
    falsified_if="symmetric data have no pairs, or the rates of pairs and of dense latents break D1, D2",
    control="that digits, which have no opposite, are represented by pairs too",
    controls=[
        Prediction(
            "On digits more than half of the latents of exact optima are paired.",
            lambda rows: mean(where(rows, data="digits", subject="exact"), "paired"),
            above=0.5,
        ),
    ],
    sample="1600 samples each of patches, patches with their negatives, and digits, k = 128, λ = ½",
    measure=measure,
    keys=("data", "subject"),
    shown=(
        "F",
        "latents",
        "dense",
        "paired",
        "dense that are paired",
        "density, median",
        "D1, median",
        "D2, largest excess",
        "F trained",
        "F codes",
        "F polished",
        "bound",
    ),
    panels=[
        Panel("data", ("paired",), by="subject", title="share of latents with an antipodal partner"),
        Panel("data", ("D1, median",), by="subject", title="relative violation of D1"),
    ],
    dev={"n": 300, "sources": ("symmetric patches", "digits"), "k": 24, "steps": 400},
    deep={"n": 50_000, "k": 512, "steps": 20_000, "sources": ("patches", "symmetric patches", "digits", "tokens")},
    seconds=25,
)
