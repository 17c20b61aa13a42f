"""A point → the values of all symbols of the theory on it, and the magnitudes that bound their rounding errors.

Multipliers are chosen at the point (any choice is valid): μ is the positive part of each unit's slack, ν the least-
squares multiplier of each atom. The residuals of the stationarity conditions are then evaluated from their derived
expressions, like any claim.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from sympy import Expr, S

from checks.instance import Array
from checks.lowering import SAMPLE, Env, Magnitudes, Named, evaluate, order
from checks.moments import accumulate, moments_of
from checks.point import Point
from theory.derive import PREMISES, Premise
from theory.expectation import SampledBase
from theory.problem import L1, Objective, mu, nu

DIRECTION = "direction"
AnyEnv = TypeVar("AnyEnv", bound=Env)


@dataclass(frozen=True, eq=False)
class Measured:
    """All symbols at a point. `exact` holds values, `bounds` magnitudes, with premise residuals as allowed errors."""

    exact: Env
    bounds: Magnitudes


def measure(
    point: Point, expressions: Iterable[Expr], premises: Collection[str], objective: Objective = L1
) -> Measured:
    """Values and magnitudes of every symbol and of every moment in the expressions (already specialised).

    premises: names of the stationarity conditions that the point claims to satisfy. Their measured residuals, with
    their own rounding, are what a certificate may spend; the residuals of all others count as zero there.
    """
    conditions = {name: replace(p, residual=objective.specialise(p.residual)) for name, p in PREMISES.items()}
    sampled = {name: p for name, p in conditions.items() if isinstance(p.symbol, SampledBase)}
    averaged = {name: p for name, p in conditions.items() if name not in sampled}
    moments = moments_of([*expressions, *(p.residual for p in conditions.values())])
    unit = rounding_unit(point)

    exact = environment(point)
    exact = _bind(exact, {"mu": _multiplier(exact, conditions["code"])})
    exact = _bind(exact, {name: _value(p, exact) for name, p in sampled.items()})
    bounds = _magnitudes(point, exact)
    bounds = _bind(bounds, {"mu": _multiplier(bounds, conditions["code"])})
    bounds = _bind(bounds, _allowed(sampled, premises, exact, bounds, unit))

    exact = replace(exact, means=accumulate(moments, [exact]))
    exact = _bind(exact, {"nu": _atom_multiplier(exact, conditions["atom"])})
    exact = _bind(exact, {name: _value(p, exact) for name, p in averaged.items()})
    bounds = replace(bounds, means=accumulate(moments, [bounds]), exact=exact)
    bounds = _bind(bounds, {"nu": Named(np.abs(exact.arrays["nu"].array))})
    bounds = _bind(bounds, _allowed(averaged, premises, exact, bounds, unit))
    return Measured(exact, bounds)


def environment(point: Point, rows: slice = slice(None)) -> Env:
    """The primitive and defined symbols on a block of samples."""
    instance = point.instance
    z = point.Z[rows]
    arrays = {
        "D": Named(point.D),
        "b": Named(point.b),
        "u": Named(directions(point), (DIRECTION,)),
        "G": Named(point.D.T @ point.D),
        "x": Named(instance.x[rows], (SAMPLE,)),
        "z": Named(z, (SAMPLE,)),
        "on": Named((z > 0).astype(float), (SAMPLE,)),
        "xhat": Named(point.reconstruction[rows], (SAMPLE,)),
        "r": Named(point.residual[rows], (SAMPLE,)),
        "lambda": Named(instance.lam[rows], (SAMPLE,)),
    }
    return Env(arrays, {"d": instance.d, "k": instance.k}, instance.weights[rows])


def directions(point: Point) -> Array:
    """Directions that stand for "every direction u": principal axes of the data, atoms and random ones. (m, d)."""
    x = point.instance.x - point.instance.weights @ point.instance.x
    scale = np.abs(x).max() or 1.0
    axes = np.linalg.svd((x / scale).T @ (point.instance.weights[:, None] * (x / scale)))[0]
    random = np.random.default_rng(0).standard_normal((32, point.instance.d))
    random /= np.linalg.norm(random, axis=1, keepdims=True)
    return np.concatenate([axes.T, point.D.T, random])


def _multiplier(env: Env, code: Premise) -> Named:
    """μ_j = max(0, slack of unit j), where the slack is what code stationarity leaves without a multiplier."""
    slack = _value(replace(code, residual=code.residual.subs(mu[code.indices[0]], S.Zero)), env)
    return Named(np.maximum(slack.array, 0.0), slack.axes)


def _atom_multiplier(env: Env, atom: Premise) -> Named:
    """ν_j, the least-squares solution of atom stationarity."""
    free = _value(replace(atom, residual=atom.residual.subs(nu[atom.indices[1]], S.Zero)), env)
    D = env.arrays["D"].array
    return Named(-(D * free.array).sum(0) / (D**2).sum(0))


def rounding_unit(point: Point) -> float:
    """Relative error bound of a sum over samples, coordinates and atoms in float64, in any order of summation."""
    i = point.instance
    return float(np.finfo(np.float64).eps) * (i.n + 2 * i.d + 2 * i.k + 16)


def to_torch(env: Env, device: str = "cpu") -> Env:
    """The same environment with torch tensors on a device."""
    import torch

    def moved(value: Named) -> Named:
        return Named(torch.as_tensor(value.array, device=device), value.axes)

    return replace(
        env,
        arrays={name: moved(value) for name, value in env.arrays.items()},
        weights=torch.as_tensor(env.weights, device=device),
        means={moment: moved(value) for moment, value in env.means.items()},
        einsum=torch.einsum,
    )


def _magnitudes(point: Point, exact: Env) -> Magnitudes:
    values = {name: Named(np.abs(value.array), value.axes) for name, value in exact.arrays.items()}
    values["xhat"] = Named(np.abs(point.Z) @ np.abs(point.D).T, (SAMPLE,))
    values["r"] = Named(values["x"].array + values["b"].array + values["xhat"].array, (SAMPLE,))
    values["G"] = Named(values["D"].array.T @ values["D"].array)
    return Magnitudes(values, exact.sizes, exact.weights, exact=exact)


def _allowed(
    conditions: dict[str, Premise], premises: Collection[str], exact: Env, bounds: Env, unit: float
) -> dict[str, Named]:
    """Premise residuals as certificates may spend them: what was measured plus the rounding of measuring it."""
    spent = {}
    for name, premise in conditions.items():
        measured = exact.arrays[name]
        allowed = np.abs(measured.array) + unit * _value(premise, bounds).array
        spent[name] = Named(allowed if name in premises else 0.0 * allowed, measured.axes)
    return spent


def _value(premise: Premise, env: Env) -> Named:
    """A residual with its sample axis, if any, in front and the premise's own indices left implicit."""
    value = evaluate(premise.residual, env)
    front = (SAMPLE,) if isinstance(premise.symbol, SampledBase) else ()
    ordered = order(value, (*front, *(str(index) for index in premise.indices)), env)
    return Named(ordered.array, front)


def _bind(env: AnyEnv, values: dict[str, Named]) -> AnyEnv:
    return replace(env, arrays={**env.arrays, **values})
