"""How good a certified point is beyond being stationary: a local minimum, or the best there is.

From the instance and the point alone, in float64. Where it cannot be told the answer is no: nothing is claimed there.

A local minimum is certified at second order. Codes that are active, or that nothing but their sign keeps silent, may
move freely, which is more than they may; all others stay at 0 nearby. Minimised over them, sample by sample, the loss
is a function of the atoms that are in use, on their spheres, and of a free bias. Its Hessian must be positive definite.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol, lambdify, sympify

from checks.evaluation.symbols import gradient, rounding_unit, specialised, symbols
from checks.judging.certify import EXACT_ATOMS, EXACT_CODES, certify
from checks.problem.instance import Array, Instance
from checks.problem.point import Point
from theory.derive import conditions
from theory.problem import L1, Limit, Objective, lam
from theory.statement import Level

Flags = NDArray[np.bool_]
CODES = frozenset({"code", "act", "drop", "add", "swap", "trade"})
STATIONARY = frozenset({"code", "act", "scale", "atom", "unit"})
LARGEST = 1000  # coordinates of atoms and bias, beyond which second order takes longer than all else

_KNOWN: WeakKeyDictionary[Point, Level] = WeakKeyDictionary()  # as long as a point lives, and no longer


def level(point: Point) -> Level:
    """The level of optimality that is certain of a point that is stationary in all that is free."""
    if point not in _KNOWN:
        _KNOWN[point] = _level(point)
    return _KNOWN[point]


def _level(point: Point) -> Level:
    if is_best(point):
        return Level.GLOBAL_MINIMUM
    if is_local_minimum(point):
        return Level.LOCAL_MINIMUM
    return Level.BEST_CODES if not certify(point).shortfall(CODES) else Level.STATIONARY


def is_best(point: Point) -> bool:
    """Whether a point is certified stationary and attains a bound of all dictionaries of any width.

    That of the L1 problem is E[h_λ(‖x−b‖)]: it is attained if no residual is longer than λ; with a free bias, where
    their mean vanishes, no other bias is better. Where units are limited in number and cost nothing it is 0.
    """
    from checks.solvers.wide import width_bound

    if point.first_bad_row is not None:
        return False
    point = point.in_unit_scale
    i = point.instance
    unexplained = i.weights @ ((i.x - point.b) ** 2).sum(axis=1) / 2
    if i.objective is L1:
        gap = point.objective - width_bound(i.x, i.lam, weights=i.weights, b=point.b)
    elif i.objective.limit is not None:
        gap = i.weights @ (point.residual**2).sum(axis=1) / 2
    else:
        return False
    # Most points miss the bound, which is sooner seen than whether they are stationary.
    return bool(gap <= EXACT_CODES * unexplained) and not _shortfall(point, STATIONARY)


def is_local_minimum(point: Point) -> bool:
    """Whether a point is certified stationary, with its codes the best, and a strict local minimum at second order.

    Relative to the curvature of each atom at fixed codes, the smallest eigenvalue must exceed the square root of what
    stationarity is short of: then Newton's method would converge from here, to a minimum (Kantorovich).
    """
    premises = STATIONARY | CODES
    if _shortfall(point, premises):
        return False
    point = _unit_norms(point.in_unit_scale)
    problem = _second_order(point)
    if problem is None or len(problem) > LARGEST:
        return False
    accuracy = max(certify(point).accuracy(premises), rounding_unit(point))
    return len(problem) == 0 or bool(np.linalg.eigvalsh(problem)[0] > np.sqrt(accuracy))


def _shortfall(point: Point, premises: frozenset[str]) -> str:
    free = premises | {"bias"} if point.instance.bias else premises
    return certify(point).shortfall(free & conditions(point.instance.objective).keys())


def _unit_norms(point: Point) -> Point:
    """The point with unit norms, where these are free: with the norms in the codes it is the L1 problem."""
    if not point.instance.objective.has_free_norms:
        return point
    norms = np.linalg.norm(point.D, axis=0)
    return Point(replace(point.instance, objective=L1), point.D / norms, point.b, point.Z * norms)


def _second_order(point: Point) -> Array | None:
    """The Hessian in the atoms in use and a free bias, with codes that follow; None if these do not follow.

    Atoms move in the tangent spaces of their spheres, d_j → d_j + e_j − ½‖e_j‖² d_j. To second order the loss of a
    sample is then ½ζᵀAζ + ζᵀBθ + ½θᵀCθ in the moves ζ of its codes and θ of atoms and bias, and that of all is
    E[C − BᵀA⁻¹B]. Scaled to curvature 1 of each coordinate at fixed codes.
    """
    i = point.instance
    counts = i.weights > 0
    Z, weights = point.Z[counts], i.weights[counts]
    free = _free_codes(point)
    if free is None:
        return None
    free = free[counts]
    used = np.flatnonzero(free.any(axis=0))
    mask = i.parameters.get("M", np.ones((1, i.k)))
    shared = mask.T @ mask  # in how many prefixes two atoms are together
    R = _residuals(point, mask)[counts]  # (n, k, d)
    tangents = np.stack([_tangent_space(point.D[:, j]) for j in used]) if used.size else np.zeros((0, i.d, i.d - 1))
    coordinates = used.size * (i.d - 1) + (i.d if i.bias else 0)
    if coordinates > LARGEST:
        return np.zeros((coordinates, 0))
    T = np.zeros((used.size, i.d, coordinates))  # atoms and bias as functions of the coordinates
    for place in range(used.size):
        T[place, :, place * (i.d - 1) : (place + 1) * (i.d - 1)] = tangents[place]
    bias = np.zeros((i.d, coordinates))
    if i.bias:
        bias[:, -i.d :] = np.eye(i.d)
    Z, R, D, N = Z[:, used], R[:, used], point.D[:, used], shared[np.ix_(used, used)]
    along = np.einsum("n,nj,njd,dj->j", weights, Z, R, D)
    together = (Z.T * weights) @ Z * N
    fixed = np.einsum("jl,jdp,ldq->pq", together, T, T, optimize=True) + np.einsum("j,jdp,jdq->pq", along, T, T)
    pull = np.einsum("j,jdp->dp", np.diag(N) * (weights @ Z), T)
    fixed += pull.T @ bias + bias.T @ pull + len(mask) * bias.T @ bias
    H, bent = fixed.copy(), _bend(point)[counts][:, used]
    for n, active in enumerate(free[:, used]):
        on = np.flatnonzero(active)
        A = (D[:, on].T @ D[:, on]) * N[np.ix_(on, on)] + np.diag(bent[n, on])
        B = np.einsum("dj,jl,l,ldp->jp", D[:, on], N[on], Z[n], T, optimize=True)
        B += np.diag(N)[on, None] * (D[:, on].T @ bias) - np.einsum("jd,jdp->jp", R[n, on], T[on])
        try:
            factor = np.linalg.cholesky(A)
        except np.linalg.LinAlgError:
            return None
        follows = np.linalg.solve(factor, B)
        H -= weights[n] * follows.T @ follows
    size = np.sqrt(np.diag(fixed))
    if not (size > 0).all():
        return None
    return H / size / size[:, None]


def _free_codes(point: Point) -> Flags | None:
    """The codes that may move at first order for free, (n, k): the active ones, and silent ones that nothing keeps.

    None if one would gain by it.
    """
    i, Z = point.instance, point.Z
    slack = gradient(specialised(i.objective)["code"], symbols(point)).array
    brink = EXACT_ATOMS * (np.linalg.norm(i.x - point.b, axis=1) + i.lam)[:, None]
    may_enter = (Z <= 0) & _has_room(i, Z)[:, None]
    if (may_enter & ~(slack >= -brink)).any():
        return None
    return np.asarray((Z > 0) | (may_enter & (slack <= brink)))


def _has_room(i: Instance, Z: Array) -> Flags:
    """Whether a silent unit of each sample may be switched on by a little, at a price that is finite, (n,)."""
    active = (Z > 0).sum(axis=1)
    match i.objective.limit:
        case Limit.SAMPLE:
            return np.asarray(active < i.parameters["K"])
        case Limit.BATCH:
            return np.full(i.n, active.sum() < i.n * i.parameters["K"])
        case _:
            return np.full(i.n, i.objective.prices_silent_units)


def _residuals(point: Point, mask: Array) -> Array:
    """Of each atom the sum of the residuals of all prefixes that have it, (n, k, d)."""
    y = point.instance.x - point.b
    prefixes = y[:, None] - (point.Z[:, None] * mask) @ point.D.T
    return np.asarray(np.einsum("gk,ngd->nkd", mask, prefixes))


def _tangent_space(atom: Array) -> Array:
    """An orthonormal basis of all directions at right angles to an atom, (d, d − 1)."""
    return np.asarray(np.linalg.svd(atom[None])[2][1:].T)


def _bend(point: Point) -> Array:
    """φ'' of each code, (n, k)."""
    i = point.instance
    names, second = _second_derivative(i.objective)
    values = [i.lam[:, None], *(i.parameters[name] for name in names)]
    on = point.Z > 0
    return np.where(on, second(np.where(on, point.Z, 1.0), *values), 0.0)


@lru_cache(maxsize=64)
def _second_derivative(objective: Objective):  # type: ignore[no-untyped-def]
    """φ'' as a function of z > 0, λ and the objective's own parameters, with the names of these."""
    t = Symbol("t", positive=True)
    names = sorted(objective.parameters - {"K", "M"})
    second = sympify(objective.penalty(t)).diff(t, 2)
    own = {str(symbol): symbol for symbol in second.free_symbols}
    return names, lambdify([t, lam, *(own.get(name, Symbol(name)) for name in names)], second, "numpy")
