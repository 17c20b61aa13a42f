"""Points and judgements as they are written, and as they are read again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from checks.evidence.place import Kept, Place
from checks.judging.verdict import Judgement, Verdict
from checks.problem.instance import Array, instance
from checks.problem.point import Encoder, Point
from theory.problem import OBJECTIVES


def json_of(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def judgement_json(judgement: Judgement) -> str:
    """Figures as text, which keeps every bit and what is not finite: JSON has no NaN."""
    interval, tightness = judgement.interval, judgement.tightness
    return json_of(
        {
            "verdict": judgement.verdict.value,
            "violation": repr(float(judgement.violation)),
            "bound": repr(float(judgement.bound)),
            "where": judgement.where,
            "uncertified": int(judgement.uncertified),
            "interval": interval and [repr(float(end)) for end in interval],
            "tightness": None if tightness is None else repr(float(tightness)),
            "controls": {name: verdict.value for name, verdict in judgement.controls.items()},
        }
    )


def judgement_of(written: str, *, sound: bool) -> Judgement:
    """Raises ValueError, TypeError or KeyError if the text is not that of a judgement, or not the one written."""
    if not sound:
        raise ValueError("a verdict has changed")
    made = json.loads(written)
    interval, tightness = made["interval"], made["tightness"]
    return Judgement(
        Verdict(made["verdict"]),
        violation=float(made["violation"]),
        bound=float(made["bound"]),
        where=str(made["where"]),
        uncertified=int(made["uncertified"]),
        interval=None if interval is None else (float(interval[0]), float(interval[1])),
        tightness=None if tightness is None else float(tightness),
        controls={str(name): Verdict(verdict) for name, verdict in made["controls"].items()},
    )


def problem_of(points: Sequence[Point]) -> dict[str, Any]:
    """What the points have in common, besides arrays."""
    shared = points[0].instance
    return {"name": shared.name, "bias": shared.bias, "objectives": [point.instance.objective.key for point in points]}


def kept_of(place: Place, shortfall: str, problem: str) -> Kept:
    made = json.loads(problem)
    return Kept(place, str(shortfall), bool(made["bias"]), [OBJECTIVES[key] for key in made["objectives"]])


def packed(points: Sequence[Point]) -> bytes:
    """The arrays of points of one dataset, as safetensors. They may differ in number of atoms and objective."""
    shared = points[0].instance
    arrays = {"x": shared.x, "lam": shared.lam, "weights": shared.weights}
    for number, point in enumerate(points):
        arrays |= {f"D{number}": point.D, f"b{number}": point.b, f"Z{number}": point.Z}
        if point.encoder is not None:
            arrays |= {f"W_enc{number}": point.encoder.W_enc, f"b_enc{number}": point.encoder.b_enc}
        arrays |= {f"{name} of {number}": value for name, value in point.instance.parameters.items()}
    # The format stores memory as it lies, so that a transposed array would be read as another one.
    return save({name: np.asarray(array, order="C") for name, array in arrays.items()})


def unpacked(problem: Mapping[str, Any], packed: bytes) -> list[Point]:
    arrays = load(packed)
    return [_point(number, key, problem, arrays) for number, key in enumerate(problem["objectives"])]


def _point(number: int, key: str, problem: Mapping[str, Any], arrays: Mapping[str, Array]) -> Point:
    D, objective, weights = arrays[f"D{number}"], OBJECTIVES[key], arrays["weights"]
    made = instance(
        arrays["x"],
        D.shape[1],
        arrays["lam"],
        weights=weights,
        bias=bool(problem["bias"]),
        name=str(problem["name"]),
        objective=objective,
        parameters={name: arrays[f"{name} of {number}"] for name in objective.parameters},
    )
    encoder = Encoder(arrays[f"W_enc{number}"], arrays[f"b_enc{number}"]) if f"W_enc{number}" in arrays else None
    # Rescaled weights would differ in their last bits.
    return Point(replace(made, weights=weights), D, arrays[f"b{number}"], arrays[f"Z{number}"], encoder)


def as_read(point: Point) -> Point:
    """The point with arrays laid out as they are read from a file: sums then add up alike, to the last bit."""
    x, lam, weights, D, b, Z = map(np.ascontiguousarray, _arrays_of(point))
    own = point.encoder
    encoder = own and Encoder(np.ascontiguousarray(own.W_enc), np.ascontiguousarray(own.b_enc))
    return Point(replace(point.instance, x=x, lam=lam, weights=weights), D, b, Z, encoder)


def _arrays_of(point: Point) -> tuple[Array, ...]:
    i = point.instance
    return i.x, i.lam, i.weights, point.D, point.b, point.Z
