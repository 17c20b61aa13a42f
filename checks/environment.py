"""A point → the values of all symbols of the theory on it, and the magnitudes that bound their rounding errors.

Multipliers are chosen at the point (any choice is valid): μ is the positive part of each unit's slack, ν the least-
squares multiplier of each atom. The residuals of the stationarity conditions are then evaluated from their derived
expressions, like any claim.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

import numpy as np
from sympy import Expr, IndexedBase, S

from checks.lowering import SAMPLE, Env, Magnitudes, Named, evaluate, order
from checks.moments import accumulate, moments_of
from checks.neighbours import neighbours, symbols_of
from checks.point import Point
from checks.probes import PROBE, paired, probes
from theory.derive import BY_CONSTRUCTION, PREMISES, Premise
from theory.expectation import SampledBase
from theory.problem import L1, Objective, mu, nu

AnyEnv = TypeVar("AnyEnv", bound=Env)


@dataclass(frozen=True, eq=False)
class Measured:
    """All symbols at a point. `exact` holds values, `bounds` magnitudes, with premise residuals as allowed errors."""

    exact: Env
    bounds: Magnitudes


def measure(
    point: Point, expressions: Collection[Expr], premises: Collection[str], objective: Objective = L1
) -> Measured:
    """Values and magnitudes of every symbol and of every moment in the expressions (already specialised).

    premises: names of the stationarity conditions that the point claims to satisfy. Their measured residuals, with
    their own rounding, are what a certificate may spend; the residuals of all others count as zero there.
    """
    special, used, moments, asked = _needed(tuple(expressions), objective)
    sampled = [p for p in used if isinstance(p.symbol, SampledBase)]
    averaged = [p for p in used if not isinstance(p.symbol, SampledBase)]
    unit = rounding_unit(point)

    exact = environment(point, objective)
    exact = _bind(exact, neighbours(point, asked) | {p.name: _value(p, exact) for p in sampled})
    bounds = _magnitudes(point, exact)
    bounds = _bind(bounds, _code_multipliers(bounds, special["code"], point))
    bounds = _bind(bounds, _allowed(sampled, premises, exact, bounds, unit))

    exact = replace(exact, means=accumulate(moments, [exact]))
    exact = _bind(exact, {"nu": _atom_multipliers(exact, special["atom"])})
    exact = _bind(exact, {p.name: _value(p, exact) for p in averaged})
    bounds = replace(bounds, means=accumulate(moments, [bounds]), exact=exact)
    bounds = _bind(bounds, {"nu": Named(np.abs(exact.arrays["nu"].array))})
    bounds = _bind(bounds, _allowed(averaged, premises, exact, bounds, unit))
    return Measured(exact, bounds)


@lru_cache(maxsize=64)
def _needed(
    expressions: tuple[Expr, ...], objective: Objective
) -> tuple[dict[str, Premise], list[Premise], tuple, frozenset[str]]:
    """All conditions for an objective, those whose residuals the expressions spend, the moments of both, and the names
    of all symbols in the expressions.
    """
    special = {p.name: replace(p, residual=objective.specialise(p.residual)) for p in PREMISES.values()}
    symbols = set().union(*(expression.atoms(IndexedBase) for expression in expressions))
    used = [p for p in special.values() if p.symbol in symbols]
    moments = moments_of([*expressions, special["atom"].residual, *(p.residual for p in used)])
    return special, used, moments, symbols_of(expressions)


def environment(point: Point, objective: Objective = L1) -> Env:
    """The primitive and defined symbols, the multipliers of the codes, and all that claims are "for every" value of."""
    instance, z = point.instance, point.Z
    arrays = {
        "D": Named(point.D),
        "b": Named(point.b),
        "G": Named(point.D.T @ point.D),
        "x": Named(instance.x, (SAMPLE,)),
        "z": Named(z, (SAMPLE,)),
        "on": Named((z > 0).astype(float), (SAMPLE,)),
        "off": Named((z <= 0).astype(float), (SAMPLE,)),
        "xhat": Named(point.reconstruction, (SAMPLE,)),
        "r": Named(point.residual, (SAMPLE,)),
        "lambda": Named(instance.lam, (SAMPLE,)),
        **probes(point),
    }
    env = Env(arrays, {"d": instance.d, "k": instance.k, "p": instance.d}, instance.weights)
    code = PREMISES["code"]
    return _bind(env, _code_multipliers(env, replace(code, residual=objective.specialise(code.residual)), point))


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


def _code_multipliers(env: Env, code: Premise, point: Point) -> dict[str, Named]:
    """μ_j = max(0, slack of unit j), where the slack is what code stationarity leaves without a multiplier."""
    slack = _value(replace(code, residual=code.residual.subs(mu[code.indices[0]], S.Zero)), env)
    values = np.maximum(slack.array, 0.0)
    return {"mu": Named(values, (SAMPLE,)), "mu2": Named(paired(values, point), (SAMPLE, PROBE))}


def _atom_multipliers(env: Env, atom: Premise) -> Named:
    """ν_j, the least-squares solution of atom stationarity."""
    free = _value(replace(atom, residual=atom.residual.subs(nu[atom.indices[1]], S.Zero)), env)
    D = env.arrays["D"].array
    return Named(-(D * free.array).sum(0) / (D**2).sum(0))


def _magnitudes(point: Point, exact: Env) -> Magnitudes:
    values = {name: Named(np.abs(value.array), value.axes) for name, value in exact.arrays.items()}
    xhat = np.abs(point.Z) @ np.abs(point.D).T
    r = values["x"].array + values["b"].array + xhat
    values["xhat"], values["r"] = Named(xhat, (SAMPLE,)), Named(r, (SAMPLE,))
    values["xhat2"], values["r2"] = (Named(paired(value, point), (SAMPLE, PROBE)) for value in (xhat, r))
    values["amount"] = Named((values["x"].array + values["b"].array) @ values["source"].array, (SAMPLE,))
    values["G"] = Named(values["D"].array.T @ values["D"].array)
    return Magnitudes(values, exact.sizes, exact.weights, exact=exact)


def _allowed(
    conditions: Collection[Premise], premises: Collection[str], exact: Env, bounds: Env, unit: float
) -> dict[str, Named]:
    """Premise residuals as certificates may spend them: what was measured plus the rounding of measuring it."""
    spent = {}
    for premise in conditions:
        measured = exact.arrays[premise.name]
        rounding = order(_named(premise, bounds), _own_axes(premise, measured), bounds).array
        allowed = np.abs(measured.array) + unit * rounding
        promised = premise.condition in premises or premise.condition in BY_CONSTRUCTION
        spent[premise.name] = Named(allowed if promised else 0.0 * allowed, measured.axes)
    return spent


def _value(premise: Premise, env: Env) -> Named:
    """A residual with its sample and probe axes in front and the premise's own indices left implicit."""
    value = _named(premise, env)
    front = Named(None, tuple(axis for axis in (SAMPLE, PROBE) if axis in value.axes))
    return Named(order(value, _own_axes(premise, front), env).array, front.axes)


def _named(premise: Premise, env: Env) -> Named:
    return evaluate(premise.residual, env)


def _own_axes(premise: Premise, value: Named) -> tuple[str, ...]:
    return (*value.axes, *(str(index) for index in premise.indices))


def _bind(env: AnyEnv, values: dict[str, Named]) -> AnyEnv:
    return replace(env, arrays={**env.arrays, **values})
