"""The error of an SAE is linearly predictable, by a map that is known in closed form, and most of it is shrinkage.

About half of the error vector and more than nine tenths of its norm were found to be linear in the activations. T9: of
the error, the best linear predictor from the reconstruction is λ D diag(E z) Dᵀ E[x̂x̂ᵀ]⁺, which needs no error at all.
How much of what is predictable is shrinkage is seen by refitting the codes on their supports, without the penalty.

Reference: THEORY A3, T9; JoshEngels/SAE-Dark-Matter (least squares on 150,000 tokens), arXiv:2410.14670.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from checks.problem.instance import Array, instance
from checks.saes.train import train
from checks.studies.common.column import column
from checks.studies.common.figures import mean, where
from checks.studies.common.real import real, there
from checks.studies.common.study import Panel, Prediction, Row, Study


def measure(
    seed: int,
    device: str,
    *,
    n: int = 2500,
    sources: Sequence[str] = ("digits", "patches", "tokens"),
    lam: float = 1.0,
    k: int = 128,
    steps: int = 1000,
) -> Iterator[Row]:
    for name in there(sources):
        x = real(name, n, seed)
        plan: dict[str, Any] = {
            "seeds": [seed],
            "steps": steps,
            "batch": min(len(x), 512),
            "refit": False,
            "device": device,
        }
        (sae,) = train(x, k, lam, **plan)
        points = column(instance(x, k, lam, bias=True), sae, steps=5)
        for subject, point in (
            ("trained", points.trained),
            ("exact codes", points.codes),
            ("polished", points.polished),
        ):
            r, hat = point.residual, point.reconstruction
            refit = refitted(point.D, point.Z, x - point.b)
            rest = x - point.b - refit
            known = closed_form(point.D, point.Z, lam)
            yield {
                "data": name,
                "subject": subject,
                "R², T9": explained(r, hat, known),
                "R², least squares": explained(r, hat, best(r, hat)),
                "R², T9 with half the price": explained(r, hat, known / 2),
                "R² from x": predicted(r, x),
                "R² from x, refitted": predicted(rest, x),
                "E‖r‖², refitted": float((rest**2).sum() / (r**2).sum()),
                "R² of ‖r‖² from x": predicted((r**2).sum(axis=1, keepdims=True), np.column_stack([x, x**2])),
                "shrinkage": shrinkage(r, rest, x),
                **(points.row if subject == "trained" else {}),
            }


def closed_form(D: Array, Z: Array, lam: float) -> Array:
    """λ D diag(E z) Dᵀ E[x̂x̂ᵀ]⁺."""
    hat = Z @ D.T
    return lam * (D * Z.mean(axis=0)) @ D.T @ np.linalg.pinv(hat.T @ hat / len(Z), rcond=1e-10, hermitian=True)


def best(r: Array, hat: Array) -> Array:
    return np.asarray(np.linalg.lstsq(hat, r, rcond=1e-10)[0].T, dtype=np.float64)


def explained(r: Array, hat: Array, P: Array) -> float:
    """1 − E‖r − Px̂‖²/E‖r‖²."""
    return float(1 - ((r - hat @ P.T) ** 2).sum() / (r**2).sum())


def predicted(values: Array, x: Array) -> float:
    """R² on the second half of the samples of a line that was fitted to the first."""
    half = len(x) // 2
    inputs = np.column_stack([x, np.ones(len(x))])
    line = np.linalg.lstsq(inputs[:half], values[:half], rcond=1e-10)[0]
    off = values[half:] - inputs[half:] @ line
    return float(1 - (off**2).sum() / ((values[half:] - values[:half].mean(axis=0)) ** 2).sum())


def shrinkage(r: Array, rest: Array, x: Array) -> float:
    """Of the energy of the error that x predicts, the share that a refit removes."""
    return float(1 - predicted(rest, x) * (rest**2).sum() / (predicted(r, x) * (r**2).sum()))


def refitted(D: Array, Z: Array, x: Array) -> Array:
    """The reconstruction of each sample by least squares on the atoms that are active there."""
    found = np.zeros_like(x)
    for i, on in enumerate(Z > 0):
        if on.any():
            A = D[:, on]
            found[i] = A @ np.linalg.lstsq(A, x[i], rcond=1e-10)[0]
    return found


def left_over(row: Row, by: str = "R², T9") -> float:
    """What least squares explain beyond a closed form."""
    return float(row["R², least squares"]) - float(row[by])


study = Study(
    theorem="T9, A3",
    predictions=[
        Prediction(
            "The closed form explains as much of the error of trained SAEs as least squares do, to .01 E‖r‖².",
            lambda rows: max(map(left_over, where(rows, subject="trained"))),
            below=0.01,
        ),
        Prediction(
            "Of what x predicts of the error more than half is shrinkage, on average over data.",
            lambda rows: mean(where(rows, subject="trained"), "shrinkage"),
            above=0.5,
        ),
        Prediction(
            "x predicts half of the error of trained SAEs, as was reported, to a fifth.",
            lambda rows: mean(where(rows, subject="trained"), "R² from x"),
            above=0.3,
            below=0.7,
        ),
    ],
    falsified_if="least squares explain more than the closed form, or a refit leaves more than half of it",
    control="the closed form for half the price",
    controls=[
        Prediction(
            "With half the price it explains as much, to a hundredth.",
            lambda rows: min(left_over(row, "R², T9 with half the price") for row in where(rows, subject="trained")),
            below=0.01,
        ),
    ],
    sample="up to 2500 samples each of digits, patches and tokens, k = 128, λ = 1; R² from x on held-out halves",
    measure=measure,
    keys=("data", "subject"),
    shown=(
        "R², T9",
        "R², least squares",
        "R² from x",
        "R² from x, refitted",
        "E‖r‖², refitted",
        "R² of ‖r‖² from x",
        "shrinkage",
        "F trained",
        "F codes",
        "F polished",
        "bound",
    ),
    panels=[
        Panel("data", ("R², T9", "R², least squares", "R² from x"), where={"subject": "trained"}, title="trained SAEs"),
        Panel("data", ("shrinkage",), by="subject", title="share of the predictable error that a refit removes"),
    ],
    dev={"n": 300, "sources": ("digits",), "k": 24, "steps": 400},
    deep={"n": 100_000, "k": 1536, "steps": 20_000},
    seconds=30,
)
