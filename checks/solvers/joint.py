"""Joint optima: dictionary, decoder bias and codes that are stationary together, to rounding error.

The codes are eliminated. With exact codes, f(D, b) = min over Z ≥ 0 of F(D, b, Z) is differentiable wherever they are
unique and its gradient is −E[r zᵀ] (Danskin; Mairal et al. 2010, prop. 2). Alternating minimisation finds a basin; a
trust-region Newton method on the product of spheres (Absil, Baker, Gallivan 2007), its Hessian taken with the supports
held fixed (a semismooth Newton method), then converges superlinearly. Atoms are unit vectors throughout.

Two detours shorten the way. Far from an optimum a subset of the samples shows where to go as well as all do; it grows
until the gradient on it is no more than chance. And small penalties are reached through larger ones.

All of it but codes and supports serves torch tensors too, for which `checks.solvers.joint_torch` has these.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.linalg import LinearOperator, eigsh

from checks.errors import BadInput
from checks.instance import Array, instance, samples
from checks.solvers.codes import Outcome, T, _is_tensor, sizes, solve_in_place

TARGET = 1e-9
"""Stationarity, relative to E[λz_j] per atom, at which a point counts as a joint optimum."""

Progress = Callable[[int, float, float], None]

_AIM = 0.2 * TARGET  # a little below what is asked, for those who measure it in other ways
_WARM_UP = 30  # alternating steps before Newton: enough to leave the region where supports change all the time
_COARSE = 8  # samples per atom in the smallest subset on which the first steps are taken
_FINER = 3  # each subset is so many times the one before
_FAILURES = 8  # rejected steps in a row, each with a quarter of the radius of the last, after which none will do
_HEAVY = 0.1  # mean penalty, in units of the largest entry of the data, above which supports are small
_NEAR = 0.5  # stationarity at which a larger subset takes over


@dataclass(frozen=True, eq=False)
class Joint(Generic[T]):
    """D (d, k), b (d,), Z (n, k), arrays or tensors as the samples were, the objective F there and the stationarity:
    the worst over live atoms of ‖E[r z_j] − E[λ z_j] d_j‖ / E[λ z_j], and ‖E r‖ relative to the root mean square of
    ‖x − E x‖ if the bias is free.
    """

    D: T
    b: T
    Z: T
    objective: float
    stationarity: float
    outcome: Outcome


def joint(
    x: ArrayLike,
    k: int,
    lam: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    bias: bool = False,
    start: ArrayLike | tuple[ArrayLike, ArrayLike] | None = None,
    seed: int = 0,
    restarts: int = 1,
    max_iterations: int = 500,
    progress: Progress | None = None,
) -> Joint[Any]:
    """A local minimum of E[½‖x − b − Dz‖² + λ1ᵀz] over unit-norm D (d, k), Z ≥ 0 and, if asked, b.

    x: (n, d) samples; lam: λ ≥ 0, one or one per sample; weights: of the samples, rescaled to sum 1. start: D, or
    (D, b); otherwise atoms start at samples drawn with `seed`, `restarts` times, and the lowest objective wins.
    For a torch tensor x the result is made of float64 tensors on its device, where they are computed.
    progress(iteration, objective, stationarity) is called after every Newton step.
    Atoms that no sample uses stay unit vectors. Never raises for running out: stationarity and outcome say so.
    Raises BadInput, naming the row, on input that is not finite or of the wrong shape.
    """
    search: dict[str, Any] = {
        "seed": seed,
        "restarts": restarts,
        "max_iterations": max_iterations,
        "progress": progress,
    }
    if _is_tensor(x):
        from checks.solvers.joint_torch import joint_of_tensors

        return joint_of_tensors(x, k, lam, weights, bias, start, **search)
    return minimum(*_scaled(x, k, lam, weights, bias), k, start, **search)


def minimum(
    problem: _Problem,
    scale: float,
    k: int,
    start: Any,
    seed: int,
    restarts: int,
    max_iterations: int,
    progress: Progress | None,
) -> Joint[Any]:
    """`joint` of a checked problem in units of `scale`."""
    best: tuple[_State, Outcome] | None = None
    for restart in range(1 if start is not None else restarts):
        rng = np.random.default_rng([seed, restart])
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
class _State:
    """A dictionary and bias with their exact codes, and the Riemannian gradient there."""

    D: Array
    b: Array
    Z: Array
    r: Array
    f: float
    slope: Array  # E[λ z_j] (k,): how strongly the norm constraint of each atom pulls
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
        return _Supports(state, self.w)

    def at(self, D: Array, b: Array, near: Array | None = None) -> _State:
        """Solve for the codes, starting from those of a dictionary nearby, and measure."""
        y = self.x - b
        Z = self.codes(y, D, near)
        r = y - Z @ D.T
        mass = Z.sum(axis=1)
        f = float(self.w @ (0.5 * (r * r).sum(axis=1) + self.lam * mass))
        pull = r.T @ (self.w[:, None] * Z)
        gradient_D = D * (D * pull).sum(axis=0) - pull
        gradient_b = -(self.w @ r) if self.bias else 0.0 * b
        slope = (self.w * self.lam) @ Z
        return _State(D, b, Z, r, f, slope, (gradient_D, gradient_b), self._stationarity(D, r, Z, pull, slope))

    def _stationarity(self, D: Array, r: Array, Z: Array, pull: Array, slope: Array) -> float:
        norm = _like(r).linalg.norm
        size = slope + (slope == 0) * (self.w @ Z)
        live = size > 0
        worst = norm(pull - slope * D, axis=0)[live] / size[live]
        off = 0.0
        if self.bias:
            spread = float(self.w @ ((self.x - self.w @ self.x) ** 2).sum(axis=1)) ** 0.5
            off = float(norm(self.w @ r)) / (spread or 1.0)
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
    return sys.modules["torch"] if _is_tensor(values) else np


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
        state = problem.at(D, b, state.Z)
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
) -> tuple[_State, Outcome]:
    """Newton's method with a trust region, from state to the stationarity `aim`, or as far as it gets."""
    radius = 0.1 * (2.0 * state.f) ** 0.5
    failures = 0
    for iteration in range(max_iterations):
        if state.stationarity <= aim or failures > _FAILURES:
            break
        model = _Model(problem, state)
        step, promised, on_edge = model.minimise(radius)
        D = _unit(state.D + step[0])
        trial = problem.at(D, state.b + step[1], state.Z)
        gained = _decrease(state, trial, step)
        ratio = gained / promised if promised > 0 else -1.0
        if ratio < 0.25:
            radius = 0.25 * min(radius, model.norm(step))
        elif ratio > 0.75 and on_edge:
            radius = 2.0 * radius
        if ratio > 0.05:
            state, failures = trial, 0
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
    merged, ended = _newton(problem, problem.at(D, state.b, state.Z), max_iterations, _AIM, scale, progress)
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
        curvature = problem.w @ (state.Z * state.Z) + state.slope  # of each atom on its own, at fixed codes
        self.live = curvature > 0
        self.curvature = curvature + ~self.live

    def hessian(self, v: _Tangent) -> _Tangent:
        """Derivative of the Riemannian gradient along v."""
        s = self.state
        H, h = self.supports.curve(v)
        H -= s.D * (s.D * H).sum(axis=0)
        H += s.slope * v[0]
        return H, (h if self.problem.bias else 0.0 * h)

    def scaled_hessian(self, v: Array, bias: bool) -> Array:
        """The Hessian in the metric of the preconditioner, on coordinates of the live atoms and a free bias.

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
        return v[0] / self.curvature, v[1]

    def norm(self, v: _Tangent) -> float:
        """The length of a step in the metric of the preconditioner."""
        return float(((v[0] * v[0]).sum(axis=0) * self.curvature).sum() + (v[1] * v[1]).sum()) ** 0.5

    def minimise(self, radius: float) -> tuple[_Tangent, float, bool]:
        """Steihaug's truncated conjugate gradients: a step, the decrease it promises, whether it meets the radius."""
        g = (self.state.gradient[0] * self.live, self.state.gradient[1])
        step = (0.0 * g[0], 0.0 * g[1])
        residual, y = g, self.precondition(g)
        direction = (-y[0], -y[1])
        rho = first = _dot(residual, y)
        # for quadratic convergence, but no more digits than are asked for
        forcing = max(min(0.1, self.state.stationarity), 0.05 * _AIM / self.state.stationarity) ** 2
        Hstep = step
        for _ in range(min(len(g[1]) * (len(self.live) + 1), 300)):
            if not rho > 0.0:
                break
            Hd = self.hessian(direction)
            bend = _dot(direction, Hd)
            alpha = rho / bend if bend > 0 else np.inf
            longest = self._to_edge(step, direction, radius)
            edge = not alpha < longest
            alpha = longest if edge else alpha
            step, Hstep = _add(step, alpha, direction), _add(Hstep, alpha, Hd)
            if edge:
                return step, self._promise(g, step, Hstep), True
            residual = _add(residual, alpha, Hd)
            y = self.precondition(residual)
            rho, before = _dot(residual, y), rho
            if rho <= forcing * first:
                break
            direction = _add((-y[0], -y[1]), rho / before, direction)
        return step, self._promise(g, step, Hstep), False

    def _promise(self, g: _Tangent, step: _Tangent, Hstep: _Tangent) -> float:
        return -_dot(g, step) - 0.5 * _dot(step, Hstep)

    def _to_edge(self, step: _Tangent, direction: _Tangent, radius: float) -> float:
        weigh = (step[0] * self.curvature, step[1])
        a, b, c = self.norm(direction) ** 2, _dot(weigh, direction), radius * radius - self.norm(step) ** 2
        root = max(b * b + a * c, 0.0) ** 0.5
        return float(c / (b + root) if b > 0 else (root - b) / a) if a > 0 else np.inf


def _dot(u: _Tangent, v: _Tangent) -> float:
    return float(u[0].ravel() @ v[0].ravel() + u[1] @ v[1])


def _add(u: _Tangent, t: float, v: _Tangent) -> _Tangent:
    return u[0] + t * v[0], u[1] + t * v[1]


class _Supports:
    """Active sets of all samples with the Cholesky factors of their Gram matrices, packed."""

    def __init__(self, state: _State, w: Array) -> None:
        self.r, self.w, self.D = state.r, w, np.ascontiguousarray(state.D.T)
        rows, self.atoms = np.nonzero(state.Z)
        self.z = state.Z[rows, self.atoms]
        sizes = np.bincount(rows, minlength=len(state.Z))
        self.begin = np.concatenate([[0], np.cumsum(sizes)])
        self.offset = np.concatenate([[0], np.cumsum(sizes * (sizes + 1) // 2)])
        self.factors = np.empty(self.offset[-1])
        _factor_all(self.D @ self.D.T, self.begin, self.atoms, self.offset, self.factors)

    def curve(self, v: _Tangent) -> _Tangent:
        """Derivative of −(E[rzᵀ], E[r]) along v, with the codes following on their supports."""
        H, h = np.zeros(self.D.shape), np.zeros(self.D.shape[1])
        V = np.ascontiguousarray(v[0].T)
        _curve_all(self.begin, self.atoms, self.z, self.offset, self.factors, self.D, V, v[1], self.r, self.w, H, h)
        return np.ascontiguousarray(H.T), h


_FAST = {"reassoc", "contract", "nsz", "arcp"}


@njit(cache=True, fastmath=_FAST, error_model="numpy")
def _factor_all(G, begin, atoms, offset, factors):  # type: ignore[no-untyped-def]
    for i in range(begin.size - 1):
        S, L = atoms[begin[i] : begin[i + 1]], factors[offset[i] : offset[i + 1]]
        for a in range(S.size):
            row = L[a * (a + 1) // 2 : (a + 1) * (a + 2) // 2]
            for b in range(a + 1):
                t, other = G[S[a], S[b]], L[b * (b + 1) // 2 : (b + 1) * (b + 2) // 2]
                for c in range(b):
                    t -= row[c] * other[c]
                row[b] = t / other[b] if b < a else np.sqrt(max(t, 1e-13))


@njit(cache=True, fastmath=_FAST, error_model="numpy")
def _curve_all(begin, active, codes, offset, factors, D, V, c, r, w, H, h):  # type: ignore[no-untyped-def]
    """H (k, d) and h (d,) += what each sample adds; D and V hold atoms as rows.

    Per sample: moved = Vz + c, G_SS dz = V_Sᵀr − D_Sᵀmoved, and −dr = moved + D dz.
    """
    d, k = D.shape[1], D.shape[0]
    moved, dz = np.empty(d), np.empty(k)
    for i in range(begin.size - 1):
        first, s = begin[i], begin[i + 1] - begin[i]
        for a in range(d):
            moved[a] = c[a]
        for p in range(s):
            j, z = active[first + p], codes[first + p]
            for a in range(d):
                moved[a] += z * V[j, a]
        for p in range(s):
            j = active[first + p]
            t = 0.0
            for a in range(d):
                t += V[j, a] * r[i, a] - D[j, a] * moved[a]
            row = offset[i] + p * (p + 1) // 2
            for q in range(p):
                t -= factors[row + q] * dz[q]
            dz[p] = t / factors[row + p]
        for p in range(s - 1, -1, -1):
            row = offset[i] + p * (p + 1) // 2
            dz[p] /= factors[row + p]
            for q in range(p):
                dz[q] -= dz[p] * factors[row + q]
        for p in range(s):
            j = active[first + p]
            for a in range(d):
                moved[a] += dz[p] * D[j, a]
        for p in range(s):
            j, z, t = active[first + p], w[i] * codes[first + p], w[i] * dz[p]
            for a in range(d):
                H[j, a] += z * moved[a] - t * r[i, a]
        for a in range(d):
            h[a] += w[i] * moved[a]
