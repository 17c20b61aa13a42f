"""An encoder inhibits what fires together: its cross-talk falls below the cosine of atoms that are active together.

With encoder rows w_i the cross-talk of latent i with atom j is w_i·d_j. If the encoder were the decoder's transpose it
would be their cosine G_ij; what an encoder takes off, G_ij − w_i·d_j, must serve to explain away: it is to grow with
how much the two are active together, E[z_i z_j], rather than with the cosine alone.

Reference: conjecture, after Costa and Tolooshams on encoder–decoder interference; THEORY E2.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.stats import spearmanr

from checks.data.synthetic.planted import planted
from checks.problem.instance import Array, instance
from checks.saes.train import train
from checks.studies.common.column import column
from checks.studies.common.figures import mean
from checks.studies.common.real import real, there
from checks.studies.common.study import Panel, Prediction, Row, Study


def measure(
    seed: int,
    device: str,
    *,
    n: int = 1000,
    sources: Sequence[str] = ("planted", "digits", "patches"),
    k: int = 64,
    lam: float = 0.5,
    steps: int = 1500,
) -> Iterator[Row]:
    rng = np.random.default_rng(seed)
    for name in there(sources):
        x = planted(n, 16, 32, seed=seed, noise=0.05).x * 3 if name == "planted" else real(name, n, seed)
        (sae,) = train(x, k, lam, seeds=[seed], steps=steps, device=device)
        points = column(instance(x, k, lam, bias=True), sae, steps=5)
        live = points.trained.Z.any(axis=0)
        Z, D = points.trained.Z[:, live], sae.D[:, live]
        G, cross = D.T @ D, sae.tensors["W_enc"][:, live].T @ D
        together = (Z.T @ Z) / np.sqrt(np.outer((Z**2).sum(axis=0), (Z**2).sum(axis=0)))
        pairs = ~np.eye(len(G), dtype=bool)
        taken_off = (G - cross)[pairs]
        yield {
            "data": name,
            "rank correlation with firing together": _rank(together[pairs], taken_off),
            "rank correlation with the cosine": _rank(G[pairs], taken_off),
            "rank correlation with chance": _rank(rng.permutation(together[pairs]), taken_off),
            "cross-talk": float(np.abs(cross[pairs]).mean()),
            "cosine": float(np.abs(G[pairs]).mean()),
            "w·d": float(np.median(np.diag(cross))),
            **points.row,
        }


def _rank(one: Array, other: Array) -> float:
    return float(spearmanr(one, other).statistic)


study = Study(
    theorem="conjecture",
    predictions=[
        Prediction(
            "What the encoder takes off the cosine grows with firing together.",
            lambda rows: mean(rows, "rank correlation with firing together"),
            above=0.1,
        ),
        Prediction(
            "It does more than with the cosine.",
            lambda rows: (
                mean(rows, "rank correlation with firing together") - mean(rows, "rank correlation with the cosine")
            ),
            above=0.0,
        ),
    ],
    falsified_if="what is taken off does not grow with firing together, or more so with the cosine",
    control="the same with pairs exchanged at random",
    controls=[
        Prediction(
            "It grows with the firing together of other pairs.",
            lambda rows: mean(rows, "rank correlation with chance"),
            above=0.1,
        ),
    ],
    sample="1000 samples each of planted data, digits and patches, k = 64, λ = ½, full batches",
    measure=measure,
    keys=("data",),
    shown=(
        "rank correlation with firing together",
        "rank correlation with the cosine",
        "cross-talk",
        "cosine",
        "w·d",
        "F trained",
        "F codes",
        "F polished",
        "bound",
    ),
    panels=[
        Panel("data", ("rank correlation with firing together", "rank correlation with the cosine")),
        Panel("data", ("cross-talk", "cosine"), title="mean size over pairs"),
    ],
    dev={"n": 300, "sources": ("planted",), "k": 24, "steps": 300},
    deep={"n": 50_000, "k": 512, "steps": 20_000, "sources": ("planted", "digits", "patches", "tokens")},
    seconds=15,
)
