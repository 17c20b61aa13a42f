"""Between absorption and recovery: v + w is one atom's until w is alone often enough, and recovery is never exact.

Samples are v, w or v + w with shares a, b, c, at an angle θ. T5 has b = 0: the atoms are v and the bisector. As b grows
the second atom turns towards w, and from b* on the sample v + w uses both atoms. At a right angle b* → 2(2 − √2)·cλ as
λ → 0, and however large b is, for λ > 0 the atoms are not the features: global optima over all angles.

Reference: THEORY T5; problem O41 of the MAIS agenda, A3, whose proposed solution (issue #15) has four families.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from math import cos, log10, pi, sin

import numpy as np

from checks.problem.instance import Array
from checks.solvers.dictionary import joint
from checks.solvers.dictionary.result import Joint
from checks.studies.common.figures import column_of, where, worst
from checks.studies.common.study import Panel, Prediction, Row, Rows, Study


def measure(
    seed: int,
    device: str,
    *,
    lams: Sequence[float] = (0.003, 0.01, 0.03, 0.1),
    angles: Sequence[float] = (pi / 3, pi / 2, 2 * pi / 3),
    starts: int = 6,
    halvings: int = 14,
) -> Iterator[Row]:
    rng = np.random.default_rng(seed)
    c = float(rng.uniform(0.2, 0.6))  # the limit has to hold whatever the shares
    for theta, lam in product(angles, lams):
        low, high = 0.0, 8.0 * c * lam
        if not separated(_optimum(high, c, theta, lam, starts)):
            continue
        for _ in range(halvings):
            middle = (low + high) / 2
            if separated(_optimum(middle, c, theta, lam, starts)):
                high = middle
            else:
                low = middle
        v, w = _features(theta)
        before, after, equal = (_optimum(b, c, theta, lam, starts) for b in (low, high, (1 - c) / 2))
        yield {
            "θ/π": theta / pi,
            "λ": lam,
            "c": c,
            "b*": high,
            "b*/cλ": high / (c * lam),
            "1 − cos, before b*": 1 - float((w @ before.D).max()),
            "1 − cos, beyond b*": 1 - float((w @ after.D).max()),
            "1 − cos, a = b": 1 - float((w @ equal.D).max()),
            "1 − cos(v), beyond b*": 1 - float((v @ after.D).max()),
        }


def _features(theta: float) -> Array:
    return np.array([[1.0, 0.0], [cos(theta), sin(theta)]])


def _optimum(b: float, c: float, theta: float, lam: float, starts: int) -> Joint[Array]:
    """The best of the optima from starts with the atoms at any two of some angles, features and bisector among them."""
    v, w = _features(theta)
    x, weights = np.stack([v, w, v + w]), np.array([1 - b - c, b, c])
    turns = np.linspace(0.0, theta, starts)
    found = (
        joint(x, 2, lam, weights=weights, start=np.array([[cos(one), cos(two)], [sin(one), sin(two)]]))
        for one, two in product(turns[: starts // 2], turns[starts // 2 :])
    )
    return min(found, key=lambda each: each.objective)


def separated(found: Joint[Array]) -> bool:
    """Whether the code of v + w uses both atoms."""
    return bool((found.Z[2] > 0).all())


def at_a_right_angle(rows: Rows) -> list[Row]:
    return where(rows, **{"θ/π": 0.5})


def limit(rows: Rows) -> float:
    """b*/cλ at the smallest λ."""
    smallest = min(column_of(at_a_right_angle(rows), "λ"))
    (row,) = where(at_a_right_angle(rows), λ=smallest)
    return float(row["b*/cλ"])


study = Study(
    theorem="T5, T11",
    predictions=[
        Prediction(
            "At a right angle b*/(cλ) tends to 2(2 − √2) = 1.172, within a twentieth at the smallest λ.",
            lambda rows: limit(rows) / (2 * (2 - 2**0.5)),
            above=0.95,
            below=1.05,
        ),
        Prediction(
            "Recovery is never exact: where a = b the second atom is off w by more than rounding (log₁₀(1 − cos)).",
            lambda rows: log10(worst(rows, lambda row: float(row["1 − cos, a = b"]))),
            above=-12.0,
        ),
    ],
    falsified_if="the threshold at a right angle is another multiple of cλ, or an optimum has w for an atom",
    control="the threshold of half of that threshold",
    controls=[
        Prediction(
            "b*/(cλ) tends to 2 − √2.",
            lambda rows: limit(rows) / (2 - 2**0.5),
            above=0.95,
            below=1.05,
        ),
    ],
    sample="three samples with weights; λ = .003 … .1, three angles, c drawn by the seed; the best of 16 starts",
    measure=measure,
    keys=("θ/π", "λ"),
    shown=("b*/cλ", "b*", "c", "1 − cos, before b*", "1 − cos, beyond b*", "1 − cos, a = b", "1 − cos(v), beyond b*"),
    panels=[
        Panel("λ", ("b*/cλ",), by="θ/π", log="x", title="threshold"),
        Panel("λ", ("1 − cos, beyond b*", "1 − cos, a = b"), log="xy", where={"θ/π": 0.5}, title="second atom off w"),
    ],
    dev={"lams": (0.01, 0.1), "angles": (pi / 2,), "starts": 4, "halvings": 14},
    deep={"lams": (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3), "starts": 16, "halvings": 40},
    seconds=20,
)
