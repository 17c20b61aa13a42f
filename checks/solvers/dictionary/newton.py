"""Joint optima: dictionary, decoder bias and codes that are stationary together, to rounding error.

The codes are eliminated. With exact codes, f(D, b) = min over Z ≥ 0 of F(D, b, Z) is differentiable wherever they are
unique and its gradient is −E[r zᵀ] (Danskin; Mairal et al. 2010, prop. 2). Alternating minimisation finds a basin; a
trust-region Newton method on the product of spheres (Absil, Baker, Gallivan 2007), its Hessian taken with the supports
held fixed (a semismooth Newton method), then converges superlinearly. Atoms are unit vectors throughout.

Two detours shorten the way. Far from an optimum a subset of the samples shows where to go as well as all do; it grows
until the gradient on it is no more than chance. And small penalties are reached through larger ones.

All of it but codes and supports serves torch tensors too, for which `checks.solvers.dictionary.tensors` has these.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.linalg import LinearOperator, eigsh

from checks.errors import BadInput
from checks.problem.arrays import is_tensor
from checks.problem.instance import Array, instance, samples
from checks.solvers.codes.active_set import kernel, sizes, solve_in_place, subtract_rows
from checks.solvers.codes.result import Outcome
from checks.solvers.dictionary.result import TARGET, Joint, Progress, Search
from checks.threads import one_thread

_AIM = 0.2 * TARGET  # a little below what is asked, for those who measure it in other ways
_WARM_UP = 30  # alternating steps before Newton: enough to leave the region where supports change all the time
_COARSE = 8  # samples per atom in the smallest subset on which the first steps are taken
_FINER = 3  # each subset is so many times the one before
_FAILURES = 8  # rejected steps in a row, each with a quarter of the radius of the last, after which none will do
_HEAVY = 0.1  # mean penalty, in units of the largest entry of the data, above which supports are small
_FAR = 0.15  # root mean square movement of atoms after which so many codes have changed that they are a poor start
_DENSE = 4  # pairs of atoms per active code, up to which a matrix over pairs is cheap next to products with the Hessian
_RIDGE = 0.1  # relative: keeps that matrix well-conditioned where atoms are always active together
_NEAR = 0.5  # stationarity at which a larger subset takes over


def joint_of_arrays(
    x: ArrayLike, k: int, lam: ArrayLike, weights: ArrayLike | None, bias: bool, start: Any, search: Search
) -> Joint[Array]:
    """`joint` of arrays."""
    problem, scale = _scaled(x, k, lam, weights, bias)
    with one_thread(len(problem.w) * k):
        return minimum(problem, scale, k, start, search)


def minimum(problem: _Problem, scale: float, k: int, start: Any, search: Search) -> Joint[Any]:
    """`joint` of a checked problem in units of `scale`."""
    max_iterations, progress = search.max_iterations, search.progress
    best: tuple[_State, Outcome] | None = None
    for restart in range(1 if start is not None else search.restarts):
        rng = np.random.default_rng([search.seed, restart])
        D, b = _first(problem, k, rng) if start is None else _given(start, problem, k, scale)
        sweeps = _WARM_UP if start is None else 0
        stages = [*_heavier(problem), problem] if start is None else [problem]
        for part in _subsets(stages[0], k, rng) if max_iterations else ():
            state = _alternate(part, part.at(D, b), sweeps)
            if sweeps or not _by_chance(part, state):
                state, _ = _newton(part, state, max_iterations, _NEAR)
                D, b, sweeps = state.D, state.b, min(sweeps, 1)
        for stage in stages:
            state = _alternate(stage, stage.at(D, b), sweeps)
            told = progress if stage is problem else None
            state, outcome = _newton(stage, state, max_iterations, _AIM, scale, told)
            D, b, sweeps = state.D, state.b, 0
        if outcome is not Outcome.CONVERGED:
            state, outcome = _merge(problem, state, outcome, max_iterations, scale, progress)
        if best is None or state.f < best[0].f:
            best = state, outcome
    assert best is not None
    state, outcome = best
    if outcome is not Outcome.CONVERGED and not problem.penalty > 0:
        outcome = Outcome.NOT_ATTAINED
    return Joint(state.D, state.b * scale, state.Z * scale, state.f * scale * scale, state.stationarity, outcome)


@dataclass(frozen=True, eq=False)
class _Active:
    """The codes z that are not zero and their atoms, one sample after the other: sample i's begin at begin[i]. With
    them, sums over codes cost what these few cost.
    """

    begin: NDArray[np.int64]
    atoms: NDArray[np.int64]
    z: Array


@dataclass(frozen=True, eq=False)
class _State:
    """A dictionary and bias with their exact codes, and the Riemannian gradient there."""

    D: Array
    b: Array
    Z: Array
    active: _Active
    r: Array
    f: float
    slope: Array  # E[λ z_j] (k,): how strongly the norm constraint of each atom pulls
    curvature: Array  # E[z_j²] + E[λ z_j] (k,): of each atom on its own, at fixed codes
    gradient: tuple[Array, Array]
    stationarity: float


@dataclass(frozen=True, eq=False)
class _Problem:
    """The samples with their penalties and weights, scaled to size 1."""

    x: Array
    lam: Array
    w: Array
    bias: bool

    @property
    def penalty(self) -> float:
        return float(self.w @ self.lam)

    def part(self, rows: NDArray[np.intp]) -> _Problem:
        """The problem of these samples alone."""
        return replace(self, x=self.x[rows], lam=self.lam[rows], w=self.w[rows] / self.w[rows].sum())

    def codes(self, y: Array, D: Array, near: Array | None) -> Array:
        """Exact codes of the samples without the bias."""
        Z = np.zeros((y.shape[0], D.shape[1])) if near is None else near.copy()
        solve_in_place(y, D, self.lam, sizes(y, self.lam), Z, cold=near is None)
        return Z

    def supports(self, state: _State) -> Any:
        """What takes directions to the derivative of −(E[rzᵀ], E[r]) along them, with the codes following."""
        return _Factors(state, self.w)

    def second_moments(self, state: _State) -> Array | None:
        """E[zzᵀ] (k, k), where it is cheap next to products with the Hessian."""
        active, k = state.active, state.D.shape[1]
        if k * k > _DENSE * active.z.size:
            return None
        A = np.zeros((k, k))
        _add_second_moments(active.begin, active.atoms, active.z, self.w, A)
        return A

    def measured(self, y: Array, D: Array, Z: Array) -> tuple[Any, Array, Array, Array, Array]:
        """The active codes, the residuals r, the loss of every sample, E[r zᵀ], and E[λz], E[z] and E[z²] as rows."""
        active, atoms, r = _Active(*_nonzero(Z)), np.ascontiguousarray(D.T), y.copy()
        loss, pull, moments = np.empty(r.shape[0]), np.zeros(atoms.shape), np.zeros((3, D.shape[1]))
        _measure(active.begin, active.atoms, active.z, atoms, self.lam, self.w, r, loss, pull, moments)
        return active, r, loss, pull.T, moments

    def at(self, D: Array, b: Array, before: _State | None = None) -> _State:
        """Solve for the codes, starting from those before if that dictionary is near, and measure."""
        if before is not None and float(_like(D).linalg.norm(D - before.D)) > _FAR * D.shape[1] ** 0.5:
            before = None
        y = self.x - b
        Z = self.codes(y, D, None if before is None else before.Z)
        active, r, loss, pull, (slope, mean, square) = self.measured(y, D, Z)
        gradient_D = D * (D * pull).sum(axis=0) - pull
        gradient_b = -(self.w @ r) if self.bias else 0.0 * b
        stationarity = self._stationarity(D, self.w @ r, pull, slope, mean)
        f = float(self.w @ loss)
        return _State(D, b, Z, active, r, f, slope, slope + square, (gradient_D, gradient_b), stationarity)

    @property
    def spread(self) -> float:
        """The root mean square of ‖x − E x‖."""
        return float(self.w @ ((self.x - self.w @ self.x) ** 2).sum(axis=1)) ** 0.5

    def _stationarity(self, D: Array, drift: Array, pull: Array, slope: Array, mean: Array) -> float:
        """The largest relative residual of all atoms, and of the bias with drift = E[r]."""
        norm = _like(D).linalg.norm
        size = slope + (slope == 0) * mean
        live = size > 0
        worst = norm(pull - slope * D, axis=0)[live] / size[live]
        off = float(norm(drift)) / (self.spread or 1.0) if self.bias else 0.0
        return float(np.max(worst.tolist(), initial=off))


def _scaled(x: ArrayLike, k: int, lam: ArrayLike, weights: ArrayLike | None, bias: bool) -> tuple[_Problem, float]:
    """The checked problem in units in which its largest entry is 1, and that unit."""
    given = instance(x, k, lam, weights=weights, bias=bias, name="x")
    scale = max(float(np.abs(given.x).max()), float(given.lam.max())) or 1.0
    return _Problem(given.x / scale, given.lam / scale, given.weights, bias), scale


def _unit(D: Array) -> Array:
    return D / _like(D).linalg.norm(D, axis=0)


def _like(values: Array) -> Any:
    """The library of an array or tensor: numpy or torch, which have many functions in common."""
    return sys.modules["torch"] if is_tensor(values) else np


# --- where to begin ------------------------------------------------------------------------------------------------


def _first(problem: _Problem, k: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Atoms along randomly drawn samples, slightly off them."""
    xp = _like(problem.x)
    b = problem.w @ problem.x if problem.bias else 0.0 * problem.x[0]
    y = problem.x - b
    size = xp.linalg.norm(y, axis=1)
    usable = np.flatnonzero(((size > 0) & (problem.w > 0)).tolist())
    D = xp.asarray(rng.standard_normal((y.shape[1], k)), device=y.device)
    if usable.size:
        drawn = rng.choice(usable, size=k, replace=usable.size < k)
        D = (y[drawn] / size[drawn, None]).T + 0.1 * _unit(D)
    return _unit(D), b


def _given(
    start: ArrayLike | tuple[ArrayLike, ArrayLike], problem: _Problem, k: int, scale: float
) -> tuple[Array, Array]:
    D, b = start if isinstance(start, tuple) else (start, np.zeros(problem.x.shape[1]))
    D, b = samples(D, "start"), np.asarray(b, dtype=np.float64) / scale
    if D.shape != (problem.x.shape[1], k) or b.shape != D.shape[:1]:
        raise BadInput(f"start has shapes {D.shape} and {b.shape}, expected {(problem.x.shape[1], k)} and its rows")
    if not (np.linalg.norm(D, axis=0) > 0).all() or not np.isfinite(b).all():
        raise BadInput("start: every atom needs a direction and b must be finite")
    xp, device = _like(problem.x), problem.x.device
    return _unit(xp.asarray(D, device=device)), xp.asarray(b, device=device)


def _subsets(problem: _Problem, k: int, rng: np.random.Generator) -> list[_Problem]:
    """Random subsets of the samples, the smallest first: far from an optimum they show the way as well as all do."""
    counted = rng.permutation(np.flatnonzero(problem.w.tolist()))
    sizes: list[int] = []
    while (size := counted.size // _FINER ** (len(sizes) + 1)) >= _COARSE * k:
        sizes.append(size)
    return [problem.part(np.sort(counted[:size])) for size in reversed(sizes)]


def _heavier(problem: _Problem) -> list[_Problem]:
    """The problem with larger penalties, the largest first: near λ = 0 supports change too often to start there."""
    factors = [10.0]
    while factors[-1] * problem.penalty < _HEAVY and problem.penalty > 0:
        factors.append(10.0 * factors[-1])
    return [replace(problem, lam=factor * problem.lam) for factor in reversed(factors[:-1])]


def _by_chance(problem: _Problem, state: _State) -> bool:
    """Is the gradient no larger than drawing the samples would make it at a point where its expectation is zero?"""
    gradient = sum(float((g * g).sum()) for g in state.gradient)
    codes = (state.Z * state.Z).sum(axis=1) + problem.bias
    return gradient <= float(problem.w**2 @ ((state.r * state.r).sum(axis=1) * codes))


def _alternate(problem: _Problem, state: _State, sweeps: int) -> _State:
    """Alternating minimisation: exact codes, then one exact sweep over the atoms and the bias."""
    for _ in range(sweeps):
        b = state.b + problem.w @ state.r if problem.bias else state.b
        wZ = problem.w[:, None] * state.Z
        A, B = state.Z.T @ wZ, (problem.x - b).T @ wZ
        D = _copy(state.D)
        for j in range(D.shape[1]):
            target = B[:, j] - D @ A[:, j] + A[j, j] * D[:, j]
            size = (target @ target) ** 0.5
            unused = size == 0  # then so is the target, and the atom stays
            D[:, j] = (target + unused * D[:, j]) / (size + unused)
        _revive(problem, state, D)
        state = problem.at(D, b, state)
    return state


def _revive(problem: _Problem, state: _State, D: Array) -> None:
    """Point unused atoms along the largest residuals: where ‖r‖ > λ this lowers the objective."""
    xp, dead = _like(D), np.flatnonzero((~state.Z.any(axis=0)).tolist())
    size = xp.linalg.norm(state.r, axis=1)
    gain = problem.w * (size - problem.lam).clip(0.0) ** 2
    for j, i in zip(dead, xp.argsort(-gain, stable=True)[: dead.size]):
        if gain[i] > 0:
            D[:, j] = state.r[i] / size[i]


def _copy(D: Array) -> Array:
    return _like(D).asarray(D, copy=True)


# --- is it a minimum? ------------------------------------------------------------------------------------------------


def smallest_curvature(
    x: ArrayLike,
    D: ArrayLike,
    lam: ArrayLike,
    *,
    b: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    bias: bool = False,
) -> float:
    """Smallest eigenvalue of the Hessian of f(D, b) = min over Z of F on the tangent space of the spheres.

    Relative to the curvature E[z_j²] + E[λz_j] of each atom at fixed codes, so a pure number: at a stationary point
    where no inactive code sits on the brink (d_j·r = λ), > 0 proves a strict local minimum and < 0 disproves one. A
    zero is the mark of a symmetry. Unused atoms are left out. Shapes as in `joint`; raises BadInput likewise.
    """
    D = samples(D, "D")
    k = D.shape[1]
    problem, scale = _scaled(x, k, lam, weights, bias)
    D, b = _given((D, np.zeros(D.shape[0]) if b is None else b), problem, k, scale)
    model = _Model(problem, problem.at(D, b))
    free = int(model.live.sum()) * D.shape[0] + (D.shape[0] if bias else 0)
    if free == 0:
        return 1.0
    if free <= 400:
        return float(np.linalg.eigvalsh(np.stack([model.scaled_hessian(e, bias) for e in np.eye(free)]))[0])
    operator = LinearOperator((free, free), matvec=lambda v: model.scaled_hessian(v, bias), dtype=np.float64)
    start = np.random.default_rng(0).standard_normal(free)
    return float(eigsh(operator, k=1, which="SA", v0=start, return_eigenvectors=False, tol=1e-6)[0])


# --- trust-region Newton -------------------------------------------------------------------------------------------

_Tangent = tuple[Array, Array]


def _newton(
    problem: _Problem,
    state: _State,
    max_iterations: int,
    aim: float,
    scale: float = 1.0,
    progress: Progress | None = None,
    accepted: Callable[[_State], None] | None = None,
) -> tuple[_State, Outcome]:
    """Newton's method with a trust region, from state to the stationarity `aim`, or as far as it gets."""
    radius = 0.1 * (2.0 * state.f) ** 0.5
    failures = 0
    for iteration in range(max_iterations):
        if state.stationarity <= aim or failures > _FAILURES:
            break
        model = _Model(problem, state)
        step, promised, length = model.minimise(radius)
        D = _unit(state.D + step[0])
        trial = problem.at(D, state.b + step[1], state)
        gained = _decrease(state, trial, step)
        ratio = gained / promised if promised > 0 else -1.0
        if ratio < 0.25:
            radius = 0.25 * length
        elif ratio > 0.75 and length == radius:
            radius = 2.0 * radius
        if ratio > 0.05:
            state, failures = trial, 0
            if accepted is not None:
                accepted(state)
        else:
            failures += 1
        if progress is not None:
            progress(iteration, state.f * scale * scale, state.stationarity)
    if state.stationarity <= max(aim, TARGET):
        return state, Outcome.CONVERGED
    return state, Outcome.STALLED if failures > _FAILURES else Outcome.OUT_OF_ITERATIONS


def _merge(
    problem: _Problem, state: _State, outcome: Outcome, max_iterations: int, scale: float, progress: Progress | None
) -> tuple[_State, Outcome]:
    """Atoms that converge to the same ray make the Hessian singular: put them on it, and try again."""
    D, xp = _copy(state.D), _like(state.D)
    for j, l in xp.argwhere(xp.triu(D.T @ D, 1) > 1.0 - 1e-8):
        D[:, l] = D[:, j]
    if (D == state.D).all():
        return state, outcome
    merged, ended = _newton(problem, problem.at(D, state.b, state), max_iterations, _AIM, scale, progress)
    better = merged.stationarity < state.stationarity and merged.f <= state.f * (1.0 + 1e-12)
    return (merged, ended) if better else (state, outcome)


def _decrease(state: _State, trial: _State, step: _Tangent) -> float:
    """f(state) − f(trial). Where the values agree to rounding, the trapezoidal rule on the gradients still resolves it
    (Hager and Zhang 2005)."""
    plain = state.f - trial.f
    if abs(plain) > 1e-9 * state.f:
        return plain
    middle = [0.5 * (g + h) for g, h in zip(state.gradient, trial.gradient)]
    return -sum(float((m * s).sum()) for m, s in zip(middle, step))


class _Model:
    """The quadratic model of f at a state, with all supports held fixed."""

    def __init__(self, problem: _Problem, state: _State) -> None:
        self.problem, self.state = problem, state
        self.supports = problem.supports(state)
        self.live = state.curvature > 0
        self.curvature = state.curvature + ~self.live
        self.inverse = self._fixed_codes_inverse()

    def _fixed_codes_inverse(self) -> Array | None:
        """About (E[zzᵀ] + diag E[λz])⁻¹: with the codes fixed, that is the Hessian on every coordinate of the atoms."""
        A, root, xp = self.problem.second_moments(self.state), self.curvature**0.5, _like(self.curvature)
        if A is None:
            return None
        A = A / root / root[:, None] + xp.diag(self.state.slope / self.curvature + _RIDGE)
        inverse: Array = xp.linalg.inv(A) / root / root[:, None]
        return inverse

    def hessian(self, v: _Tangent) -> _Tangent:
        """Derivative of the Riemannian gradient along v."""
        s = self.state
        H, h = self.supports.curve(v)
        H -= s.D * (s.D * H).sum(axis=0)
        H += s.slope * v[0]
        return H, (h if self.problem.bias else 0.0 * h)

    def scaled_hessian(self, v: Array, bias: bool) -> Array:
        """The Hessian relative to the curvature of each atom, on coordinates of the live atoms and a free bias.

        Directions off the tangent space, which cannot be the lowest, get the eigenvalue 10.
        """
        d, live = self.state.D.shape[0], int(self.live.sum())
        root, D = np.sqrt(self.curvature[self.live]), self.state.D[:, self.live]
        V, c = v[: d * live].reshape(d, live), v[d * live :] if bias else np.zeros(d)
        normal = D * (D * V).sum(axis=0)
        spread = np.zeros_like(self.state.D)
        spread[:, self.live] = (V - normal) / root
        H, h = self.hessian((spread, c))
        return np.concatenate([(H[:, self.live] / root + 10.0 * normal).ravel(), h if bias else np.empty(0)])

    def precondition(self, v: _Tangent) -> _Tangent:
        if self.inverse is None:
            return v[0] / self.curvature, v[1]
        V, D = v[0] @ self.inverse, self.state.D
        return V - D * (D * V).sum(axis=0), v[1]

    def minimise(self, radius: float) -> tuple[_Tangent, float, float]:
        """Steihaug's truncated conjugate gradients: a step, the decrease it promises, and its length: radius at most.

        Lengths are in the metric of the preconditioner, where recurrences give them (Conn, Gould, Toint 2000, 7.5.4).
        """
        g = (self.state.gradient[0] * self.live, self.state.gradient[1])
        step = (0.0 * g[0], 0.0 * g[1])
        residual, y = g, self.precondition(g)
        direction = (-y[0], -y[1])
        rho = first = _dot(residual, y)
        step_step, step_direction, direction_direction = 0.0, 0.0, rho
        # for quadratic convergence, but no more digits than are asked for
        forcing = max(min(0.1, self.state.stationarity), 0.05 * _AIM / self.state.stationarity) ** 2
        Hstep = step
        for _ in range(min(len(g[1]) * (len(self.live) + 1), 300)):
            if not rho > 0.0:
                break
            Hd = self.hessian(direction)
            bend = _dot(direction, Hd)
            alpha = rho / bend if bend > 0 else np.inf
            longest = _to_edge(radius * radius - step_step, step_direction, direction_direction)
            edge = not alpha < longest
            alpha = longest if edge else alpha
            step, Hstep = _add(step, alpha, direction), _add(Hstep, alpha, Hd)
            if edge:
                return step, self._promise(g, step, Hstep), radius
            step_step += alpha * (2.0 * step_direction + alpha * direction_direction)
            residual = _add(residual, alpha, Hd)
            y = self.precondition(residual)
            rho, before = _dot(residual, y), rho
            if rho <= forcing * first:
                break
            beta = rho / before
            direction = _add((-y[0], -y[1]), beta, direction)
            step_direction = beta * (step_direction + alpha * direction_direction)
            direction_direction = rho + beta * beta * direction_direction
        return step, self._promise(g, step, Hstep), math.sqrt(step_step)

    def _promise(self, g: _Tangent, step: _Tangent, Hstep: _Tangent) -> float:
        return -_dot(g, step) - 0.5 * _dot(step, Hstep)


def _to_edge(room: float, b: float, a: float) -> float:
    """The t ≥ 0 where at² + 2bt = room."""
    root = math.sqrt(max(b * b + a * room, 0.0))
    return (room / (b + root) if b > 0 else (root - b) / a) if a > 0 else math.inf


def _dot(u: _Tangent, v: _Tangent) -> float:
    return float(u[0].ravel() @ v[0].ravel() + u[1] @ v[1])


def _add(u: _Tangent, t: float, v: _Tangent) -> _Tangent:
    return u[0] + t * v[0], u[1] + t * v[1]


class _Factors:
    """Cholesky factors of the Gram matrices of all supports, packed, their diagonals inverted."""

    def __init__(self, state: _State, w: Array) -> None:
        self.state, self.w, self.atoms = state, w, np.ascontiguousarray(state.D.T)
        active = state.active
        sizes = np.diff(active.begin)
        self.offset = np.concatenate([[0], np.cumsum(sizes * (sizes + 1) // 2)])
        self.factors = np.empty(self.offset[-1])
        _factor_all(self.atoms @ state.D, active.begin, active.atoms, self.offset, self.factors)

    def curve(self, v: _Tangent) -> _Tangent:
        """Derivative of −(E[rzᵀ], E[r]) along v, with the codes following on their supports."""
        atoms, active, r = self.atoms, self.state.active, self.state.r
        H, h = np.zeros(atoms.shape), np.zeros(atoms.shape[1])
        V, dr, dz = np.ascontiguousarray(v[0].T), np.empty(atoms.shape[1]), np.empty(atoms.shape[0])
        offset, factors = self.offset, self.factors
        _curve_all(active.begin, active.atoms, active.z, offset, factors, atoms, V, v[1], r, self.w, dr, dz, H, h)
        return np.ascontiguousarray(H.T), h


_FAST = {"reassoc", "contract", "nsz", "arcp"}


@njit(cache=True)
def _nonzero(Z):  # type: ignore[no-untyped-def]
    """What `_Active` holds. Without a branch for every code, which would often be guessed wrongly."""
    begin = np.zeros(Z.shape[0] + 1, np.int64)
    for i in range(Z.shape[0]):
        s = begin[i]
        for j in range(Z.shape[1]):
            s += Z[i, j] != 0.0
        begin[i + 1] = s
    atoms, z = np.empty(begin[-1] + 1, np.int64), np.empty(begin[-1] + 1)
    for i in range(Z.shape[0]):
        s = begin[i]
        for j in range(Z.shape[1]):  # the next code takes the place of a zero
            atoms[s], z[s] = j, Z[i, j]
            s += Z[i, j] != 0.0
    return begin, atoms[:-1], z[:-1]


@kernel(fastmath=_FAST)
def _measure(begin, active, codes, D, lam, w, r, loss, pull, moments):  # type: ignore[no-untyped-def]
    """r −= Dz, the loss of every sample there, pull (k, d) += E[z rᵀ] and moments (3, k) += E[λz], E[z], E[z²]."""
    d = D.shape[1]
    for i in range(r.shape[0]):
        here = slice(begin[i], begin[i + 1])
        subtract_rows(r[i], D, active[here], codes[here])
        square, mass = 0.0, 0.0
        for a in range(d):
            square += r[i, a] * r[i, a]
        for p in range(begin[i], begin[i + 1]):
            j, z = active[p], codes[p]
            t = w[i] * z
            for a in range(d):
                pull[j, a] += t * r[i, a]
            moments[0, j] += lam[i] * t
            moments[1, j] += t
            moments[2, j] += t * z
            mass += z
        loss[i] = 0.5 * square + lam[i] * mass


@kernel(fastmath=_FAST)
def _add_second_moments(begin, active, codes, w, A):  # type: ignore[no-untyped-def]
    """A (k, k) += E[zzᵀ]."""
    for i in range(begin.size - 1):
        for p in range(begin[i], begin[i + 1]):
            t = w[i] * codes[p]
            for q in range(begin[i], begin[i + 1]):
                A[active[p], active[q]] += t * codes[q]


@kernel(fastmath=_FAST)
def _factor_all(G, begin, atoms, offset, factors):  # type: ignore[no-untyped-def]
    for i in range(begin.size - 1):
        S, L = atoms[begin[i] : begin[i + 1]], factors[offset[i] : offset[i + 1]]
        for a in range(S.size):
            row = L[a * (a + 1) // 2 : (a + 1) * (a + 2) // 2]
            for b in range(a + 1):
                t, other = G[S[a], S[b]], L[b * (b + 1) // 2 : (b + 1) * (b + 2) // 2]
                for c in range(b):
                    t -= row[c] * other[c]
                row[b] = t * other[b] if b < a else 1.0 / np.sqrt(max(t, 1e-13))


@kernel(fastmath=_FAST)
def _curve_all(begin, active, codes, offset, factors, D, V, c, r, w, dr, dz, H, h):  # type: ignore[no-untyped-def]
    """H (k, d) and h (d,) += what each sample adds; D and V hold atoms as rows, dr (d,) and dz (k,) are for work.

    Per sample: −dr = Vz + c + D dz with G_SS dz = V_Sᵀr − D_Sᵀ(Vz + c).
    """
    d = D.shape[1]
    for i in range(begin.size - 1):
        here, L = slice(begin[i], begin[i + 1]), factors[offset[i] : offset[i + 1]]
        S, z = active[here], codes[here]
        for a in range(d):
            dr[a] = -c[a]
        subtract_rows(dr, V, S, z)
        row = 0
        for p in range(S.size):
            j, t = S[p], 0.0
            for a in range(d):
                t += V[j, a] * r[i, a] + D[j, a] * dr[a]
            for q in range(p):
                t -= L[row + q] * dz[q]
            dz[p] = t * L[row + p]
            row += p + 1
        for p in range(S.size - 1, -1, -1):
            row -= p + 1
            dz[p] *= L[row + p]
            for q in range(p):
                dz[q] -= dz[p] * L[row + q]
        subtract_rows(dr, D, S, dz)
        for p in range(S.size):
            j, t, u = S[p], w[i] * z[p], w[i] * dz[p]
            for a in range(d):
                H[j, a] -= t * dr[a] + u * r[i, a]
        for a in range(d):
            h[a] -= w[i] * dr[a]
