"""Joint optima of data that are too large for dense codes: samples in blocks, codes sparse, memory bounded.

The problem and the optimum are those of `checks.solvers.dictionary`. Three stages, each with exact codes in float64:

1. Mini-batches. The statistics E[zzᵀ] and E[z xᵀ] are averaged over batches, old ones fading, and the atoms are moved
   by block-coordinate descent on them (Mairal, Bach, Ponce, Sapiro 2010, algorithms 1 and 2, here on the sphere).
   Atoms that no sample uses start again from samples that are explained badly; in the first half of this stage only.
2. Full passes: codes of all samples, then sweeps over the atoms on the statistics of all, until nearly stationary.
3. Newton's method of `joint`, with products with the Hessian that are sums over blocks.

Samples are read where they lie, one block at a time, so that a memory-mapped file never has to fit into memory. Beyond
them memory grows with the active codes: 16 bytes each, for at most four sets of codes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import log10
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from checks.errors import BadInput
from checks.problem.instance import Array, check_width, per_sample, shares_of
from checks.solvers.codes.active_set import kernel, sizes, solve_in_place, subtract_rows
from checks.solvers.codes.result import Outcome
from checks.solvers.dictionary.newton import (
    _AIM,
    _FAR,
    _FAST,
    _Active,
    _add_second_moments,
    _curve_all,
    _factor_all,
    _given,
    _measure,
    _merge,
    _newton,
    _nonzero,
    _Problem,
    _State,
    _Tangent,
    _unit,
)
from checks.solvers.dictionary.result import TARGET
from checks.threads import one_thread

LARGE = 2**20
"""Codes n·k beyond which a problem is better solved in blocks: `joint` and its certificate hold them many times."""

BLOCK = 2048
"""Samples in memory at a time: so many that what is done once per block costs little."""

Progress = Callable[[str, float], None]
Watch = Callable[[float, float], None]

_SMALLEST = 256  # samples of a mini-batch, which otherwise has half as many as there are atoms
_EPOCHS = 2  # of mini-batches: a third moves the atoms less than the first full pass does
_FADING = 3.0  # (1 − 1/t) to this power is what older statistics count for: those of codes long since changed are poor
_TRIAL = 8  # samples per atom within which an atom must be used, or it starts again
_OFF = 1e-3  # how far off the samples the first atoms are, so that none is exactly another
_SWEEPS = 4  # over the atoms on one set of statistics, which costs far less than to renew these
_TOGETHER = 64  # atoms moved between two matrix products
_STEADY = 0.5  # stationarity at which Newton's method takes over
_PASSES = 30  # full passes after which it does so in any case
_TRIED = 256  # samples on which the time of a pass is estimated
_PROGRAM = 3e8  # bytes of the program itself
_CODE = 112.0  # bytes of an active code: index and value, of two states, in parts and joined, and as they are written
_CERTIFICATE = 20  # dense arrays of codes of a block that the certificate has at once
_ONLINE, _FULL = 0.3, 0.5  # shares of the work that are done after the first two stages: a guess


@dataclass(frozen=True, eq=False)
class Large:
    """D (d, k), b (d,), sparse Z (n, k), the objective F and the stationarity there, as in `joint`.

    steps: Newton steps, of all restarts. Z is None, objective and stationarity NaN if it was interrupted before the
    first full pass.
    """

    D: Array
    b: Array
    Z: csr_array | None
    objective: float
    stationarity: float
    outcome: Outcome
    steps: int


def large(
    x: NDArray[Any],
    k: int,
    lam: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    bias: bool = False,
    start: tuple[ArrayLike, ArrayLike] | None = None,
    online: bool = True,
    seed: int = 0,
    restarts: int = 1,
    block: int = BLOCK,
    tolerance: float = TARGET,
    max_iterations: int = 500,
    progress: Progress | None = None,
    watch: Watch | None = None,
    name: str = "x",
) -> Large:
    """A stationary point of E[½‖x − b − Dz‖² + λ1ᵀz] over unit-norm D (d, k), Z ≥ 0 and, if asked, b.

    x: (n, d) real numbers of any kind, in memory or mapped; rows are read and turned to float64 when they are needed.
    lam: λ ≥ 0, one or one per sample; weights: of the samples, rescaled to sum 1. start: (D, b); otherwise atoms start
    at samples drawn with `seed`, `restarts` times, and the lowest objective wins. online: whether to begin with
    mini-batches, which a start near an optimum does not need. block: samples at a time; after the mini-batches, which
    do not know it, it changes the result by rounding alone. tolerance: the stationarity to reach. max_iterations:
    Newton steps of each start; with 0, and not online, a start is only measured. progress(what, share of the work that
    is done, a guess) is called after every block, watch(objective, stationarity) after every full pass and Newton step.
    name: of the data, in errors.
    Never raises for running out, nor, once the search has begun, when interrupted (KeyboardInterrupt): the last
    dictionary is returned, and the outcome says so. Raises BadInput, naming the row, on input that is not finite or of
    the wrong shape.
    """
    report = _Report(progress or (lambda *_: None))
    problem = _problem(x, k, lam, weights, bias, block, report, name)
    best: tuple[_Search, Outcome] | None = None
    steps = 0
    with one_thread():
        for restart in range(restarts if start is None else 1):
            rng = np.random.default_rng([seed, restart])
            D, b = _first(problem, k, rng) if start is None else _given(start, problem, k, problem.unit)
            search = _Search(problem, D, b, rng, watch or (lambda *_: None))
            outcome = search.run(online, tolerance, max_iterations)
            steps += search.steps
            if best is None or search.objective < best[0].objective:
                best = search, outcome
            if outcome is Outcome.INTERRUPTED:
                return _found(best[0], outcome, steps)
    assert best is not None
    return _found(*best, steps)


def _found(search: _Search, outcome: Outcome, steps: int) -> Large:
    """The result in the user's units."""
    problem, state = search.problem, search.state
    b = search.b * problem.unit
    if state is None:
        return Large(search.D, b, None, np.nan, np.nan, outcome, steps)
    codes = state.active
    Z = csr_array((codes.z * problem.unit, codes.atoms, codes.begin), shape=(len(problem.w), len(state.slope)))
    return Large(search.D, b, Z, search.objective, state.stationarity, outcome, steps)


@dataclass(frozen=True)
class Estimate:
    """Bytes of memory, the samples in a mapped file not counted, and seconds of a pass over the data at first."""

    memory: float
    seconds: float


def estimate(x: NDArray[Any], k: int, lam: float, block: int = BLOCK) -> Estimate:
    """What `large` and its certificate will take, from a trial on a few samples, finite or not."""
    n, d = x.shape
    trial = np.nan_to_num(np.asarray(x[:: -(-n // _TRIED)], dtype=np.float64), posinf=0.0, neginf=0.0)
    unit = max(float(np.abs(trial).max()), lam) or 1.0
    y, penalty = trial / unit, np.full(len(trial), lam / unit)
    D = _unit(np.random.default_rng(0).choice(y, k).T + _OFF * np.random.default_rng(1).standard_normal((d, k)))
    G, size, seconds = D.T @ D, sizes(y, penalty), 0.0
    with one_thread():
        for _ in range(2):  # the first compiles
            Z, before = np.zeros((len(y), k)), perf_counter()
            solve_in_place(y, D, penalty, size, Z, cold=True, gram=G)
            seconds = (perf_counter() - before) * n / len(y)
    active = np.count_nonzero(Z) / len(y)
    return Estimate(least_memory(x, k, block) + _CODE * n * active, seconds)


def least_memory(x: NDArray[Any], k: int, block: int = BLOCK) -> float:
    """Bytes that are needed even if no code is active."""
    n, d = x.shape
    of_atoms = 8.0 * k * (8 * k + 24 * d)
    of_block = 8.0 * block * (_CERTIFICATE * k + 12 * d)
    of_samples = n * (64.0 + (0 if isinstance(x, np.memmap) else x.itemsize * d))
    return _PROGRAM + of_atoms + of_block + of_samples


class _Report:
    """What is being done, how much of the work was done before it, and how much of this pass is."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.what, self.done, self.passes = progress, "reading", 0.0, 0

    def stage(self, what: str, done: float) -> None:
        self.what, self.done = what, max(self.done, done)

    def block(self, share: float) -> None:
        self.progress(f"{self.what}, pass {self.passes} over the data: {share:.0%}", self.done)


# --- samples in blocks -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Blocks(_Problem):
    """Samples that are read block by block, in units of `unit`. Residuals are not kept, and codes only where active."""

    unit: float
    block: int
    variation: float
    report: _Report

    @property
    def spread(self) -> float:
        return self.variation

    def rows(self) -> Iterator[slice]:
        """Consecutive samples. Reports each block when it is done."""
        n = len(self.w)
        self.report.passes += 1
        for i in range(0, n, self.block):
            yield (rows := slice(i, min(i + self.block, n)))
            self.report.block(rows.stop / n)

    def read(self, rows: slice | NDArray[np.intp]) -> Array:
        return np.asarray(self.x[rows], dtype=np.float64) / self.unit

    def at(self, D: Array, b: Array, before: _State | None = None) -> _State:
        """Exact codes of all samples, from those before if that dictionary is near, and what is measured there."""
        if before is not None and float(np.linalg.norm(D - before.D)) > _FAR * D.shape[1] ** 0.5:
            before = None
        d, k = D.shape
        atoms, G, parts = np.ascontiguousarray(D.T), D.T @ D, []
        pull, moments, drift, f = np.zeros((k, d)), np.zeros((3, k)), np.zeros(d), 0.0
        for rows in self.rows():
            r, lam, w = self.read(rows) - b, self.lam[rows], self.w[rows]
            Z = np.zeros((len(r), k)) if before is None else dense(before.active, rows, k)
            solve_in_place(r, D, lam, sizes(r, lam), Z, cold=before is None, gram=G)
            part, loss = _Active(*_nonzero(Z)), np.empty(len(r))
            _measure(part.begin, part.atoms, part.z, atoms, lam, w, r, loss, pull, moments)
            drift, f = drift + w @ r, f + float(w @ loss)
            parts.append(part)
        slope, mean, square = moments
        gradient = D * (D * pull.T).sum(axis=0) - pull.T, -drift if self.bias else 0.0 * b
        worst = self._stationarity(D, drift, pull.T, slope, mean)
        not_kept = np.empty((0, k))
        return _State(D, b, not_kept, joined(parts), not_kept, f, slope, slope + square, gradient, worst)

    def supports(self, state: _State) -> _Supports:
        return _Supports(self, state)


@dataclass(frozen=True, eq=False)
class _Supports:
    """The active sets of all samples. For every product residuals and factors are computed again: that takes less time
    than the product, and no memory.
    """

    problem: _Blocks
    state: _State

    def curve(self, v: _Tangent) -> _Tangent:
        """Derivative of −(E[rzᵀ], E[r]) along v, with the codes following on their supports."""
        problem, D, w = self.problem, self.state.D, self.problem.w
        d, k = D.shape
        atoms, V, G = np.ascontiguousarray(D.T), np.ascontiguousarray(v[0].T), D.T @ D
        H, h, dr, dz = np.zeros((k, d)), np.zeros(d), np.empty(d), np.empty(k)
        for rows in problem.rows():
            part, r = cut(self.state.active, rows), problem.read(rows) - self.state.b
            begin, active, z = part.begin, part.atoms, part.z
            count = np.diff(begin)
            offset = np.concatenate([[0], np.cumsum(count * (count + 1) // 2)])
            factors = np.empty(offset[-1])
            _factor_all(G, begin, active, offset, factors)
            _subtract_codes(begin, active, z, atoms, r)
            _curve_all(begin, active, z, offset, factors, atoms, V, v[1], r, w[rows], dr, dz, H, h)
        return np.ascontiguousarray(H.T), h


def _problem(
    x: NDArray[Any],
    k: int,
    lam: ArrayLike,
    weights: ArrayLike | None,
    bias: bool,
    block: int,
    report: _Report,
    name: str,
) -> _Blocks:
    """The checked problem in units in which its largest entry is 1. Reads all samples twice."""
    check_width(k)
    largest = largest_entry(x, name, block)
    n, d = x.shape
    lam, w = per_sample(lam, n, "λ"), shares_of(weights, n)
    unit = max(largest, float(lam.max())) or 1.0
    problem = _Blocks(x, lam / unit, w, bias, unit, block, 0.0, report)
    first, total, square = problem.read(slice(0, 1))[0], np.zeros(d), 0.0
    for rows in problem.rows():  # relative to the first sample, so that a large mean cancels no digits
        off = problem.read(rows) - first
        total, square = total + w[rows] @ off, square + float(w[rows] @ (off * off).sum(axis=1))
    variation = max(0.0, square - float(total @ total)) ** 0.5
    return _Blocks(x, lam / unit, w, bias, unit, block, variation, report)


def largest_entry(x: NDArray[Any], name: str = "x", block: int = BLOCK) -> float:
    """max |x|. Raises BadInput, naming the first bad row, unless x holds finite real numbers, samples as rows."""
    if x.ndim != 2 or 0 in x.shape or x.dtype.kind not in "biuf":
        raise BadInput(f"{name}: expected samples as rows of a 2-d array of numbers, got {x.dtype} of shape {x.shape}")
    largest = 0.0
    for i in range(0, len(x), block):
        part = np.asarray(x[i : i + block], dtype=np.float64)
        if not np.isfinite(part).all():
            row = i + int(np.argmin(np.isfinite(part).all(axis=1)))
            raise BadInput(f"{name}: rows are not finite, the first is row {row}")
        largest = max(largest, float(np.abs(part).max()))
    return largest


# --- sparse codes ----------------------------------------------------------------------------------------------------


def joined(parts: list[_Active]) -> _Active:
    """The codes of all blocks, one after the other."""
    ends = np.cumsum([0, *(part.z.size for part in parts)])
    begin = np.concatenate([[0], *(part.begin[1:] + end for part, end in zip(parts, ends))])
    return _Active(begin, np.concatenate([p.atoms for p in parts]), np.concatenate([p.z for p in parts]))


def cut(active: _Active, rows: slice) -> _Active:
    """The codes of consecutive samples."""
    begin = active.begin[rows.start : rows.stop + 1]
    here = slice(begin[0], begin[-1])
    return _Active(begin - begin[0], active.atoms[here], active.z[here])


def dense(active: _Active, rows: slice, k: int) -> Array:
    """The codes of consecutive samples, (m, k)."""
    part = cut(active, rows)
    Z = np.zeros((len(part.begin) - 1, k))
    Z[np.repeat(np.arange(len(Z)), np.diff(part.begin)), part.atoms] = part.z
    return Z


@kernel(fastmath=_FAST)
def _subtract_codes(begin, active, codes, atoms, r):  # type: ignore[no-untyped-def]
    """r −= Dz."""
    for i in range(r.shape[0]):
        here = slice(begin[i], begin[i + 1])
        subtract_rows(r[i], atoms, active[here], codes[here])


# --- the search ------------------------------------------------------------------------------------------------------


def _first(problem: _Blocks, k: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Atoms along randomly drawn samples, slightly off them, and the mean if there is a bias."""
    n, d = problem.x.shape
    b = (
        sum((problem.w[rows] @ problem.read(rows) for rows in problem.rows()), np.zeros(d))
        if problem.bias
        else np.zeros(d)
    )
    y = problem.read(np.sort(rng.choice(n, size=k, replace=n < k))) - b
    size = np.linalg.norm(y, axis=1, keepdims=True)
    return _unit((y / np.where(size > 0, size, 1.0) + _OFF * rng.standard_normal((k, d))).T), b


class _Search:
    """Where a search is: when it is interrupted, this is what there is."""

    def __init__(self, problem: _Blocks, D: Array, b: Array, rng: np.random.Generator, watch: Watch) -> None:
        self.problem, self.D, self.b, self.rng, self.watch = problem, D, b, rng, watch
        self.state: _State | None = None
        self.steps = 0

    def run(self, online: bool, tolerance: float, max_iterations: int) -> Outcome:
        """All stages; how they ended."""
        problem, aim = self.problem, tolerance * _AIM / TARGET
        try:
            if online:
                self._mini_batches()
            state = self._full_passes(_PASSES if max_iterations else 0)
            state, outcome = _newton(problem, state, max_iterations, aim, accepted=self._newton_step)
            if max_iterations and not state.stationarity <= tolerance:
                merged, outcome = _merge(problem, state, outcome, max_iterations, 1.0, None)
                self._keep(merged)
        except KeyboardInterrupt:
            return Outcome.INTERRUPTED
        if self.state is not None and self.state.stationarity <= tolerance:
            return Outcome.CONVERGED
        return outcome if problem.penalty > 0 else Outcome.NOT_ATTAINED

    def _keep(self, state: _State) -> None:
        self.state, self.D, self.b = state, state.D, state.b
        self.watch(self.objective, state.stationarity)

    @property
    def objective(self) -> float:
        """In the user's units; ∞ before the first full pass."""
        return np.inf if self.state is None else self.state.f * self.problem.unit**2

    def _newton_step(self, state: _State) -> None:
        self._keep(state)
        self.steps += 1
        digits = min(1.0, max(0.0, log10(max(state.stationarity, 1e-300)) / log10(_AIM)))
        self._say(f"Newton step {self.steps + 1}", _FULL + (1 - _FULL) * digits)

    def _say(self, what: str, done: float) -> None:
        if self.state is not None:
            what += f", objective {self.objective:.6g}, stationarity {self.state.stationarity:.0e}"
        self.problem.report.stage(what, done)

    def _mini_batches(self) -> None:
        """Leaves a dictionary that a full pass improves as much as another epoch would."""
        problem, (n, (d, k)) = self.problem, (len(self.problem.w), self.D.shape)
        size = min(n, max(_SMALLEST, k // 2))
        steps = -(-_EPOCHS * n // size)
        statistics, used, seen = _Statistics.none(d, k), np.zeros(k, dtype=bool), 0
        epochs = (self.rng.permutation(n) for _ in range(_EPOCHS + 1))
        queue = np.empty(0, dtype=np.intp)
        for t in range(steps):
            if queue.size < size:
                queue = np.concatenate([queue, next(epochs)])
            rows, queue = np.sort(queue[:size]), queue[size:]
            batch = self._batch(rows)
            statistics.fade((1.0 - 1.0 / (t + 1)) ** _FADING)
            statistics.add(batch)
            used[batch.codes.atoms], seen = True, seen + size
            if seen >= min(n, _TRIAL * k):
                if 2 * t < steps:
                    self._restart(np.flatnonzero(~used), batch, statistics)
                used[:], seen = False, 0
            self.D, self.b = statistics.improved(self.D, self.b, problem.bias)
            problem.report.stage("mini-batches", _ONLINE * (t + 1) / steps)
            problem.report.block((t + 1) / steps)

    def _batch(self, rows: NDArray[np.intp]) -> _Batch:
        """Some samples with their exact codes."""
        x, lam = self.problem.read(rows), self.problem.lam[rows]
        r, Z = x - self.b, np.zeros((len(x), self.D.shape[1]))
        solve_in_place(r, self.D, lam, sizes(r, lam), Z, cold=True)
        codes = _Active(*_nonzero(Z))
        _subtract_codes(codes.begin, codes.atoms, codes.z, np.ascontiguousarray(self.D.T), r)
        return _Batch(x, lam, self.problem.w[rows], codes, r)

    def _restart(self, unused: NDArray[np.intp], batch: _Batch, statistics: _Statistics) -> None:
        """Point unused atoms along the largest residuals: where ‖r‖ > λ this lowers the objective."""
        size = np.linalg.norm(batch.r, axis=1)
        gain = batch.w * (size - batch.lam).clip(0.0) ** 2
        for j, i in zip(unused, np.argsort(-gain, kind="stable")):
            if gain[i] > 0:
                self.D[:, j] = batch.r[i] / size[i]
                statistics.forget(j)

    def _full_passes(self, limit: int) -> _State:
        self._say("full passes", _ONLINE)
        state = self.problem.at(self.D, self.b)
        self._keep(state)
        for t in range(limit):
            if state.stationarity <= _STEADY:
                break
            self._say("full passes", _ONLINE + (_FULL - _ONLINE) * t / _PASSES)
            state = self.problem.at(*_alternated(self.problem, state), state)
            self._keep(state)
        self._say("Newton step 1", _FULL)
        return state


# --- moving the atoms, with the codes fixed --------------------------------------------------------------------------


def _alternated(problem: _Blocks, state: _State) -> tuple[Array, Array]:
    """D and b after the best step of the bias and sweeps over the atoms, on the statistics of all samples."""
    k = state.D.shape[1]
    codes, A = state.active, np.zeros((k, k))
    _add_second_moments(codes.begin, codes.atoms, codes.z, problem.w, A)
    mean = np.bincount(codes.atoms, np.repeat(problem.w, np.diff(codes.begin)) * codes.z, minlength=k)
    gradient_D, gradient_b = state.gradient
    # d_j·E[r z_j] = E[λ z_j] at exact codes, which gives back what the projection took from the gradient.
    pull = (state.D * state.slope - gradient_D + np.outer(gradient_b, mean)).T
    return swept(state.D, np.ascontiguousarray(pull), A, _SWEEPS), state.b - gradient_b


@dataclass(frozen=True, eq=False)
class _Batch:
    """Samples x (m, d), λ and weights (m,), their codes, and residuals r (m, d)."""

    x: Array
    lam: Array
    w: Array
    codes: _Active
    r: Array


@dataclass(eq=False)
class _Statistics:
    """What the loss of fixed codes depends on, up to a common factor: sums of zzᵀ (k, k), z xᵀ (k, d), z, x and 1."""

    zz: Array
    zx: Array
    z: Array
    x: Array
    weight: float

    @classmethod
    def none(cls, d: int, k: int) -> _Statistics:
        return cls(np.zeros((k, k)), np.zeros((k, d)), np.zeros(k), np.zeros(d), 0.0)

    def fade(self, share: float) -> None:
        for sums in (self.zz, self.zx, self.z, self.x):
            sums *= share
        self.weight *= share

    def add(self, batch: _Batch) -> None:
        codes, w = batch.codes, batch.w
        _add_second_moments(codes.begin, codes.atoms, codes.z, w, self.zz)
        weighted = np.repeat(w, np.diff(codes.begin)) * codes.z
        self.zx += csr_array((weighted, codes.atoms, codes.begin), shape=(len(w), len(self.z))).T @ batch.x
        self.z += np.bincount(codes.atoms, weighted, minlength=len(self.z))
        self.x += w @ batch.x
        self.weight += float(w.sum())

    def forget(self, j: int) -> None:
        """What is known of an atom that was replaced."""
        self.zz[j] = self.zz[:, j] = self.zx[j] = self.z[j] = 0.0

    def improved(self, D: Array, b: Array, bias: bool) -> tuple[Array, Array]:
        """D and b after one sweep over the atoms."""
        if bias and self.weight > 0:
            b = (self.x - D @ self.z) / self.weight
        return swept(D, self.zx - np.outer(self.z, b) - self.zz @ D.T, self.zz, 1), b


def swept(D: Array, pull: Array, A: Array, times: int) -> Array:
    """D (d, k) after block-coordinate descent: each atom in turn is the best unit vector, with all else fixed.

    pull (k, d): E[z rᵀ] there, which is overwritten; A (k, k): E[zzᵀ]. An atom without codes stays as it is.
    """
    (d, k), atoms = D.shape, np.array(D.T, order="C")
    moves = np.empty((_TOGETHER, d))
    for _ in range(times):
        for j in range(0, k, _TOGETHER):
            end = min(j + _TOGETHER, k)
            _move_atoms(atoms, pull, A, j, end, moves)
            pull[:j] -= A[:j, j:end] @ moves[: end - j]
            pull[end:] -= A[end:, j:end] @ moves[: end - j]
    return _unit(np.ascontiguousarray(atoms.T))


@kernel(fastmath=_FAST)
def _move_atoms(atoms, pull, A, begin, end, moves):  # type: ignore[no-untyped-def]
    """Move atoms begin … end − 1 in turn, and bring pull up to date for these alone."""
    d = atoms.shape[1]
    for j in range(begin, end):
        move, square = moves[j - begin], 0.0
        for c in range(d):
            move[c] = pull[j, c] + A[j, j] * atoms[j, c]
            square += move[c] * move[c]
        t = 1.0 / np.sqrt(square) if square > 0.0 else 0.0
        for c in range(d):
            move[c] = t * move[c] - atoms[j, c] if square > 0.0 else 0.0
            atoms[j, c] += move[c]
        for l in range(begin, end):
            for c in range(d):
                pull[l, c] -= A[l, j] * move[c]
