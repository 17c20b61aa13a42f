"""Stationary points of every member of the objective family, on small problems, to rounding error.

Method: exact updates in turn (codes by coordinates or by trying every support, each atom as the direction of what it
has to explain, the bias as a mean) until the active sets settle; then Newton's method on the Lagrangian with the active
sets held. There the loss is the theory's own, lowered to torch, and its derivatives come from autograd.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from sympy import Symbol, lambdify, sympify

from checks.errors import BadInput
from checks.evaluation.lowering import SAMPLE, Env, Named, evaluate
from checks.problem.instance import Array, Instance
from checks.solvers.codes.result import Outcome
from checks.solvers.dictionary import joint
from checks.threads import one_thread
from theory.expectation import E
from theory.problem import Limit, Objective, lam

if TYPE_CHECKING:
    import torch

Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]

LARGEST = 10
"""Most atoms accepted where silent units have no price: every support is tried."""

TARGET = 1e-12
"""Norm of the Lagrangian's gradient, relative to the size of the data, at which a point counts as stationary."""

_AT_ONCE = 2**22  # entries of Hessians of codes that are held together
_MOST_ACTIVE = 4  # units of one sample, where their number is not limited by the problem
_SETTLED = 20  # sweeps without a change of the active sets before Newton's method; three times as many if it fails
_SWEEPS, _ROUNDS, _NEWTON, _SCALAR = 500, 6, 15, 12


@dataclass(frozen=True, eq=False)
class Stationary:
    """D (d, k), b (d,), Z (n, k) and the norm of the Lagrangian's gradient there, relative to the size of the data."""

    D: Float[Array, "d k"]
    b: Float[Array, " d"]
    Z: Float[Array, "n k"]
    residual: float
    outcome: Outcome


def stationary(problem: Instance, *, seed: int = 0) -> Stationary:
    """A point at which dictionary, bias and codes of a problem are stationary, and codes the best for their dictionary.

    It starts at an optimum of the L1 problem with the same λ, found with `seed`. Never raises for running out: the
    outcome says so. Raises BadInput if supports would have to be tried for too many atoms.
    """
    if not problem.objective.prices_silent_units and problem.k > LARGEST:
        raise BadInput(f"{problem.objective.name}: every support is tried, for up to {LARGEST} atoms")
    import torch  # noqa: F401 (its threads can be set once it is there)

    with one_thread(problem.n * problem.k):
        return _stationary(problem, seed)


def _stationary(problem: Instance, seed: int) -> Stationary:
    start = joint(problem.x, problem.k, problem.lam, weights=problem.weights, bias=problem.bias, seed=seed)
    D, b, Z = start.D, start.b, start.Z
    norms = np.ones(problem.k)
    if problem.objective.has_free_norms:
        norms = np.random.default_rng(seed).uniform(0.5, 2.0, problem.k)
    residual = np.inf
    for attempt in range(_ROUNDS):
        settled = 0
        for _ in range(_SWEEPS):
            before, Z = (D, b, Z), _codes(problem, D, b, Z)
            D, b = _parameters(problem, D, b, Z)
            settled = settled + 1 if ((before[2] > 0) == (Z > 0)).all() else 0
            if settled == _SETTLED * 3**attempt or all(map(np.array_equal, before, (D, b, Z))):
                break  # nor will another sweep change anything
        Z = _codes(problem, D, b, Z)
        D_new, b_new, Z_new, residual = _newton(problem, D * norms, b, Z / norms)
        unit, codes = D_new / norms, Z_new * norms
        if problem.objective.has_free_norms:
            norms = np.linalg.norm(D_new, axis=0)
            unit, codes = D_new / norms, Z_new * norms
        if residual <= TARGET and (Z_new >= 0).all():
            same = (_codes(problem, unit, b_new, codes) > 0) == (codes > 0)
            if same.all():
                return Stationary(D_new, b_new, Z_new, residual, Outcome.CONVERGED)
            D, b, Z = unit, b_new, codes
    return Stationary(D * norms, b, Z / norms, residual, Outcome.OUT_OF_ITERATIONS)


# --- codes of a dictionary with unit norms ---------------------------------------------------------------------------


def _codes(
    problem: Instance, D: Float[Array, "d k"], b: Float[Array, " d"], Z: Float[Array, "n k"]
) -> Float[Array, "n k"]:
    """The best codes of a dictionary: globally where supports are tried, else unit by unit, starting from Z."""
    if problem.objective.prices_silent_units:
        return _by_coordinates(problem, D, b, Z)
    return _by_supports(problem, problem.x - b, D)


def _mask(problem: Instance) -> Float[Array, "g k"]:
    """Which atoms each prefix of the dictionary has, (g, k); all in one if it is not nested."""
    return problem.parameters.get("M", np.ones((1, problem.k)))


def _residuals(
    problem: Instance, D: Float[Array, "d k"], b: Float[Array, " d"], Z: Float[Array, "n k"]
) -> Float[Array, "n g d"]:
    """The residual of each prefix, (n, g, d)."""
    return (problem.x - b)[:, None] - (Z[:, None] * _mask(problem)) @ D.T


def _by_coordinates(
    problem: Instance, D: Float[Array, "d k"], b: Float[Array, " d"], Z: Float[Array, "n k"]
) -> Float[Array, "n k"]:
    """One round of coordinate descent, each unit at the best of its own values."""
    Z, mask = Z.copy(), _mask(problem)
    price = _penalty(problem)
    for j in range(problem.k):
        times = mask[:, j].sum()  # prefixes that this atom is in
        pull = (_residuals(problem, D, b, Z) @ D[:, j]) @ mask[:, j] + times * Z[:, j]
        Z[:, j] = _best_code(pull, float(times), price, problem.lam)
    return Z


def _best_code(
    pull: Float[Array, " n"], times: float, price: tuple[Callable[..., Array], ...], lam_: Float[Array, " n"]
) -> Float[Array, " n"]:
    """The minimiser over z ≥ 0 of ½mz² − cz + φ(z): 0, or the largest root of the derivative, by Newton from above."""
    value, slope, curvature = price
    z = np.maximum(pull, 0.0) / times
    for _ in range(_SCALAR):
        before = z
        z = np.maximum(z - (times * z - pull + slope(z, lam_)) / np.maximum(times + curvature(z, lam_), 1e-3), 0.0)
        if np.array_equal(z, before):
            break
    return np.where(times * z**2 / 2 - pull * z + value(z, lam_) < 0, z, 0.0)


def _penalty(problem: Instance) -> tuple[Callable[..., Array], ...]:
    """φ, φ' and φ'' as functions of t > 0 and λ."""
    numbers = {name: float(value) for name, value in problem.parameters.items() if value.ndim == 0}
    return _lowered_penalty(problem.objective, tuple(numbers.items()))


@cache
def _lowered_penalty(objective: Objective, numbers: tuple[tuple[str, float], ...]) -> tuple[Callable[..., Array], ...]:
    t = Symbol("t", positive=True)
    phi = sympify(objective.penalty(t))
    named = dict(numbers)
    phi = phi.subs({symbol: named[str(symbol)] for symbol in phi.free_symbols if str(symbol) in named})
    functions = [lambdify((t, lam), phi.diff(t, order)) for order in range(3)]
    return tuple(lambda z, lam_, f=f: np.broadcast_to(f(z, lam_), np.shape(z)) for f in functions)


def _by_supports(problem: Instance, y: Float[Array, "n d"], D: Float[Array, "d k"]) -> Float[Array, "n k"]:
    """The best codes of all supports, as many units active as the objective allows."""
    n, k = problem.n, problem.k
    most = min(k, problem.d, _MOST_ACTIVE)
    if problem.objective.limit is Limit.SAMPLE:
        most = min(most, int(problem.parameters["K"]))
    loss, Z = np.full((n, most + 1), np.inf), np.zeros((n, most + 1, k))  # of the best support of each size
    loss[:, 0] = (y**2).sum(axis=1) / 2
    each = np.arange(n)
    for size in range(1, most + 1):
        supports = np.array(list(combinations(range(k), size)))
        together = max(1, _AT_ONCE // (n * size**2))
        for some in (supports[start : start + together] for start in range(0, len(supports), together)):
            z, value = _on_supports(problem, y, D.T[some])
            best = np.asarray(value.argmin(axis=0))
            better = value[best, each] < loss[:, size]
            loss[better, size] = value[best, each][better]
            Z[better, size] = 0.0
            Z[each[better, None], size, some[best[better]]] = z[best, each][better]
    if problem.objective.limit is Limit.BATCH:
        sizes = _shared(loss, problem.n * int(problem.parameters["K"]))
    else:
        sizes = np.asarray(loss.argmin(axis=1))
    return np.asarray(Z[each, sizes])


def _on_supports(
    problem: Instance, y: Float[Array, "n d"], atoms: Float[Array, "m s d"]
) -> tuple[Float[Array, "m n s"], Float[Array, "m n"]]:
    """Codes with the atoms of each of m supports active, by Newton from least squares, and their loss; infinite where
    there are none."""
    value, slope, curvature = _penalty(problem)
    lam_ = problem.lam[:, None]
    gram = atoms @ atoms.mT
    valid: Flags = np.repeat(~(np.linalg.cond(gram) > 1e12)[:, None], len(y), axis=1)
    gram[~valid[:, 0]] = np.eye(gram.shape[-1])
    pull = y @ atoms.mT
    z = np.linalg.solve(gram, pull.mT).mT
    valid &= (z > 0).all(axis=-1)
    for _ in range(_NEWTON):
        safe = np.where(z > 0, z, 1.0)
        curved = gram[:, None] + np.eye(gram.shape[-1]) * curvature(safe, lam_)[..., None]
        step = np.linalg.solve(curved, (safe @ gram - pull + slope(safe, lam_))[..., None])[..., 0]
        z = safe - step
        valid &= (z > 0).all(axis=-1)
        if not np.abs(step[valid]).max(initial=0.0) > 1e-10:
            break
    z = np.where(valid[..., None], z, 1.0)
    loss = ((y - z @ atoms) ** 2).sum(axis=-1) / 2 + value(z, lam_).sum(axis=-1)
    return np.asarray(z, dtype=np.float64), np.where(valid, loss, np.inf)


def _shared(loss: Float[Array, "n sizes"], budget: int) -> Counts:
    """How many units each sample has so that the sum of losses is least and of numbers is within budget, by recursion.

    loss: (n, sizes) of the best codes of each size. Returns (n,).
    """
    n, sizes = loss.shape
    best, choice = np.zeros(budget + 1), np.zeros((n, budget + 1), dtype=np.int64)
    for i in range(n):
        options = np.full((sizes, budget + 1), np.inf)
        for size in range(min(sizes, budget + 1)):
            options[size, size:] = best[: budget + 1 - size] + loss[i, size]
        choice[i], best = options.argmin(axis=0), options.min(axis=0)
    chosen, left = np.zeros(n, dtype=np.int64), budget
    for i in reversed(range(n)):
        chosen[i] = choice[i, left]
        left -= int(chosen[i])
    return chosen


# --- dictionary and bias of given codes ------------------------------------------------------------------------------


def _parameters(
    problem: Instance, D: Float[Array, "d k"], b: Float[Array, " d"], Z: Float[Array, "n k"]
) -> tuple[Float[Array, "d k"], Float[Array, " d"]]:
    """Each atom in turn as the direction of what it has to explain, then the bias: each step is the best there is."""
    D, mask = D.copy(), _mask(problem)
    for j in range(problem.k):
        weighted = problem.weights * Z[:, j]
        left = _residuals(problem, D, b, Z) + (Z[:, j, None] * mask[:, j])[..., None] * D[:, j]
        explains = np.einsum("n,g,nga->a", weighted, mask[:, j], left)
        length = np.linalg.norm(explains)
        D[:, j] = explains / length if length > 0 else D[:, j]
    if problem.bias:
        b = b + problem.weights @ _residuals(problem, D, b, Z).mean(axis=1)
    return D, b


# --- Newton's method on given active sets ----------------------------------------------------------------------------


def _newton(
    problem: Instance, D: Float[Array, "d k"], b: Float[Array, " d"], Z: Float[Array, "n k"]
) -> tuple[Float[Array, "d k"], Float[Array, " d"], Float[Array, "n k"], float]:
    """Stationary D, b and active codes near the given ones, with the norm of the Lagrangian's gradient."""
    import torch

    n, d, k = problem.n, problem.d, problem.k
    active = torch.as_tensor(Z > 0)
    constants = {
        "x": Named(torch.as_tensor(problem.x), (SAMPLE,)),
        "lambda": Named(torch.as_tensor(problem.lam), (SAMPLE,)),
        "on": Named(active.double(), (SAMPLE,)),
        **{name: Named(torch.as_tensor(value)) for name, value in problem.parameters.items()},
    }
    mean_loss = E(problem.objective.specialise(problem.objective.loss()))
    sizes = {"d": d, "k": k, "g": len(_mask(problem))}
    free = [int(active.sum()), d * k, d if problem.bias else 0, 0 if problem.objective.has_free_norms else k]

    def parts(v: torch.Tensor) -> tuple[torch.Tensor, ...]:
        codes, atoms, bias, nu = torch.split(v, free)
        z = torch.zeros(n, k, dtype=v.dtype).masked_scatter(active, codes)
        return z, atoms.reshape(d, k), bias if problem.bias else torch.zeros(d, dtype=v.dtype), nu

    def lagrangian(v: torch.Tensor) -> torch.Tensor:
        z, atoms, bias, nu = parts(v)
        arrays = {**constants, "z": Named(z, (SAMPLE,)), "D": Named(atoms), "b": Named(bias)}
        env = Env(arrays, sizes, torch.as_tensor(problem.weights), einsum=torch.einsum)
        loss = evaluate(mean_loss, env).array
        return loss if problem.objective.has_free_norms else loss + nu @ ((atoms**2).sum(0) - 1) / 2

    size = float(np.abs(problem.x).max()) ** 2 or 1.0
    start = [Z[Z > 0], D.ravel(), b if problem.bias else np.zeros(0), np.zeros(free[3])]
    v = torch.as_tensor(np.concatenate(start))
    gradient = torch.func.grad(lagrangian)
    if free[3]:
        v[-k:] = -(parts(gradient(v))[1] * parts(v)[1]).sum(0)  # least-squares multipliers of the norms
    norm = float(gradient(v).norm()) / size
    for _ in range(_NEWTON):
        hessian = torch.autograd.functional.hessian(lagrangian, v, vectorize=True)
        steps = ((step, float(gradient(v - step).norm()) / size) for step in _steps(hessian, gradient(v)))
        step, shorter = next((found for found in steps if found[1] < norm), (None, norm))
        if step is None:
            break
        v, norm = v - step, shorter
    z, atoms, bias, _ = (part.numpy() for part in parts(v))
    return atoms, bias, z, norm


def _steps(hessian: torch.Tensor, gradient: torch.Tensor) -> Iterator[torch.Tensor]:
    """Newton's step, of least length where the Hessian is singular, and ever more cautious ones."""
    import torch

    values, axes = torch.linalg.eigh(hessian)
    along, largest = axes.T @ gradient, values.abs().max()
    for damping in (1e-12, 1e-8, 1e-6, 1e-4, 1e-2):
        yield axes @ (along * values / (values**2 + (damping * largest) ** 2))
