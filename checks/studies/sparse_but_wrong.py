"""Too small a number of active latents mixes correlated features, as was found; the exact L1 optimum does it less.

Five features in 20 dimensions, each on with probability .4, the first correlated with the others. TopK SAEs with fewer
active latents than features on average mix the first feature into the atoms of the others, with the sign of the
correlation. Exact L1 optima have no such number: whether they mix as well is asked at the same data.

Reference: chanind/sparse-but-wrong-paper (arXiv:2508.16560); THEORY H4 for mixtures, T7 for independent features.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.special import ndtri

from checks.data.synthetic.atoms import isometry
from checks.problem.instance import Array, instance
from checks.saes.architectures.top_k import TopK
from checks.saes.train import train
from checks.solvers.dictionary import joint
from checks.studies.common.column import column
from checks.studies.common.figures import column_of, mean, where
from checks.studies.common.study import Panel, Prediction, Row, Rows, Study

FEATURES, DIMENSIONS, RATE = 5, 20, 0.4


def measure(
    seed: int,
    device: str,
    *,
    n: int = 2000,
    correlations: Sequence[float] = (-0.4, 0.0, 0.4),
    actives: Sequence[int] = (1, 2),
    lam: float = 0.05,
    steps: int = 800,
    restarts: int = 8,
) -> Iterator[Row]:
    for rho in correlations:
        x, D = sampled(n, rho, seed)
        found = joint(x, FEATURES, lam, seed=seed, restarts=restarts)
        yield {"correlation": rho, "subject": "exact L1", **mixing(found.D, D)}
        plan: dict[str, Any] = {
            "bias": False,
            "seeds": [seed],
            "steps": steps,
            "batch": min(n, 512),
            "refit": False,
            "device": device,
        }
        (sae,) = train(x, FEATURES, lam, **plan)
        points = column(instance(x, FEATURES, lam), sae, truth=D)
        yield {"correlation": rho, "subject": "ReLU", **mixing(sae.D, D), **points.row}
        for K in actives:
            (sae,) = train(x, FEATURES, 0.0, architecture=TopK(K=K), **plan)
            yield {"correlation": rho, "subject": f"TopK, K = {K}", **mixing(sae.D, D)}


def sampled(n: int, rho: float, seed: int) -> tuple[Array, Array]:
    """Samples (n, 20) of five orthonormal features (20, 5): on where Gaussians of correlation ρ with the first are."""
    rng = np.random.default_rng(seed)
    D = isometry(DIMENSIONS, FEATURES, rng)
    first, own = rng.standard_normal((n, 1)), rng.standard_normal((n, FEATURES - 1))
    drive = np.column_stack([first, rho * first + (1 - rho**2) ** 0.5 * own])
    return (drive > -ndtri(RATE)) * (1 + 0.15 * rng.standard_normal((n, FEATURES))) @ D.T, D


def mixing(D: Array, truth: Array) -> Row:
    """How much of the first feature is in the atoms of the others, signed, and of any feature in any other's, sizes."""
    cosines = truth.T @ D
    rows, columns = linear_sum_assignment(np.abs(cosines), maximize=True)
    matched = cosines[rows][:, columns]
    others = matched - np.diag(np.diag(matched))
    return {
        "mixed": float(matched[0, 1:].mean()),
        "impurity": float(np.abs(others).sum() / (FEATURES * (FEATURES - 1))),
    }


def slope_with(subject: str) -> Callable[[Rows], float]:
    """How much is mixed in per unit of correlation."""

    def figure(rows: Rows) -> float:
        chosen = where(rows, subject=subject)
        return float(np.polyfit(column_of(chosen, "correlation"), column_of(chosen, "mixed"), 1)[0])

    return figure


def impurity(subject: str) -> Callable[[Rows], float]:
    return lambda rows: mean(where(rows, subject=subject), "impurity")


study = Study(
    theorem="H4, T7 (what TopK mixes is a conjecture)",
    predictions=[
        Prediction(
            "With one active latent where there are two features TopK mixes with the sign of the correlation.",
            slope_with("TopK, K = 1"),
            above=0.0,
        ),
        Prediction(
            "With K = 2, the mean number of features, it mixes less than with K = 1.",
            lambda rows: impurity("TopK, K = 1")(rows) - impurity("TopK, K = 2")(rows),
            above=0.0,
        ),
        Prediction(
            "Exact L1 optima mix less than TopK with K = 1.",
            lambda rows: impurity("TopK, K = 1")(rows) - impurity("exact L1")(rows),
            above=0.0,
        ),
        Prediction(
            "Exact L1 optima mix with the sign of the correlation too, at λ > 0.",
            slope_with("exact L1"),
            above=0.0,
        ),
    ],
    falsified_if="mixing does not follow the correlation, or exact L1 optima mix as much",
    control="that TopK with K = 1 is pure",
    controls=[
        Prediction("The impurity of TopK with K = 1 is below a hundredth.", impurity("TopK, K = 1"), below=0.01),
    ],
    sample="2000 samples for each of the correlations −.4, 0 and .4, λ = .05, the best of 8 exact optima",
    measure=measure,
    keys=("correlation", "subject"),
    shown=("mixed", "impurity", "F trained", "F codes", "F polished", "F truth", "bound"),
    panels=[
        Panel("correlation", ("mixed",), by="subject", title="of the first feature in the others' atoms"),
        Panel("correlation", ("impurity",), by="subject", title="of any feature in any other's atom"),
    ],
    dev={"n": 500, "correlations": (-0.3, 0.0, 0.3), "steps": 300, "restarts": 2},
    deep={"n": 50_000, "correlations": (-0.5, -0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5), "steps": 20_000},
    seconds=12,
)
