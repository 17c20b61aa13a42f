"""A point → the values of all symbols of the theory on it, and the magnitudes that bound their rounding errors.

Multipliers are chosen at the point (any choice is valid): μ is the positive part of each silent unit's slack, ν the
least-squares multiplier of each atom. The residuals of the stationarity conditions are then evaluated from their
derived expressions, like any claim.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from math import ceil
from typing import TypeVar

import numpy as np
from sympy import Expr, IndexedBase, S

from checks.evaluation.lazy import Symbols
from checks.evaluation.lowering import SAMPLE, Env, Magnitudes, Named, evaluate, order
from checks.evaluation.moments import accumulate, moments_of
from checks.evaluation.quantifiers import PROBE, ROOM, Rows, blocks_of_rows, drawn, paired, probes
from checks.evaluation.spelling import label
from checks.problem.instance import Array
from checks.problem.point import Point
from theory.derive import BY_CONSTRUCTION, Premise, conditions
from theory.expectation import SampledBase
from theory.problem import D, Objective, W_enc, b, b_enc, mu, norm, nu, off, signless, x, z

AnyEnv = TypeVar("AnyEnv", bound=Env)

OF_THE_POINT = frozenset(map(str, (D, b, x, z, off, mu, norm)))
# What is constrained of that a claim is made for every value of, such as C by `norms`; nothing by `nest` and `length`.
CONSTRAINED: Mapping[str, frozenset[str]] = {
    name: frozenset(str(base) for base in premise.residual.atoms(IndexedBase)) - OF_THE_POINT
    for name, premise in conditions().items()
    if name in BY_CONSTRUCTION
}


@dataclass(frozen=True, eq=False)
class Measured:
    """All symbols at a point. `exact` holds values, `bounds` magnitudes, with premise residuals as allowed errors.

    unmet: the same magnitudes with 1 where a premise that should hold by construction does not, and 0 for all else that
    a certificate may spend; failing: the names of those premises. start: the number of the first sample.
    """

    exact: Env
    bounds: Magnitudes
    objective: Objective
    unmet: Magnitudes
    failing: frozenset[str]
    start: int = 0

    def of(self, rows: Rows) -> Measured:
        """The same of some samples, which follow one another."""
        exact = of_rows(self.exact, rows, {})
        bounds, unmet = (replace(of_rows(each, rows, {}), exact=exact) for each in (self.bounds, self.unmet))
        return replace(self, exact=exact, bounds=bounds, unmet=unmet, start=self.start + int(rows[0]))


def measure(
    point: Point, expressions: Collection[Expr], premises: Collection[str], beside: Mapping[str, Named] | None = None
) -> Measured:
    """Values and magnitudes of every symbol and of every moment in the expressions (already specialised).

    beside: the values of symbols that are not about the point alone, by name.

    premises: names of the stationarity conditions that the point claims to satisfy. Their measured residuals, with
    their own rounding, are what a certificate may spend; the residuals of all others count as zero there. What holds by
    construction may be off by its rounding, no more.
    """
    special, used, moments = _needed(tuple(expressions), point.instance.objective)
    sampled = [p for p in used if isinstance(p.symbol, SampledBase)]
    averaged = [p for p in used if not isinstance(p.symbol, SampledBase)]
    unit = rounding_unit(point)

    exact = environment(point)
    exact = _bind(exact, {**(beside or {}), **{p.name: value_of(p, exact) for p in sampled}})
    bounds = _magnitudes(point, exact)
    bounds = _bind(bounds, _code_multipliers(bounds, special["code"], point))
    bounds = _bind(bounds, _allowed(sampled, premises, exact, bounds, unit))

    exact = replace(exact, means=accumulate(moments, [exact]))
    exact = _bind(exact, {"nu": _atom_multipliers(exact, special["atom"])})
    exact = _bind(exact, {p.name: value_of(p, exact) for p in averaged})
    bounds = replace(bounds, means=accumulate(moments, [bounds]), exact=exact)
    bounds = _bind(bounds, {"nu": Named(np.abs(exact.arrays["nu"].array))})
    bounds = _bind(bounds, _allowed(averaged, premises, exact, bounds, unit))
    failures = _unmet(used, exact, bounds, unit)
    failing = frozenset(name for name, failed in failures.items() if failed.array.any())
    unmet = replace(_bind(bounds, failures), means={})
    return Measured(exact, bounds, point.instance.objective, unmet, failing)


@lru_cache(maxsize=64)
def _needed(expressions: tuple[Expr, ...], objective: Objective) -> tuple[dict[str, Premise], list[Premise], tuple]:
    """All conditions of an objective, those whose residuals the expressions spend, and the moments of both."""
    special = specialised(objective)
    symbols = set().union(*(expression.atoms(IndexedBase) for expression in expressions))
    names = {label(symbol.label) for symbol in symbols}
    used = [p for p in special.values() if p.symbol in symbols or names & CONSTRAINED.get(p.name, set())]
    return special, used, moments_of([*expressions, special["atom"].residual, *(p.residual for p in used)])


@lru_cache(maxsize=64)
def specialised(objective: Objective) -> dict[str, Premise]:
    """The conditions of an objective, with its own φ and φ', by name."""

    def special(premise: Premise) -> Premise:
        return replace(premise, derivation=lambda _: objective.specialise(premise.residual))

    return {name: special(premise) for name, premise in conditions(objective).items()}


def environment(point: Point) -> Env:
    """The symbols of a point, the multipliers of its codes, and all that claims are "for every" value of."""
    bare = symbols(point)
    env = _bind(bare, probes(point))
    return _bind(env, _code_multipliers(env, specialised(point.instance.objective)["code"], point))


def blocks_of(point: Point, more: Mapping[str, Named]) -> Callable[..., Iterator[Env]]:
    """The same environment in blocks of samples, again and again: there is room for the probes of a block, not of all.

    more: further symbols. What depends on the sample is computed when it is asked for. Blocks take the share of their
    samples that is asked for, with weights that make up for the others.
    """
    found, whole = drawn(point), symbols(point)
    code = specialised(point.instance.objective)["code"]
    mu = np.concatenate(
        [_multipliers(of_rows(whole, rows, {}), code, point) for rows in blocks_of_rows(*point.Z.shape)]
    )
    arrays = {**whole.arrays, **found.fixed, **more, "mu": Named(mu, (SAMPLE,))}
    own = replace(whole, arrays=arrays, keeps=ROOM)  # claims and their controls share most of their sides

    def others(rows: Rows) -> Named:
        return Named(paired(mu, point, rows), (SAMPLE, PROBE))

    def blocks(share: float = 1.0) -> Iterator[Env]:
        some = [rows[: ceil(share * len(rows))] for rows in blocks_of_rows(*point.Z.shape)]
        weight = sum(float(whole.weights[rows].sum()) for rows in some) if share < 1 else 1.0
        for rows in some:
            env = of_rows(own, rows, {**found.at(rows), "mu2": partial(others, rows)})
            yield replace(env, weights=env.weights / weight) if weight not in (0.0, 1.0) else env

    return blocks


def of_rows(env: AnyEnv, rows: Rows, beside: Mapping[str, Callable[[], Named]]) -> AnyEnv:
    """The samples with these numbers, which follow one another."""
    some = slice(rows[0], rows[-1] + 1)
    arrays = {
        name: Named(value.array[some], value.axes) if SAMPLE in value.axes else value
        for name, value in env.arrays.items()
    }
    return replace(env, arrays=Symbols({**arrays, **beside}), weights=env.weights[some])


def symbols(point: Point) -> Env:
    """The primitive and defined symbols at a point, with the numbers of its objective."""
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
        "norm": Named(np.linalg.norm(point.D, axis=0)),
        **{name: Named(value) for name, value in instance.parameters.items()},
    }
    if point.encoder is not None:
        arrays |= {str(W_enc): Named(point.encoder.W_enc), str(b_enc): Named(point.encoder.b_enc)}
    mask = instance.parameters.get("M")
    nested = None if mask is None else (instance.x - point.b)[:, None] - _prefixes(z, mask, point.D)
    arrays["R"] = Named(point.residual[:, None] if nested is None else nested, (SAMPLE,))
    sizes = {"d": instance.d, "k": instance.k, "p": instance.d, "g": arrays["R"].array.shape[1]}
    return Env(arrays, sizes, instance.weights)


def _prefixes(Z: Array, mask: Array, D: Array) -> Array:
    """The reconstruction of each prefix of a dictionary, (n, g, d)."""
    return (Z[:, None] * mask) @ D.T


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
    """μ_j = max(0, slack of a silent unit j), where the slack is what code stationarity leaves without a multiplier.

    Where silent units have no price it is whatever their slack is. It is 0 for active ones, by construction.
    """
    values = _multipliers(env, code, point)
    return {"mu": Named(values, (SAMPLE,)), "mu2": Named(paired(values, point), (SAMPLE, PROBE))}


def _multipliers(env: Env, code: Premise, point: Point) -> Array:
    values: Array = gradient(code, env).array * env.arrays["off"].array
    return np.maximum(values, 0.0) if point.instance.objective.prices_silent_units else values


def _atom_multipliers(env: Env, atom: Premise) -> Named:
    """ν_j, the least-squares solution of atom stationarity."""
    free = gradient(atom, env)
    D = env.arrays["D"].array
    return Named(-(D * free.array).sum(0) / (D**2).sum(0))


def gradient(premise: Premise, env: Env) -> Named:
    """What is left of a condition without its multiplier: the derivative of the loss."""
    return value_of(_without_multiplier(premise), env)


@lru_cache(maxsize=256)
def _without_multiplier(premise: Premise) -> Premise:
    without = {symbol[index]: S.Zero for symbol in (mu, signless, nu) for index in premise.indices}
    return replace(premise, derivation=lambda _: premise.residual.subs(without))


def _magnitudes(point: Point, exact: Env) -> Magnitudes:
    values = {name: Named(np.abs(value.array), value.axes) for name, value in exact.arrays.items()}
    xhat = np.abs(point.Z) @ np.abs(point.D).T
    r = values["x"].array + values["b"].array + xhat
    values["xhat"], values["r"] = Named(xhat, (SAMPLE,)), Named(r, (SAMPLE,))
    values["xhat2"], values["r2"] = (Named(paired(value, point), (SAMPLE, PROBE)) for value in (xhat, r))
    values["amount"] = Named((values["x"].array + values["b"].array) @ values["source"].array, (SAMPLE,))
    values["G"] = Named(values["D"].array.T @ values["D"].array)
    mask = point.instance.parameters.get("M", np.ones((1, point.instance.k)))
    outer = values["x"].array + values["b"].array
    values["R"] = Named(outer[:, None] + _prefixes(np.abs(point.Z), mask, np.abs(point.D)), (SAMPLE,))
    return Magnitudes(values, exact.sizes, exact.weights, exact=exact)


def _allowed(
    conditions: Collection[Premise], premises: Collection[str], exact: Env, bounds: Env, unit: float
) -> dict[str, Named]:
    """Premise residuals as certificates may spend them: what was measured plus the rounding of measuring it.

    Of what holds by construction the rounding alone: where it fails, nothing is claimed.
    """
    spent = {}
    for premise in conditions:
        measured, rounding = exact.arrays[premise.name], unit * _rounding(premise, exact, bounds)
        by_construction = premise.condition in BY_CONSTRUCTION
        allowed = rounding if by_construction else np.abs(measured.array) + rounding
        promised = by_construction or premise.condition in premises
        spent[premise.name] = Named(allowed if promised else 0.0 * allowed, measured.axes)
    return spent


def _unmet(conditions: Collection[Premise], exact: Env, bounds: Magnitudes, unit: float) -> dict[str, Named]:
    """Where what should hold by construction is off by more than its rounding: 1 there, and 0 elsewhere."""
    return {premise.name: _fails(premise, exact, bounds, unit) for premise in conditions}


def _fails(premise: Premise, exact: Env, bounds: Env, unit: float) -> Named:
    measured = exact.arrays[premise.name]
    if premise.condition not in BY_CONSTRUCTION:
        return Named(np.zeros_like(measured.array), measured.axes)
    holds = np.abs(measured.array) <= unit * _rounding(premise, exact, bounds)  # not a number does not hold
    return Named(1.0 - holds, measured.axes)


def _rounding(premise: Premise, exact: Env, bounds: Env) -> Array:
    """The magnitude of all terms of a residual, on the axes that it was measured on."""
    axes = _own_axes(premise, exact.arrays[premise.name])
    return np.asarray(order(_named(premise, bounds), axes, bounds).array)


def value_of(premise: Premise, env: Env) -> Named:
    """A residual with its sample and probe axes in front and the premise's own indices left implicit."""
    value = _named(premise, env)
    front = Named(None, tuple(axis for axis in (SAMPLE, PROBE) if axis in value.axes))
    return Named(order(value, _own_axes(premise, front), env).array, front.axes)


def _named(premise: Premise, env: Env) -> Named:
    return evaluate(premise.residual, env)


def _own_axes(premise: Premise, value: Named) -> tuple[str, ...]:
    return (*value.axes, *map(label, premise.indices))


def _bind(env: AnyEnv, values: dict[str, Named]) -> AnyEnv:
    return replace(env, arrays={**env.arrays, **values})
