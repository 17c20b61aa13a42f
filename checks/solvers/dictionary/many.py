"""Joint optima of many tiny problems at once, without a Python step per iteration.

The reduced objective f(D, b) = min over Z ≥ 0 of F of `checks.solvers.dictionary`, but with its Hessian formed and
damped (Levenberg 1944), which is cheaper than conjugate gradients while d·k stays below about a hundred.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from checks.errors import BadInput
from checks.problem.instance import Array, check_width
from checks.problem.processor import on_the_processor
from checks.solvers.codes.active_set import _factor_row, _solve, _steepest
from checks.solvers.codes.result import T
from checks.solvers.dictionary.result import TARGET

_AIM = 1e-2 * TARGET
_SWEEPS = 12  # alternating steps before Newton
_FAST = {"reassoc", "contract", "nsz", "arcp"}


@dataclass(frozen=True, eq=False)
class JointBatch(Generic[T]):
    """One point per problem: D (m, d, k), b (m, d), Z (m, n, k), and what numpy measures there; arrays or tensors.

    objective (m,); stationarity (m,) as in `Joint`; code_residual (m,), the worst natural residual as in `Codes`.
    """

    D: T
    b: T
    Z: T
    objective: T
    stationarity: T
    code_residual: T


@on_the_processor
def joint_batch(
    x: ArrayLike,
    k: int,
    lam: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    bias: bool = False,
    seed: int = 0,
    attempts: int = 3,
    max_iterations: int = 200,
) -> JointBatch[Any]:
    """A local minimum of each of m problems of one shape; see `joint` for the objective.

    x: (m, n, d) samples; lam: λ ≥ 0, one, one per problem (m,), or one per sample (m, n); weights: (n,) or (m, n),
    rescaled to sum 1 per problem. Problems that miss the target are begun anew, up to `attempts` times, and the most
    stationary point is kept; the stationarity says whether to trust it. For a torch tensor x the result is made of
    float64 tensors on its device, but computed by the processor, which such small problems suit. Raises BadInput naming
    the first bad problem.
    """
    xs, lams, w = _checked(x, k, lam, weights)
    m, n, d = xs.shape
    scale = np.maximum(np.abs(xs).max(axis=(1, 2)), lams.max(axis=1))
    scale[scale == 0.0] = 1.0
    xs, lams = xs / scale[:, None, None], lams / scale[:, None]
    D, b, Z = np.empty((m, d, k)), np.zeros((m, d)), np.zeros((m, n, k))
    stationarity = np.full(m, np.inf)
    for attempt in range(attempts):
        todo = np.flatnonzero(~(stationarity <= TARGET))
        if not todo.size:
            break
        rng = np.random.default_rng([seed, attempt])
        y, v = np.ascontiguousarray(xs[todo]), np.ascontiguousarray(w[todo])
        E, c = _first(y, v, k, bias, rng)
        C = np.zeros((todo.size, n, k))
        penalties = lams[todo]
        for i in range(todo.size):
            E[i], c[i], C[i] = _minimise(y[i], penalties[i], v[i], E[i], c[i], C[i], bias, max_iterations)
        now = _measure(y, penalties, v, E, c, C, bias)[1]
        better = now < stationarity[todo]
        kept = todo[better]
        D[kept], b[kept], Z[kept], stationarity[kept] = E[better], c[better], C[better], now[better]
    objective, stationarity, residual = _measure(xs, lams, w, D, b, Z, bias)
    unit = scale[:, None]
    return JointBatch(D, b * unit, Z * unit[:, :, None], objective * scale**2, stationarity, residual)


def _checked(x: ArrayLike, k: int, lam: ArrayLike, weights: ArrayLike | None) -> tuple[Array, Array, Array]:
    x = np.ascontiguousarray(x, dtype=np.float64)
    if x.ndim != 3 or 0 in x.shape:
        raise BadInput(f"x: expected (problems, samples, dimensions), got shape {x.shape}")
    check_width(k)
    m, n, _ = x.shape
    lam = np.asarray(lam, dtype=np.float64)
    w = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)
    try:
        lam = np.broadcast_to(lam[:, None] if lam.ndim == 1 else lam, (m, n)).copy()
        w = np.broadcast_to(w, (m, n)).copy()
    except ValueError:
        raise BadInput(
            f"λ of shape {lam.shape} or weights of shape {w.shape} do not fit x of shape {x.shape}"
        ) from None
    fine = np.isfinite(x).all(axis=(1, 2))
    for values in (lam, w):
        fine &= (np.isfinite(values) & (values >= 0)).all(axis=1)
    fine &= w.sum(axis=1) > 0
    if not fine.all():
        raise BadInput(
            f"x, λ or weights of problem {np.flatnonzero(~fine)[0]} are not finite or negative, or weights are 0"
        )
    return x, lam, w / w.sum(axis=1, keepdims=True)


def _first(x: Array, w: Array, k: int, bias: bool, rng: np.random.Generator) -> tuple[Array, Array]:
    """Atoms along randomly drawn samples of each problem, slightly off them."""
    m, n, d = x.shape
    b = np.einsum("mn,mnd->md", w, x) if bias else np.zeros((m, d))
    order = np.argsort(rng.random((m, n)), axis=1)[:, np.arange(k) % n]
    D = np.take_along_axis(x - b[:, None], order[:, :, None], axis=1).transpose(0, 2, 1)
    size = np.linalg.norm(D, axis=1, keepdims=True)
    D = D / np.where(size > 0, size, 1.0) + 0.3 * rng.standard_normal((m, d, k)) / np.sqrt(d)
    return np.ascontiguousarray(D / np.linalg.norm(D, axis=1, keepdims=True)), b


def _measure(x: Array, lam: Array, w: Array, D: Array, b: Array, Z: Array, bias: bool) -> tuple[Array, Array, Array]:
    """Objective, stationarity and worst natural residual of the codes, per problem, from the points alone."""
    y = x - b[:, None]
    r = y - Z @ D.transpose(0, 2, 1)
    objective = (w * (0.5 * (r * r).sum(axis=2) + lam * Z.sum(axis=2))).sum(axis=1)
    size = np.linalg.norm(y, axis=2) + lam
    natural = np.abs(np.minimum(Z, lam[:, :, None] - r @ D)).max(axis=2) / np.where(size > 0, size, 1.0)
    wZ = w[:, :, None] * Z
    pull, slope = r.transpose(0, 2, 1) @ wZ, (lam[:, :, None] * wZ).sum(axis=1)
    pulls = np.where(slope > 0, slope, wZ.sum(axis=1))
    off = np.linalg.norm(pull - slope[:, None] * D, axis=1) / np.where(pulls > 0, pulls, 1.0)
    worst = np.where(pulls > 0, off, 0.0).max(axis=1)
    if bias:
        mean = np.einsum("mn,mnd->md", w, x)
        spread = np.sqrt(np.einsum("mn,mnd->m", w, (x - mean[:, None]) ** 2))
        rest = np.linalg.norm(np.einsum("mn,mnd->md", w, r), axis=1) / np.where(spread > 0, spread, 1.0)
        worst = np.maximum(worst, rest)
    return objective, worst, natural.max(axis=1)


# --- kernels: one problem ------------------------------------------------------------------------------------------


@njit(cache=True, fastmath=_FAST, error_model="numpy")
def _minimise(x, lam, w, D, b, Z, bias, max_iterations):  # type: ignore[no-untyped-def]
    """Alternate, then Newton with damping, on one problem. Returns D, b and Z, which may be those that were given."""
    n, (d, k) = x.shape[0], D.shape
    r, slope, gradient = np.empty((n, d)), np.empty(k), np.empty((k + 1, d))
    for sweep in range(_SWEEPS + 1):
        f = _evaluate(x, lam, w, D, b, Z, r, slope, gradient, bias)
        if sweep < _SWEEPS:
            _sweep(x, lam, w, D, b, Z, r, bias)
    size = d * (k + 1 if bias else k)
    H, L, p = np.empty((size, size)), np.empty((size, size)), np.empty(size)
    D1, b1, Z1 = np.empty((d, k)), np.empty(d), np.empty((n, k))
    r1, slope1, gradient1 = np.empty((n, d)), np.empty(k), np.empty((k + 1, d))
    curvature = np.empty(k + 1)
    mu, stale = 0.1, True
    for _ in range(max_iterations):
        if _worst(gradient, slope, w, Z, x, bias) <= _AIM:
            break
        if stale:
            _hessian(D, w, Z, r, slope, curvature, H, bias)
            stale = False
        while not _damped_step(H, curvature, mu, gradient, L, p, d):
            mu = max(1e-6, 4.0 * mu)
        promised = _move(D, b, H, gradient, curvature, p, D1, b1)
        for i in range(n):
            for j in range(k):
                Z1[i, j] = Z[i, j]
        f1 = _evaluate(x, lam, w, D1, b1, Z1, r1, slope1, gradient1, bias)
        gained = f - f1
        if abs(gained) <= 1e-9 * f:  # as `_decrease` in joint.py: the values agree to rounding, the gradients do not
            gained = 0.0
            for q in range(size):
                gained -= 0.5 * p[q] * (gradient[q // d, q % d] + gradient1[q // d, q % d])
        ratio = gained / promised if promised > 0.0 else -1.0
        if ratio > 0.05:
            D, D1, b, b1, Z, Z1, r, r1 = D1, D, b1, b, Z1, Z, r1, r
            slope, slope1, gradient, gradient1, f, stale = slope1, slope, gradient1, gradient, f1, True
        if ratio < 0.25:
            mu = max(1e-4, 4.0 * mu)
        elif ratio > 0.75:
            mu = 0.1 * mu if mu > 1e-9 else 0.0
        if mu > 1e12:
            break
    return D, b, Z


@njit(cache=True, fastmath=_FAST, error_model="numpy")
def _evaluate(x, lam, w, D, b, Z, r, slope, gradient, bias):  # type: ignore[no-untyped-def]
    """Exact codes, then residuals, E[λz_j] and the Riemannian gradient (row k: the bias). Returns f."""
    n, (d, k) = x.shape[0], D.shape
    rank = min(d, k) + 1
    G, S, gone, L = np.empty((k, k)), np.empty(rank, np.int64), np.empty(k, np.int64), np.empty((rank, rank))
    y, p, cos, sin, moves, g = np.empty(rank), np.empty(rank), np.empty(rank), np.empty(rank), np.empty(k), np.empty(k)
    for j in range(k):
        for l in range(j + 1):
            t = 0.0
            for a in range(d):
                t += D[a, j] * D[a, l]
            G[j, l] = G[l, j] = t
    gradient[:], slope[:] = 0.0, 0.0
    f, patience = 0.0, 100 + 10 * k
    for i in range(n):
        size, cold = lam[i], True
        t = 0.0
        for a in range(d):
            r[i, a] = x[i, a] - b[a]
            t += r[i, a] * r[i, a]
        size += np.sqrt(t)
        for j in range(k):
            if Z[i, j] > 0.0:
                cold = False
                for a in range(d):
                    r[i, a] -= Z[i, j] * D[a, j]
        for j in range(k):
            t = -lam[i]
            for a in range(d):
                t += D[a, j] * r[i, a]
            g[j] = t
        first = _steepest(g) if cold else -1
        if first >= 0 or not cold:
            _solve(G, size, Z[i], g, S, L, y, p, gone, moves, cos, sin, first, patience)
        t = 0.0
        for a in range(d):
            r[i, a] = x[i, a] - b[a]
        for j in range(k):
            if Z[i, j] > 0.0:
                t += lam[i] * Z[i, j]
                slope[j] += w[i] * lam[i] * Z[i, j]
                for a in range(d):
                    r[i, a] -= Z[i, j] * D[a, j]
        for a in range(d):
            t += 0.5 * r[i, a] * r[i, a]
            for j in range(k):
                gradient[j, a] -= w[i] * r[i, a] * Z[i, j]
            if bias:
                gradient[k, a] -= w[i] * r[i, a]
        f += w[i] * t
    for j in range(k):
        t = 0.0
        for a in range(d):
            t += D[a, j] * gradient[j, a]
        for a in range(d):
            gradient[j, a] -= t * D[a, j]
    return f


@njit(cache=True, fastmath=_FAST, error_model="numpy")
def _worst(gradient, slope, w, Z, x, bias):  # type: ignore[no-untyped-def]
    """The stationarity."""
    worst = 0.0
    k = slope.size
    for j in range(k + 1 if bias else k):
        t, size = 0.0, 0.0
        for a in range(gradient.shape[1]):
            t += gradient[j, a] * gradient[j, a]
        if j < k:
            size = slope[j]
            if size == 0.0:
                for i in range(w.size):
                    size += w[i] * Z[i, j]
        else:
            for a in range(x.shape[1]):
                mean = 0.0
                for i in range(w.size):
                    mean += w[i] * x[i, a]
                for i in range(w.size):
                    size += w[i] * (x[i, a] - mean) ** 2
            size = np.sqrt(size)
        if size > 0.0:
            worst = max(worst, np.sqrt(t) / size)
    return worst


@njit(cache=True, fastmath=_FAST, error_model="numpy")
def _sweep(x, lam, w, D, b, Z, r, bias):  # type: ignore[no-untyped-def]
    """One exact pass over the bias and the atoms at fixed codes; unused atoms turn to the largest residuals."""
    n, (d, k) = x.shape[0], D.shape
    change, target, used = np.zeros(d), np.empty(d), np.zeros(n, np.bool_)
    if bias:
        for i in range(n):
            for a in range(d):
                change[a] += w[i] * r[i, a]
        for a in range(d):
            b[a] += change[a]
            for i in range(n):
                r[i, a] -= change[a]
    for j in range(k):
        squares, target[:] = 0.0, 0.0
        for i in range(n):
            z = Z[i, j]
            if z > 0.0:
                squares += w[i] * z * z
                for a in range(d):
                    target[a] += w[i] * z * r[i, a]
        if squares == 0.0:
            best, most = -1, 0.0
            for i in range(n):
                t = 0.0
                for a in range(d):
                    t += r[i, a] * r[i, a]
                t = w[i] * max(0.0, np.sqrt(t) - lam[i])
                if t > most and not used[i]:
                    best, most = i, t
            if best >= 0:
                used[best] = True
                size = np.sqrt((r[best] * r[best]).sum())
                for a in range(d):
                    D[a, j] = r[best, a] / size
            continue
        size = 0.0
        for a in range(d):
            target[a] += squares * D[a, j]
            size += target[a] * target[a]
        size = np.sqrt(size)
        if size > 0.0:
            for a in range(d):
                change[a] = target[a] / size - D[a, j]
                D[a, j] = target[a] / size
            for i in range(n):
                if Z[i, j] > 0.0:
                    for a in range(d):
                        r[i, a] -= Z[i, j] * change[a]


@njit(cache=True, fastmath=_FAST, error_model="numpy")
def _hessian(D, w, Z, r, slope, curvature, H, bias):  # type: ignore[no-untyped-def]
    """Hessian of f on the tangent space, supports held fixed; entry (j, a) of D is coordinate j·d + a.

    Per sample it is ‖Δz + δb‖² − uᵀG_SS⁻¹u with u = Δ_Sᵀr − D_Sᵀ(Δz + δb). The bias is an atom with code 1 and no
    sphere.
    """
    n, (d, k) = Z.shape[0], D.shape
    columns = k + 1 if bias else k
    rank = min(d, k) + 1
    S, L, U = np.empty(k + 1, np.int64), np.empty((rank, rank)), np.empty((rank, d * (k + 1)))
    z, G = np.empty(k + 1), np.empty((k, k))
    for j in range(k):
        for l in range(k):
            t = 0.0
            for a in range(d):
                t += D[a, j] * D[a, l]
            G[j, l] = t
    H[:] = 0.0
    curvature[:] = 0.0
    curvature[k] = 1.0
    for i in range(n):
        s = 0
        for j in range(k):
            if Z[i, j] > 0.0 and s < rank and _factor_row(G, S, L, s, j, 1e-13):
                z[s] = Z[i, j]
                curvature[j] += w[i] * z[s] * z[s]
                s += 1
        m = s
        if bias:
            S[s], z[s] = k, 1.0
            m = s + 1
        for p in range(s):
            for q in range(m):
                for a in range(d):
                    U[p, q * d + a] = (r[i, a] if p == q else 0.0) - D[a, S[p]] * z[q]
            for o in range(p):
                t = L[p, o]
                for c in range(m * d):
                    U[p, c] -= t * U[o, c]
            for c in range(m * d):
                U[p, c] /= L[p, p]
        for p in range(m):
            for q in range(m):
                zz = w[i] * z[p] * z[q]
                for a in range(d):
                    row, column = S[p] * d + a, S[q] * d
                    H[row, column + a] += zz
                    for o in range(s):
                        t = w[i] * U[o, p * d + a]
                        for c in range(d):
                            H[row, column + c] -= t * U[o, q * d + c]
    for j in range(k):
        curvature[j] += slope[j]
        for a in range(d):
            H[j * d + a, j * d + a] += slope[j]
    for j in range(k):  # project rows and columns, and give the normal direction its own curvature
        for c in range(d * columns):
            t = 0.0
            for a in range(d):
                t += D[a, j] * H[j * d + a, c]
            for a in range(d):
                H[j * d + a, c] -= t * D[a, j]
        for c in range(d * columns):
            t = 0.0
            for a in range(d):
                t += D[a, j] * H[c, j * d + a]
            for a in range(d):
                H[c, j * d + a] -= t * D[a, j]
        if curvature[j] == 0.0:
            curvature[j] = 1.0
            for a in range(d):
                H[j * d + a, j * d + a] = 1.0
        else:
            for a in range(d):
                for c in range(d):
                    H[j * d + a, j * d + c] += curvature[j] * D[a, j] * D[c, j]


@njit(cache=True, fastmath=_FAST, error_model="numpy")
def _damped_step(H, curvature, mu, gradient, L, p, d):  # type: ignore[no-untyped-def]
    """p ← −(H + μ·curvature)⁻¹ gradient. False if that matrix is not safely positive definite."""
    size = p.size
    for q in range(size):
        for c in range(q + 1):
            t = H[q, c]
            if c == q:
                t += mu * curvature[q // d]
            for o in range(c):
                t -= L[q, o] * L[c, o]
            if c < q:
                L[q, c] = t / L[c, c]
            elif not t > 1e-10 * curvature[q // d]:
                return False
            else:
                L[q, q] = np.sqrt(t)
    for q in range(size):
        t = -gradient[q // d, q % d]
        for o in range(q):
            t -= L[q, o] * p[o]
        p[q] = t / L[q, q]
    for q in range(size - 1, -1, -1):
        t = p[q] / L[q, q]
        p[q] = t
        for o in range(q):
            p[o] -= t * L[q, o]
    return True


@njit(cache=True, fastmath=_FAST, error_model="numpy")
def _move(D, b, H, gradient, curvature, p, D1, b1):  # type: ignore[no-untyped-def]
    """The point p away, atoms renormalised and moved by at most 1/2 each. Returns the decrease the model promises."""
    d, k = D.shape
    longest = 0.0
    for j in range(k):
        t = 0.0
        for a in range(d):
            t += p[j * d + a] ** 2
        longest = max(longest, np.sqrt(t))
    if longest > 0.5:
        p *= 0.5 / longest
    promised = 0.0
    for q in range(p.size):
        t = gradient[q // d, q % d]
        for c in range(p.size):
            t += 0.5 * H[q, c] * p[c]
        promised -= p[q] * t
    for j in range(k):
        t = 0.0
        for a in range(d):
            D1[a, j] = D[a, j] + p[j * d + a]
            t += D1[a, j] * D1[a, j]
        for a in range(d):
            D1[a, j] /= np.sqrt(t)
    for a in range(d):
        b1[a] = b[a] + (p[k * d + a] if p.size > k * d else 0.0)
    return promised
