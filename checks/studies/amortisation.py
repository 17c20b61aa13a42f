"""What decides the amortisation gap is how many sources meet in a sample, not how many there are to choose from.

With one source per sample an encoder can be exact (W6: the code is (d·x − λ)₊ of the best atom); with several it has to
undo their overlap by one linear map. The gap, F(trained codes)/F(exact codes) − 1, over the number of active sources s,
the dimension d and the width k, each on its own, at ground truth of random atoms.

Reference: THEORY E3, W6; first looks: .8 % on patches, 40 % on planted data of 20,000 × 64, k = 128.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.stats import spearmanr

from checks.data.synthetic.atoms import directions
from checks.problem.instance import Array, instance
from checks.saes.train import train
from checks.studies.common.column import column
from checks.studies.common.figures import column_of, mean, where
from checks.studies.common.real import real
from checks.studies.common.study import Panel, Prediction, Row, Rows, Study


def measure(
    seed: int,
    device: str,
    *,
    n: int = 2000,
    active: Sequence[int] = (1, 2, 4, 8),
    dimensions: Sequence[int] = (16, 32),
    overcomplete: Sequence[int] = (1, 2, 4),
    lam: float = 0.1,
    steps: int = 600,
    sources: Sequence[str] = ("digits", "patches"),
) -> Iterator[Row]:
    for s in active:
        for d in dimensions:
            for ratio in overcomplete:
                x, D = sampled(n, d, ratio * d, s, seed)
                yield {"data": "planted", "s": s, "d": d, "k/d": ratio} | _row(x, D, lam, seed, steps, device)
    for name in sources:
        x = real(name, n, seed)
        ratio = 1
        about: Row = {"data": name, "s": 0, "d": x.shape[1], "k/d": ratio}
        yield {**about, **_row(x, None, 1.0, seed, steps, device, k=ratio * x.shape[1])}


def sampled(n: int, d: int, m: int, active: int, seed: int) -> tuple[Array, Array]:
    """Samples (n, d) of exactly so many of m random atoms (d, m), amplitudes uniform in [1, 2]."""
    rng = np.random.default_rng([seed, d, m, active])
    D = directions(d, m, rng)
    on = np.argsort(rng.random((n, m)), axis=1) < active
    return (on * rng.uniform(1.0, 2.0, (n, m))) @ D.T, D


def _row(x: Array, D: Array | None, lam: float, seed: int, steps: int, device: str, k: int = 0) -> Row:
    k = k or D.shape[1] if D is not None else k
    (sae,) = train(x, k, lam, bias=False, seeds=[seed], steps=steps, batch=min(len(x), 512), refit=False, device=device)
    points = column(instance(x, k, lam), sae, truth=D, steps=3)
    G = points.codes.D.T @ points.codes.D
    overlap = points.codes.Z.T @ points.codes.Z * np.abs(G)
    np.fill_diagonal(overlap, 0.0)
    return {
        "gap": points.trained.objective / points.codes.objective - 1,
        "active, exact": float((points.codes.Z > 0).sum(axis=1).mean()),
        "active, trained": float((points.trained.Z > 0).sum(axis=1).mean()),
        "overlap": float(overlap.sum() / (points.codes.Z**2).sum()),
        **points.row,
    }


def rank(rows: Rows, by: str) -> float:
    planted = where(rows, data="planted")
    return float(spearmanr(column_of(planted, by), column_of(planted, "gap")).statistic)


study = Study(
    theorem="E3, W6",
    predictions=[
        Prediction(
            "The number of active sources ranks the gap better than the overcompleteness k/d does.",
            lambda rows: rank(rows, "s") - abs(rank(rows, "k/d")),
            above=0.0,
        ),
        Prediction(
            "With one source per sample the gap is a tenth of what it is with eight.",
            lambda rows: mean(where(rows, s=1), "gap") / mean(where(rows, s=max(column_of(rows, "s"))), "gap"),
            below=0.1,
        ),
        Prediction(
            "Cross-talk, Σ_{j≠l} |d_j·d_l| E[z_j z_l] of the exact codes, ranks it at .8 at least.",
            lambda rows: rank(rows, "overlap"),
            above=0.8,
        ),
    ],
    falsified_if="k/d ranks the gap at least as well, or one source per sample has a gap like that of several",
    control="the dimension, which is no predictor",
    controls=[
        Prediction("The dimension ranks the gap at .8 at least.", lambda rows: rank(rows, "d"), above=0.8),
    ],
    sample="2000 samples, s = 1 … 8 of k atoms in 16 or 32 dimensions, k/d = 1, 2, 4, λ = .1; digits and patches",
    measure=measure,
    keys=("data", "s", "d", "k/d"),
    shown=(
        "gap",
        "active, exact",
        "active, trained",
        "overlap",
        "F trained",
        "F codes",
        "F polished",
        "F truth",
        "bound",
    ),
    panels=[
        Panel("s", ("gap",), by="d", log="x", where={"data": "planted", "k/d": 2}, title="gap, k/d = 2"),
        Panel("k/d", ("gap",), by="s", log="x", where={"data": "planted", "d": 32}, title="gap, d = 32, by s"),
        Panel("overlap", ("gap",), by="s", log="x", where={"data": "planted"}, title="gap, by s"),
    ],
    dev={"n": 300, "active": (1, 3), "dimensions": (8, 12), "overcomplete": (1, 2), "steps": 150, "sources": ()},
    deep={"n": 20_000, "active": (1, 2, 4, 8, 16), "dimensions": (16, 64, 256), "steps": 20_000},
    seconds=30,
)
