"""Points that satisfy every assumption but one, built from the solution backwards.

D, b, Z and λ are drawn; the data are x = b + Dz + r. Given those, every stationarity condition is affine in the
residual r and the atoms' multipliers ν (that of the encoder's weights is quadratic), so that residuals which satisfy
exactly the wanted conditions are the solutions of a linear program. A random vertex of it breaks whatever is not among
its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from sympy import Expr, Symbol, lambdify

from checks.evaluation.lowering import SAMPLE, Env, Named, evaluate, order
from checks.evaluation.quantifiers import PROBE, PROBES
from checks.evaluation.symbols import environment
from checks.instances.assumptions import NONE, Assumption, Penalty
from checks.judging.subjects import JOINTLY_OPTIMAL
from checks.problem.instance import Array, instance
from checks.problem.point import Point
from theory.derive import PREMISES
from theory.expectation import SampledBase
from theory.problem import ELASTIC_NET, L1, LOG, Objective, gamma, marginal
from theory.problem import lam as lambda_

Flags = NDArray[np.bool_]


# --- draws -----------------------------------------------------------------------------------------------------------

DRAWS = 30
SIZES = ((4, 2, 2), (6, 2, 2), (8, 2, 3), (10, 2, 3), (12, 3, 3), (16, 3, 4))  # (n, d, k), smallest first
ENCODER_SAMPLES = 8  # more of them where an encoder adds its own conditions
KINDS = ("general", "nested", "compatible", "antipodal")  # the first two atoms' supports and angle
CURVED = (ELASTIC_NET, LOG)  # a penalty that gets steeper and one that gets flatter
GAMMA = 0.5  # weight of the square in the elastic net


@dataclass(frozen=True, eq=False)
class Draw:
    """All of a point but its residuals, and what one more unit of each activation costs: φ'(z), (n, k)."""

    D: Array
    b: Array
    Z: Array
    lam: float
    price: Array

    @property
    def active(self) -> Flags:
        return self.Z != 0


def draw_without(assumption: Assumption, rng: np.random.Generator, number: int, draws: int) -> Draw:
    """A random dictionary with sparse codes, larger with its number, and often with two atoms of a special kind."""
    n, d, k = SIZES[number * len(SIZES) // draws]
    density = rng.uniform(0.3, 0.8)
    if assumption.leaves_an_encoder:
        n, density = n + ENCODER_SAMPLES, 0.75
    D = rng.standard_normal((d, k))
    D /= np.linalg.norm(D, axis=0)
    if "unit" in assumption.conditions:
        D *= rng.uniform(0.5, 1.5, k)
    Z = rng.uniform(0.2, 2.0, (n, k)) * (rng.random((n, k)) < density)
    if assumption.without is Penalty.SIGNED:
        Z *= rng.choice([-1.0, 1.0], (n, k))
    b = rng.standard_normal(d) * ("bias" not in assumption.conditions)
    lam = rng.uniform(0.2, 1.0)
    curved = CURVED[rng.integers(len(CURVED))]
    kind = KINDS[number % len(KINDS)]
    if kind in ("nested", "compatible"):
        Z[:, 0] *= Z[:, 1] != 0
    if kind == "antipodal":
        Z[:, 0] *= Z[:, 1] == 0
    price = _price(Z, lam, assumption.without, curved)
    if kind == "antipodal":
        _aim(D, -1.0)
    if kind == "compatible":
        _aim(D, _implied_cosine(Z, price))
    return Draw(D, b, Z, lam, price)


def _implied_cosine(Z: Array, price: Array) -> float:
    """The cosine at which the first atom can imply the second (K2): 1 for L1, so that they are the same."""
    alone = (price[:, 0] * Z[:, 0]).sum()
    return float((price[:, 1] * Z[:, 0]).sum() / alone) if alone > 0 else 1.0


def _aim(D: Array, cosine: float) -> None:
    """Set the cosine of the first two atoms, unless there is no such or the atoms would no longer span the data."""
    d, k = D.shape
    if abs(cosine) > 1 or (abs(cosine) == 1 and k <= d):
        return
    length = np.linalg.norm(D[:, 1])
    along = D[:, 1] / length
    across = D[:, 0] - along * (along @ D[:, 0])
    across /= np.linalg.norm(across)
    D[:, 0] = cosine * D[:, 1] + length * np.sqrt(1 - cosine**2) * across


def _price(Z: Array, lam: float, penalty: Penalty, curved: Objective) -> Array:
    """φ'(z), and φ'(0⁺) of a unit that is off."""
    match penalty:
        case Penalty.L1:
            return np.full(Z.shape, lam)
        case Penalty.SIGNED:
            return np.where(Z < 0, -lam, lam)
        case Penalty.CURVED:
            return np.broadcast_to(_slope(curved)(Z, lam, GAMMA), Z.shape)


@cache
def _slope(objective: Objective) -> Callable[[Array, float, float], Array]:
    t = Symbol("t", nonnegative=True)
    return lambdify((t, lambda_, gamma), objective.penalty(t).diff(t))


PRICE = SampledBase("price", real=True)


@dataclass(frozen=True)
class _Priced(Objective):
    """The objective whose φ' is given by its values."""

    def specialise(self, expr: Expr) -> Expr:
        return expr.replace(marginal, lambda value: PRICE[value.indices])


PRICED = _Priced("given by φ'", L1.penalty)


# --- residuals that satisfy the conditions ---------------------------------------------------------------------------

STEP = "step"
BOXES = (0.5, 4.0)  # between these lies the largest entry of the residuals
SOLVED = 1e-13
NEARLY_TIGHT = 1e-6
ITERATIONS = 14
ATTEMPTS = 12


@dataclass(frozen=True, eq=False)
class Solution:
    """A point that satisfies what it should, with the number of its draw and the values of all symbols there."""

    point: Point
    draw: int
    price: Array = field(repr=False)

    @property
    def env(self) -> Env:
        return _environment(self)


def solutions(
    assumption: Assumption = NONE,
    *,
    seed: int = 0,
    draws: int = DRAWS,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Iterator[Solution]:
    """Points at which all assumptions hold but one, smallest first: those of the draws that have any."""
    for number in range(draws):
        progress(number / draws)
        solved = _solution(assumption, seed, number, draws)
        if solved is not None:
            yield solved


@cache
def _solution(assumption: Assumption, seed: int, number: int, draws: int) -> Solution | None:
    """The first of a few attempts whose conditions can be satisfied; None if there is none."""
    for attempt in range(ATTEMPTS):
        rng = np.random.default_rng([seed, number, attempt])
        draw = draw_without(assumption, rng, number, draws)
        r = residuals(draw, JOINTLY_OPTIMAL - assumption.conditions, rng)
        if r is not None:
            return _as_solution(draw, r, assumption, f"draw {number} of seed {seed}", number)
    return None


def _as_solution(draw: Draw, r: Array, assumption: Assumption, name: str, number: int) -> Solution:
    x = draw.b + draw.Z @ draw.D.T + r
    free_bias = "bias" not in assumption.conditions
    problem = instance(x, draw.D.shape[1], draw.lam, bias=free_bias, name=name)
    return Solution(Point(problem, draw.D, draw.b, draw.Z), number, draw.price)


def _environment(solved: Solution) -> Env:
    """The symbols at a point, with the multipliers and active units of its own penalty."""
    point = solved.point
    env = environment(point)
    left = solved.price - point.residual @ point.D
    active = point.Z != 0
    values = {
        "price": Named(solved.price, (SAMPLE,)),
        "mu": Named(np.maximum(left, 0.0), (SAMPLE,)),
        "on": Named(1.0 * active, (SAMPLE,)),
        "off": Named(1.0 * ~active, (SAMPLE,)),
        "z_dot": Named(_motion(active), (SAMPLE, PROBE)),
    }
    return replace(env, arrays={**env.arrays, **values})


def _motion(active: Flags) -> Array:
    """Random motions of the active codes: (n, PROBES, k)."""
    return np.random.default_rng(0).standard_normal((len(active), PROBES, active.shape[1])) * active[:, None]


def residuals(draw: Draw, conditions: Collection[str], rng: np.random.Generator) -> Array | None:
    """Residuals r (n, d) at a random vertex of those that satisfy the conditions; None if there are none."""
    system = _System(draw, frozenset(conditions))
    # With so few samples an encoder has no choice but their optimal codes.
    enough = 1 if system.is_affine else len(draw.D) + 3
    if draw.active.sum(axis=0).min() < enough:
        return None
    vertex = _vertex(system, rng)
    return None if vertex is None else _polished(system, vertex)


@dataclass(frozen=True, eq=False)
class _System:
    """The conditions as functions of t = (r, ν), entry by entry: some vanish, some are nonnegative."""

    draw: Draw
    conditions: frozenset[str]

    @property
    def size(self) -> int:
        n, k = self.draw.Z.shape
        return n * self.draw.D.shape[0] + k

    @property
    def rows(self) -> tuple[str, ...]:
        """Conditions that have rows of their own: optimal codes are stationary along every encoder already."""
        codes = ("code",) if "code" in self.conditions else ("scale", "enc_b", "enc_w")
        return tuple(name for name in (*codes, "atom", "bias") if name in self.conditions)

    @property
    def is_affine(self) -> bool:
        return "enc_w" not in self.rows

    def linearised(self, t: Array) -> tuple[Array, Array, Flags]:
        """Values at t, their derivatives, and which of them may be positive."""
        value, slope, loose = self._affine
        value = value + slope @ t
        if self.is_affine:
            return value, slope, loose
        curved_value, curved_slope = self._differences("enc_w", t)
        exact = np.zeros(len(curved_value), dtype=bool)
        return np.append(value, curved_value), np.vstack([slope, curved_slope]), np.append(loose, exact)

    @cached_property
    def _affine(self) -> tuple[Array, Array, Flags]:
        """Values at t = 0 and derivatives of all rows that are affine, and which of them may be positive."""
        names = [name for name in self.rows if name != "enc_w"]
        parts = [self._differences(name, np.zeros(self.size)) for name in names]
        # A unit that is off may have slack; all else vanishes.
        loose = [
            ~self.draw.active.ravel() if name == "code" else np.zeros(len(value), dtype=bool)
            for name, (value, _) in zip(names, parts, strict=True)
        ]
        values, slopes = zip(*parts, strict=True)
        return np.concatenate(values), np.vstack(slopes), np.concatenate(loose)

    def _differences(self, name: str, t: Array) -> tuple[Array, Array]:
        """One condition at t and its derivative: none exceeds degree two, so that central differences are exact."""
        eye = np.eye(self.size)
        values = self._values(name, t + np.concatenate([0 * eye[:1], eye, -eye]))
        ahead, behind = values[1 : self.size + 1], values[self.size + 1 :]
        return values[0], (ahead - behind).T / 2

    def _values(self, name: str, steps: Array) -> Array:
        """One condition at several t: (steps, entries)."""
        (n, k), d = self.draw.Z.shape, self.draw.D.shape[0]
        r = steps[:, :-k].reshape(-1, n, d).swapaxes(0, 1)
        arrays = {
            "D": Named(self.draw.D),
            "b": Named(self.draw.b),
            "z": Named(self.draw.Z, (SAMPLE,)),
            "price": Named(self.draw.price, (SAMPLE,)),
            # What is left of a unit without its multiplier is its slack.
            "mu": Named(np.zeros((n, k)), (SAMPLE,)),
            "on": Named(1.0 * self.draw.active, (SAMPLE,)),
            "r": Named(r, (SAMPLE, STEP)),
            "x": Named(r + (self.draw.b + self.draw.Z @ self.draw.D.T)[:, None], (SAMPLE, STEP)),
            "nu": Named(steps[:, -k:], (STEP,)),
        }
        env = Env(arrays, {"d": d, "k": k}, np.full(n, 1 / n))
        premise = PREMISES[name]
        value = evaluate(_priced(name), env)
        own = tuple(str(index) for index in premise.indices)
        sampled = (SAMPLE,) if SAMPLE in value.axes else ()
        return np.asarray(order(value, (STEP, *sampled, *own), env).array).reshape(len(steps), -1)


@cache
def _priced(name: str) -> Expr:
    return PRICED.specialise(PREMISES[name].residual)


def _vertex(system: _System, rng: np.random.Generator) -> Array | None:
    """A random vertex of the conditions; None if there is none. Where they are not affine, just a random point."""
    k = system.draw.Z.shape[1]
    box = np.exp(rng.uniform(*np.log(BOXES)))
    goal = rng.standard_normal(system.size - k)
    if not (system.rows and system.is_affine):
        return np.append(box * np.sign(goal), np.zeros(k))
    value, slope, loose = system.linearised(np.zeros(system.size))
    found = linprog(
        np.append(goal, np.zeros(k)),
        A_ub=-slope[loose],
        b_ub=value[loose],
        A_eq=slope[~loose],
        b_eq=-value[~loose],
        bounds=[(-box, box)] * (system.size - k) + [(None, None)] * k,
        method="highs",
    )
    return found.x if found.status == 0 else None


def _polished(system: _System, t: Array) -> Array | None:
    """Residuals on the conditions to rounding, by Newton steps of least length; None if they lead nowhere.

    What is nearly tight is made tight, so that a vertex does not end up a rounding error outside.
    """
    if not system.rows:
        return _residual_of(system, t)
    tight: Flags | None = None
    for _ in range(ITERATIONS):
        value, slope, loose = system.linearised(t)
        if tight is None:
            tight = ~loose | (value < NEARLY_TIGHT)
        if np.abs(value[tight]).max() < SOLVED:
            inside = bool((value[loose & ~tight] > 0).all())
            return _residual_of(system, t) if inside else None
        t = t - np.linalg.lstsq(slope[tight], value[tight], rcond=1e-10)[0]
    return None


def _residual_of(system: _System, t: Array) -> Array:
    n, k = system.draw.Z.shape
    return t[:-k].reshape(n, -1)
