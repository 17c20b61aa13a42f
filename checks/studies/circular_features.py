"""Splitting a circular feature never stops, and what it gains falls as k⁻²: on a sphere as k⁻¹.

T10: for directions on a circle of radius A the excess over the bound tends to (2π/k)²·λ(A−λ)(2A−λ)/(24A), and samples
use 2 − λ/A atoms on average: one if they are near an atom, two between. T3: on a manifold of directions of dimension m
the exponent is −2/m. Exact optima and trained SAEs, which have been seen to tile a circle.

Reference: THEORY T3, the limit of T10, both derived here; arXiv:2509.02565 for trained SAEs on circles.
"""

from collections.abc import Iterator, Sequence
from math import pi

import numpy as np

from checks.data.synthetic.atoms import isometry
from checks.problem.instance import Array, Instance, instance
from checks.problem.point import Point
from checks.saes.ensemble import ensemble
from checks.solvers.dictionary import joint
from checks.studies.common.column import bound, column
from checks.studies.common.figures import column_of, one, slope, where
from checks.studies.common.study import Panel, Prediction, Row, Rows, Study

RADIUS, PENALTY = 1.0, 0.3


def measure(
    seed: int,
    device: str,
    *,
    n: int = 4000,
    d: int = 8,
    circle: Sequence[int] = (4, 8, 12, 16, 24, 32),
    sphere: Sequence[int] = (16, 32, 64, 128),
    trained: Sequence[int] = (4, 8, 24),
    steps: int = 3000,
    restarts: int = 3,
    newton: int = 100,
) -> Iterator[Row]:
    for name, m, widths in (("circle", 1, circle), ("sphere", 2, sphere)):
        x = directions_on(m, n, d, seed)
        least = bound(instance(x, 1, PENALTY))
        for k in widths:
            found = joint(x, k, PENALTY, seed=seed, restarts=restarts, max_iterations=newton)
            yield _row(name, "exact", Point(instance(x, k, PENALTY), found.D, found.b, found.Z), least)
        if m == 1:
            for member in ensemble(x, trained, [PENALTY], [seed], bias=False, steps=steps, device=device):
                points = column(instance(x, member.k, PENALTY), member.sae)
                yield _row(name, "trained", points.trained, least) | points.row
                yield _row(name, "trained, exact codes", points.codes, least)


def directions_on(m: int, n: int, d: int, seed: int) -> Array:
    """n samples of norm RADIUS, evenly over a circle (m = 1) or a sphere (m = 2) in a random position, (n, d)."""
    rng = np.random.default_rng(seed)
    if m == 1:
        turn = 2 * pi * (np.arange(n) + rng.random()) / n
        points = np.column_stack([np.cos(turn), np.sin(turn)])
    else:  # Fibonacci's lattice
        height, spiral = 1 - 2 * (np.arange(n) + 0.5) / n, pi * (1 + 5**0.5) * np.arange(n)
        girth = np.sqrt(1 - height**2)
        points = np.column_stack([girth * np.cos(spiral), girth * np.sin(spiral), height])
    return RADIUS * points @ isometry(d, m + 1, rng).T


def _row(shape: str, subject: str, point: Point, least: float) -> Row:
    found = {
        "shape": shape,
        "subject": subject,
        "k": point.instance.k,
        "excess": point.objective - least,
        "active": float((point.Z > 0).sum(axis=1).mean()),
    }
    return found | ({"excess / T10": (point.objective - least) / limit(point.instance)} if shape == "circle" else {})


def limit(problem: Instance) -> float:
    """The limit of the excess by T10 for many atoms on a circle."""
    A, lam = RADIUS, PENALTY
    return (2 * pi / problem.k) ** 2 * lam * (A - lam) * (2 * A - lam) / (24 * A)


def exact(rows: Rows, shape: str) -> list[Row]:
    return where(rows, shape=shape, subject="exact")


def at_the_widest(rows: Rows, figure: str) -> float:
    widest = max(column_of(exact(rows, "circle"), "k"))
    return float(one(rows, shape="circle", subject="exact", k=int(widest))[figure])


def _tail(rows: Rows, shape: str) -> list[Row]:
    """The wider half, where the limit is near."""
    return exact(rows, shape)[len(exact(rows, shape)) // 2 :]


study = Study(
    theorem="T3, T10",
    predictions=[
        Prediction(
            "The excess of the widest exact optimum on the circle is the limit of T10, within a twentieth.",
            lambda rows: at_the_widest(rows, "excess / T10"),
            above=0.95,
            below=1.05,
        ),
        Prediction(
            "It falls as k⁻² (nearer to it than to the exponents of dimensions ½ and 2).",
            lambda rows: slope(_tail(rows, "circle"), "k", "excess"),
            above=-3.0,
            below=-1.5,
        ),
        Prediction(
            "On the sphere it falls as k⁻¹ (nearer to it than to the exponents of a circle and of dimension 3).",
            lambda rows: slope(_tail(rows, "sphere"), "k", "excess"),
            above=-1.5,
            below=-0.83,
        ),
        Prediction(
            "Samples on the circle use 2 − λ/A atoms, within a twentieth.",
            lambda rows: at_the_widest(rows, "active") - (2 - PENALTY / RADIUS),
            above=-0.05,
            below=0.05,
        ),
        Prediction(
            "Trained SAEs on the circle have the exponent of the circle as well.",
            lambda rows: slope(where(rows, subject="trained"), "k", "excess"),
            above=-3.0,
            below=-1.5,
        ),
        Prediction(
            "With exact codes their dictionaries have it.",
            lambda rows: slope(where(rows, subject="trained, exact codes"), "k", "excess"),
            above=-3.0,
            below=-1.5,
        ),
    ],
    falsified_if="an exponent is nearer to that of another dimension, or the excess or the activity is another number",
    control="the limit of T10 with half the penalty in its place, and the exponent of the circle on the sphere",
    controls=[
        Prediction(
            "The excess is the limit of T10 for half the penalty.",
            lambda rows: at_the_widest(rows, "excess / T10") * _ratio_of_limits(0.5),
            above=0.95,
            below=1.05,
        ),
        Prediction(
            "The sphere has the exponent of the circle.",
            lambda rows: slope(_tail(rows, "sphere"), "k", "excess"),
            above=-3.0,
            below=-1.5,
        ),
    ],
    sample="4000 samples evenly over a circle or a sphere in 8 dimensions, A = 1, λ = .3, the best of 3 exact optima",
    measure=measure,
    keys=("shape", "subject", "k"),
    shown=("excess", "excess / T10", "active", "F trained", "F codes", "F polished", "bound"),
    panels=[
        Panel("k", ("excess",), by="subject", log="xy", where={"shape": "circle"}, title="circle"),
        Panel("k", ("excess",), by="shape", log="xy", where={"subject": "exact"}, title="circle and sphere"),
        Panel("k", ("active",), by="shape", log="x", where={"subject": "exact"}, title="atoms per sample"),
    ],
    dev={"n": 400, "circle": (8, 12, 16), "sphere": (8, 16, 32), "steps": 200, "restarts": 2},
    deep={"n": 100_000, "circle": (8, 16, 32, 64, 128), "sphere": (16, 64, 256, 1024), "steps": 20000},
    seconds=8,
)


def _ratio_of_limits(factor: float) -> float:
    A, lam = RADIUS, PENALTY
    return lam * (A - lam) * (2 * A - lam) / (factor * lam * (A - factor * lam) * (2 * A - factor * lam))
