"""Codes of a fixed dictionary: min over z ≥ 0 of ½‖x − Dz‖² + λ1ᵀz for every sample, to rounding error.

Method: an active-set method for the quadratic programme in z (Lawson and Hanson 1974, ch. 23, with the penalty in the
gradient and several atoms entering at once), on a Cholesky factor of the Gram matrix of the active atoms that is
updated as atoms enter and leave. The objective falls strictly at every step, so the method is finite. Atoms that depend
linearly on the active ones enter by an exchange, so the active atoms always stay independent. Gradients are recomputed
from samples and dictionary, not from the Gram matrix, before a code is called optimal.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from checks.errors import BadInput
from checks.problem.instance import Array, per_sample, samples
from checks.solvers.codes.result import TARGET, Codes, outcome_of

_EPS = float(np.finfo(np.float64).eps)
_AIM = 1e-2 * TARGET  # samples above it are solved again from an exact gradient, which refines them
_ROUNDS = 6  # such restarts: none is the rule, one with ill-conditioned dictionaries
_IN_CACHE = 1 << 16  # gradients formed together, so that they stay in cache and memory does not grow with n
_DEPENDENT = 1e-13  # squared distance of an atom to the span of others below which it is rounding error
_TINY = 1e-100  # samples smaller than this, or larger than its inverse, are scaled before they are squared
_FAST = {"reassoc", "contract", "nsz", "arcp", "nnan"}  # lets sums and maxima vectorise; the kernels see finite input


def kernel(**options: Any) -> Any:
    """A compiled function that allocates nothing, so that Numba need not count references to arrays: it does so
    atomically at every slice and call, which takes most of the time where samples are small."""
    return njit(cache=True, error_model="numpy", _nrt=False, **options)  # type: ignore[call-overload]


def codes_of_arrays(x: Any, D: Any, lam: Any, *, start: Any = None, max_iterations: int = 10_000) -> Codes[Array]:
    """`codes` of arrays."""
    x, D = samples(x, "x"), samples(D, "D")
    n, k = x.shape[0], D.shape[1]
    if D.shape[0] != x.shape[1]:
        raise BadInput(f"D has {D.shape[0]} rows, the samples have {x.shape[1]} coordinates")
    lam = per_sample(lam, n, "λ")
    Z = np.zeros((n, k)) if start is None else _start(start, n, k)
    size = sizes(x, lam)
    if extreme := not (size.min() > _TINY and size.max() < 1.0 / _TINY):  # squares would underflow or overflow
        x, lam, unit = x / size[:, None], lam / size, size
        Z, size = Z / unit[:, None], np.ones(n)
    finished = solve_in_place(x, D, lam, size, Z, cold=start is None, max_iterations=max_iterations)
    residual = _natural_residual(x, D, lam, Z) / size
    for _ in range(_ROUNDS):
        wrong = np.flatnonzero(~(residual <= _AIM))
        if not wrong.size:
            break
        again = Z[wrong]
        finished = solve_in_place(
            x[wrong], D, lam[wrong], size[wrong], again, cold=False, max_iterations=max_iterations
        )
        now = _natural_residual(x[wrong], D, lam[wrong], again) / size[wrong]
        better = now < residual[wrong]
        Z[wrong[better]], residual[wrong[better]] = again[better], now[better]
        if not better.any():
            break
    if extreme:
        Z *= unit[:, None]
    return outcome_of(Z, float(residual.max()), finished)


def natural_residual(x: Array, D: Array, lam: Array, Z: Array) -> Array:
    """max over atoms of |z − max(0, z + Dᵀ(x − Dz) − λ)| = |min(z, λ − Dᵀ(x − Dz))|, relative to ‖x‖ + λ. (n,)

    0 for a sample with x = 0 and λ = 0 = z.
    """
    size = sizes(x, lam)
    return _natural_residual(x / size[:, None], D, lam / size, Z / size[:, None])


def _natural_residual(x: Array, D: Array, lam: Array, Z: Array) -> Array:
    out, atoms = np.empty(x.shape[0]), np.ascontiguousarray(D.T)
    for rows in _chunks(*Z.shape):
        _worst(_residuals(x[rows], atoms, Z[rows]) @ D, lam[rows], Z[rows], out[rows])
    return out


def _residuals(x: Array, atoms: Array, Z: Array) -> Array:
    """x − Dz for every sample; few codes are not zero."""
    r = x.copy()
    _subtract(r, atoms, Z)
    return r


def sizes(x: Array, lam: Array) -> Array:
    """‖x‖ + λ per sample without overflow or underflow, 1 where it is 0. (n,)"""
    square = np.einsum("ij,ij->i", x, x)
    if square.min() > _TINY and square.max() < 1.0 / _TINY:
        return np.sqrt(square) + lam
    top = np.maximum(np.abs(x).max(axis=1), lam)
    top[top == 0.0] = 1.0
    size = top * (np.linalg.norm(x / top[:, None], axis=1) + lam / top)
    return np.where(size > 0.0, size, 1.0)


def solve_in_place(
    x: Array, D: Array, lam: Array, size: Array, Z: Array, *, cold: bool, max_iterations: int = 10_000
) -> bool:
    """Improve the codes Z (n, k) in place, from zero if cold. Did all samples finish before running out?

    Input is trusted and neither huge nor tiny.
    """
    G, atoms = D.T @ D, np.ascontiguousarray(D.T)
    unfinished = 0
    for rows in _chunks(*Z.shape):
        gain = x[rows] @ D if cold else _residuals(x[rows], atoms, Z[rows]) @ D
        unfinished += _improve(G, lam[rows], size[rows], Z[rows], gain, min(D.shape), cold, max_iterations)
    return unfinished == 0


def _chunks(n: int, k: int) -> list[slice]:
    size = min(max(_IN_CACHE // k, 32), 1024)
    return [slice(i, min(i + size, n)) for i in range(0, n, size)]


def _start(start: ArrayLike, n: int, k: int) -> Array:
    Z = samples(start, "start").copy()
    if Z.shape != (n, k):
        raise BadInput(f"start has shape {Z.shape}, expected {(n, k)}")
    return np.maximum(Z, 0.0, out=Z)


# --- the certificate, which knows nothing of the solver ---------------------------------------------------------------


@njit(cache=True, fastmath={"contract"}, error_model="numpy")
def _subtract(r, atoms, Z):  # type: ignore[no-untyped-def]
    """r −= Z·atoms. What is not finite in Z is so in r."""
    active = np.empty(Z.shape[1], np.int64)
    for i in range(Z.shape[0]):
        s = 0
        for j in range(Z.shape[1]):
            active[s] = j
            s += Z[i, j] != 0.0
        for c in range(s):
            j = active[c]
            for a in range(r.shape[1]):
                r[i, a] -= Z[i, j] * atoms[j, a]


@kernel()
def _worst(gain, lam, Z, out):  # type: ignore[no-untyped-def]
    """max |min(z, λ − gain)| per sample, gain = Dᵀr, which is overwritten; NaN if that is not finite.

    Compared by their bits, which are in the order of nonnegative floats, with NaN above all.
    """
    bits, most = gain.view(np.int64), out.view(np.int64)
    for i in range(Z.shape[0]):
        for j in range(Z.shape[1]):
            gain[i, j] = abs(min(Z[i, j], lam[i] - gain[i, j]))
        most[i] = 0
        for j in range(Z.shape[1]):
            most[i] = max(most[i], bits[i, j])


# --- the kernel: one sample at a time, on the Gram matrix ----------------------------------------------------------
#
# S lists the s active atoms in the order of the rows of L, with L Lᵀ = G_SS (L row-major, lower triangle), and y their
# coefficients. z and g = Dᵀ(x − Dz) − λ, minus the gradient of the objective, lag behind y until `_price`.


@njit(cache=True)
def _improve(G, lam, size, Z, gain, rank, cold, max_iterations):  # type: ignore[no-untyped-def]
    """Solve every sample, from the feasible Z and the exact gain = Dᵀ(x − Dz); both are changed in place. Returns how
    many ran out."""
    k = Z.shape[1]
    S, gone, L = np.empty(rank + 1, np.int64), np.empty(k, np.int64), np.empty((rank + 1, rank + 1))
    y, p, cos, sin, moves = np.empty(rank + 1), np.empty(rank + 1), np.empty(rank + 1), np.empty(rank + 1), np.empty(k)
    return _solve_each(G, lam, size, Z, gain, S, L, y, p, gone, moves, cos, sin, cold, max_iterations)


@kernel(fastmath=_FAST)
def _solve_each(G, lam, size, Z, g, S, L, y, p, gone, moves, cos, sin, cold, max_iterations):  # type: ignore[no-untyped-def]
    unfinished = 0
    for i in range(Z.shape[0]):
        for j in range(Z.shape[1]):
            g[i, j] -= lam[i]
        first = _steepest(g[i]) if cold else -1
        if first >= 0 or not cold:
            unfinished += _solve(G, size[i], Z[i], g[i], S, L, y, p, gone, moves, cos, sin, first, max_iterations)
    return unfinished


@kernel(fastmath=_FAST, forceinline=True)
def _solve(G, size, z, g, S, L, y, p, gone, moves, cos, sin, first, max_iterations):  # type: ignore[no-untyped-def]
    """Active-set method for one sample, from z = 0 and the steepest atom, or from z if `first` is negative.

    Did it run out of iterations?
    """
    if first >= 0:
        s, changes = _first_atom(G, z, g, S, L, y, first), 1
    else:
        s, lost = _enter_support(G, z, S, L, y, gone)
        _price(G, z, g, S, y, s, gone, lost, moves)
        changes, entered = 0, 0
    while first < 0 or changes < max_iterations:
        if first >= 0:
            entered, s = _enter_violators(G, size, z, g, S, L, y, s, p, gone, moves, cos, sin)
            if entered == 0:
                return False
        s, lost = _settle(G, z, g, S, L, y, s, p, gone, moves, cos, sin, entered)
        changes, first = changes + entered + lost, 0
    return True


@kernel(forceinline=True)
def _steepest(g):  # type: ignore[no-untyped-def]
    """Where g is largest; −1 if it is nowhere positive. Positive floats are in the order of their bits, and the search
    for the largest integer vectorises."""
    bits, most = g.view(np.int64), 0
    for j in range(g.size):
        most = max(most, bits[j])
    if most == 0:
        return -1
    j = 0
    while bits[j] != most:
        j += 1
    return j


@kernel(fastmath=_FAST, forceinline=True)
def _first_atom(G, z, g, S, L, y, j):  # type: ignore[no-untyped-def]
    """The minimiser along atom j, from zero."""
    t = g[j] / G[j, j]
    S[0], y[0], z[j] = j, t, t
    L[0, 0] = np.sqrt(G[j, j])
    for l in range(g.size):
        g[l] -= t * G[j, l]
    g[j] = 0.0
    return 1


@kernel(fastmath=_FAST, forceinline=True)
def _settle(G, z, g, S, L, y, s, p, gone, moves, cos, sin, entered):  # type: ignore[no-untyped-def]
    """Minimise on the support and price all atoms. Returns the size of the support and how many left it."""
    s, lost, progress = _minimise_on_support(g, S, L, y, s, p, gone, cos, sin)
    _price(G, z, g, S, y, s, gone, lost, moves)
    for a in range(s):
        g[S[a]] = 0.0  # up to rounding
    if entered > 0 and not progress:  # atoms entered at rounding level and left again: do not let them back in
        for a in range(lost):
            g[gone[a]] = 0.0
    return s, lost


@kernel(fastmath=_FAST)
def _enter_support(G, z, S, L, y, gone):  # type: ignore[no-untyped-def]
    """Factor the support of a starting code. Atoms that depend on earlier ones are gone."""
    m, s, lost = 0, 0, 0
    for j in range(z.size):  # no branch, which would often be guessed wrongly: the next takes the place of a zero
        gone[m] = j
        m += z[j] > 0.0
    for a in range(m):
        j = gone[a]
        if s < S.size - 1 and _factor_row(G, S, L, s, j, _DEPENDENT):
            y[s] = z[j]
            s += 1
        else:
            gone[lost] = j
            lost += 1
    return s, lost


@kernel(fastmath=_FAST)
def _factor_row(G, S, L, s, j, independence):  # type: ignore[no-untyped-def]
    """Append atom j as row s of the factor. False, with the row L⁻¹G_Sj left in place, if it depends on the others."""
    for a in range(s):
        L[s, a] = G[j, S[a]]
    squares = 0.0
    for a in range(s):
        t = 0.0
        for b in range(a):
            t += L[a, b] * L[s, b]
        t = (L[s, a] - t) / L[a, a]
        L[s, a] = t
        squares += t * t
    pivot = G[j, j] - squares
    if not pivot > independence * G[j, j]:
        return False
    L[s, s] = np.sqrt(pivot)
    S[s] = j
    return True


@kernel(fastmath=_FAST)
def _back_substitute(L, s, p):  # type: ignore[no-untyped-def]
    """p ← L⁻ᵀp."""
    for a in range(s - 1, -1, -1):
        t = p[a] / L[a, a]
        p[a] = t
        for b in range(a):
            p[b] -= t * L[a, b]


@kernel(fastmath=_FAST, forceinline=True)
def _newton_step(L, s, p):  # type: ignore[no-untyped-def]
    """p ← G_SS⁻¹p."""
    for a in range(s):
        t = 0.0
        for b in range(a):
            t += L[a, b] * p[b]
        p[a] = (p[a] - t) / L[a, a]
    _back_substitute(L, s, p)


@kernel(fastmath=_FAST)
def _leave(S, L, y, p, s, a, cos, sin):  # type: ignore[no-untyped-def]
    """Remove row a: shift the later rows up and restore the triangle by rotations."""
    for c in range(a, s - 1):
        S[c], y[c], p[c] = S[c + 1], y[c + 1], p[c + 1]
        for b in range(c + 2):
            L[c, b] = L[c + 1, b]
    for c in range(a, s - 1):
        u = L[c, a]
        for b in range(a, c):
            v = L[c, b + 1]
            L[c, b] = cos[b] * u + sin[b] * v
            u = cos[b] * v - sin[b] * u
        v = L[c, c + 1]
        h = np.sqrt(u * u + v * v)
        cos[c], sin[c] = u / h, v / h
        L[c, c] = h
    return s - 1


@kernel(fastmath=_FAST, forceinline=True)
def _minimise_on_support(g, S, L, y, s, p, gone, cos, sin):  # type: ignore[no-untyped-def]
    """Move y to the minimiser over its support, dropping atoms that block the way.

    g stays what it was at the start; a step t leaves the fraction 1 − t of it on the atoms that remain.
    """
    lost, progress, left = 0, False, 1.0
    while s > 0:
        for a in range(s):
            p[a] = left * g[S[a]]
        _newton_step(L, s, p)
        step = 1.0
        for a in range(s):
            if y[a] + p[a] <= 0.0:
                step = min(step, y[a] / -p[a]) if p[a] < 0.0 else 0.0
        progress |= step > 0.0
        for a in range(s):
            y[a] += step * p[a]
        if step == 1.0:
            break
        left *= 1.0 - step
        for a in range(s - 1, -1, -1):
            if p[a] <= 0.0 and y[a] <= 4.0 * _EPS * step * -p[a]:  # it vanished, up to the rounding of y + step·p
                gone[lost] = S[a]
                lost += 1
                s = _leave(S, L, y, p, s, a, cos, sin)
    return s, lost, progress


@kernel(fastmath=_FAST, forceinline=True)
def subtract_rows(v, M, rows, factors):  # type: ignore[no-untyped-def]
    """v −= Σ factors[a] M[rows[a]], four at a time, so that v is read and written once for them."""
    a, m = 0, rows.size
    while a + 4 <= m:
        t0, t1, t2, t3 = factors[a], factors[a + 1], factors[a + 2], factors[a + 3]
        j0, j1, j2, j3 = rows[a], rows[a + 1], rows[a + 2], rows[a + 3]
        for l in range(v.size):
            v[l] -= t0 * M[j0, l] + t1 * M[j1, l] + t2 * M[j2, l] + t3 * M[j3, l]
        a += 4
    while a < m:
        t, j = factors[a], rows[a]
        for l in range(v.size):
            v[l] -= t * M[j, l]
        a += 1


@kernel(fastmath=_FAST, forceinline=True)
def _price(G, z, g, S, y, s, gone, lost, moves):  # type: ignore[no-untyped-def]
    """Write the active coefficients back to z and bring the gradient up to date."""
    m = lost
    for a in range(lost):
        moves[a] = -z[gone[a]]
        z[gone[a]] = 0.0
    for a in range(s):
        j = S[a]
        if y[a] != z[j]:
            gone[m], moves[m] = j, y[a] - z[j]
            z[j] = y[a]
            m += 1
    subtract_rows(g, G, gone[:m], moves)


@kernel(fastmath=_FAST, forceinline=True)
def _enter_violators(G, size, z, g, S, L, y, s, p, gone, moves, cos, sin):  # type: ignore[no-untyped-def]
    """Let atoms with d_j·r > λ enter: the worst one, and others nearly as bad. Returns how many, and the new size."""
    k = z.size
    mass = size
    for a in range(s):
        mass += y[a]
    best = _steepest(g)
    if best < 0 or not g[best] > 4.0 * _EPS * mass:
        return 0, s
    most = g[best]
    if s == S.size - 1 or not _factor_row(G, S, L, s, best, _DEPENDENT):
        if s == S.size - 1:
            _factor_row(G, S, L, s, best, 2.0)
        return 1, _exchange(G, z, g, S, L, y, s, best, p, gone, moves, cos, sin)
    y[s] = 0.0
    s += 1
    entered, room = 1, min(S.size - 1, s + s // 4)
    for j in range(k):
        if s == room:
            break
        if g[j] > 0.5 * most and j != best and _factor_row(G, S, L, s, j, 0.05):
            y[s] = 0.0
            s += 1
            entered += 1
    return entered, s


@kernel(fastmath=_FAST)
def _exchange(G, z, g, S, L, y, s, j, p, gone, moves, cos, sin):  # type: ignore[no-untyped-def]
    """Atom j = D_S u enters although it depends on S: follow the null direction (−u, 1) until an active atom vanishes.

    The objective falls linearly along it. Row s of L holds L⁻¹G_Sj.
    """
    for a in range(s):
        p[a] = L[s, a]
    _back_substitute(L, s, p)
    step, first = np.inf, -1
    for a in range(s):
        if p[a] > 1e-12 and y[a] < step * p[a]:
            step, first = y[a] / p[a], a
    if first < 0:  # impossible but for rounding: d_j would be minus a nonnegative combination of active atoms
        g[j] = 0.0
        return s
    for a in range(s):
        y[a] = max(0.0, y[a] - step * p[a])
    gone[0] = S[first]
    s = _leave(S, L, y, p, s, first, cos, sin)
    entered = _factor_row(G, S, L, s, j, _DEPENDENT)
    if entered:
        y[s] = step
        s += 1
    _price(G, z, g, S, y, s, gone, 1, moves)
    if not entered:
        g[j] = 0.0
    return s
