"""Absorption is the optimum, not an accident of training: a parent is silent where its child is present.

T5: a parent that comes alone, or with a child of the same amplitude, makes two rays; with two latents every global
optimum is {p, (p + c)/√2}, for every λ below the amplitude. The toy of four orthogonal features in 50 dimensions, of
which the second implies the first; with one latent fewer than features an SAE hedges instead: an atom mixes them (H4).

Reference: THEORY T5, H1, H4; arXiv:2409.14507; chanind/feature-hedging-paper.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from checks.data.synthetic.atoms import isometry
from checks.problem.instance import Array, instance
from checks.problem.point import Point
from checks.saes.ensemble import ensemble
from checks.solvers.dictionary import joint
from checks.studies.common.column import column
from checks.studies.common.figures import mean, where, worst
from checks.studies.common.study import Panel, Prediction, Row, Rows, Study

PARENT, CHILD = 0, 1


def measure(
    seed: int,
    device: str,
    *,
    n: int = 4000,
    d: int = 50,
    lams: Sequence[float] = (0.01, 0.1, 0.3, 0.6),
    steps: int = 2000,
    restarts: int = 5,
) -> Iterator[Row]:
    for toy, tied, widths in (("pair", True, (2,)), ("pair, untied", False, (2,)), ("four features", True, (4, 3))):
        x, Z, D = sampled(n, d, 2 if toy.startswith("pair") else 4, tied, seed)
        for k in widths:
            plan: dict[str, Any] = {
                "bias": False,
                "steps": steps,
                "batch": min(n, 512),
                "refit": False,
                "device": device,
            }
            for member in ensemble(x, [k], lams, [seed], **plan):
                about: Row = {"toy": toy, "k": k, "λ": member.lam}
                problem = instance(x, k, member.lam)
                found = joint(x, k, member.lam, seed=seed, restarts=restarts)
                yield {**about, "subject": "exact", **_row(Point(problem, found.D, found.b, found.Z), Z, D)}
                points = column(problem, member.sae, truth=D)
                yield {**about, "subject": "trained", **_row(points.trained, Z, D), **points.row}


def sampled(n: int, d: int, features: int, tied: bool, seed: int) -> tuple[Array, Array, Array]:
    """Samples (n, d), sources (n, features) and features (d, features).

    The parent is on in a quarter of the samples, the child in a fifth of these; the others on their own, in a tenth.
    Amplitudes are 1, or the child's uniform in [.5, 1.5] if not tied.
    """
    rng = np.random.default_rng(seed)
    Z = (rng.random((n, features)) < 0.1).astype(np.float64)
    Z[:, PARENT] = rng.random(n) < 0.25
    Z[:, CHILD] = Z[:, PARENT] * (rng.random(n) < 0.2) * (1.0 if tied else rng.uniform(0.5, 1.5, n))
    D = isometry(d, features, rng)
    return Z @ D.T, Z, D


def _row(point: Point, Z: Array, D: Array) -> Row:
    """How near atoms are to the parent and to parent and child together, and where the parent's latent fires."""
    both = (D[:, PARENT] + D[:, CHILD]) / 2**0.5
    parent = int(np.argmax(D[:, PARENT] @ point.D))
    fires = point.Z[:, parent] > 0
    child, alone = Z[:, CHILD] > 0, (Z[:, PARENT] > 0) & (Z[:, CHILD] == 0)
    return {
        "cos(parent)": float((D[:, PARENT] @ point.D).max()),
        "cos(parent + child)": float((both @ point.D).max()),
        "cos(child)": float((D[:, CHILD] @ point.D).max()),
        "parent's latent fires, alone": float(fires[alone].mean()),
        "parent's latent fires, with child": float(fires[child].mean()),
    }


def of(toy: str, k: int, subject: str) -> Callable[[Rows], list[Row]]:
    return lambda rows: where(rows, toy=toy, k=k, subject=subject)


def nearest_to_theory(row: Row) -> float:
    return min(float(row["cos(parent)"]), float(row["cos(parent + child)"]))


study = Study(
    theorem="T5, H4",
    predictions=[
        Prediction(
            "With tied amplitudes the exact optimum is {p, (p + c)/√2}, at every λ.",
            lambda rows: worst(of("pair", 2, "exact")(rows), nearest_to_theory),
            above=1 - 1e-9,
        ),
        Prediction(
            "There the parent's latent is silent on every sample of the child, although the parent is present.",
            lambda rows: mean(of("pair", 2, "exact")(rows), "parent's latent fires, with child"),
            below=1e-12,
        ),
        Prediction(
            "Trained SAEs find the same optimum.",
            lambda rows: worst(of("pair", 2, "trained")(rows), nearest_to_theory),
            above=0.99,
        ),
        Prediction(
            "With untied amplitudes the parent's latent fires on part of the child's samples.",
            lambda rows: mean(of("pair, untied", 2, "exact")(rows), "parent's latent fires, with child"),
            above=0.05,
            below=0.95,
        ),
        Prediction(
            "Among four features the exact optimum absorbs as well: (p + c)/√2 is an atom, and the child is none.",
            lambda rows: worst(of("four features", 4, "exact")(rows), lambda row: float(row["cos(parent + child)"])),
            above=0.99,
        ),
        Prediction(
            "With a latent too few it hedges: no atom is the parent's (H4).",
            lambda rows: max(float(row["cos(parent)"]) for row in of("four features", 3, "exact")(rows)),
            below=1 - 1e-3,
        ),
    ],
    falsified_if="an exact optimum has the child for an atom, or the parent's latent fires on the child's samples",
    control="recovery of the features themselves, {p, c}, which is what one would wish for",
    controls=[
        Prediction(
            "The exact optimum is {p, c}.",
            lambda rows: worst(of("pair", 2, "exact")(rows), lambda row: float(row["cos(child)"])),
            above=0.99,
        ),
    ],
    sample="4000 samples, two or four orthogonal features in 50 dimensions, λ = .01 … .6, the best of 5 exact optima",
    measure=measure,
    keys=("toy", "k", "λ", "subject"),
    shown=(
        "cos(parent)",
        "cos(parent + child)",
        "cos(child)",
        "parent's latent fires, alone",
        "parent's latent fires, with child",
        "F trained",
        "F codes",
        "F polished",
        "F truth",
        "bound",
    ),
    panels=[
        Panel(
            "λ",
            ("cos(parent)", "cos(parent + child)", "cos(child)"),
            log="x",
            where={"toy": toy, "subject": "exact"},
            title=toy,
        )
        for toy in ("pair", "pair, untied")
    ],
    dev={"n": 400, "d": 8, "lams": (0.1, 0.3), "steps": 200, "restarts": 2},
    deep={"n": 50_000, "lams": (0.001, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9), "steps": 20_000},
    seconds=15,
)
