"""The convex form of the widest problem, solved by a conic solver: unlike every other solver here (THEORY W4).

With an atom per sample or more, the joint problem is the convex

    min over X̂, Q of  Σ_i w_i ½‖x_i − b − x̂_i‖² + ½ (tr(X̂ Q⁺ X̂ᵀ) + cᵀQc),   c_i = w_i λ_i,

over the completely positive Q = Σ_j z_j z_jᵀ, each code scaled so that ‖d_j‖ = cᵀz_j. Here Q is only doubly nonnegative
(entries ≥ 0 and eigenvalues ≥ 0). That loses nothing, whatever n: the Lagrangian dual of both problems is
max Σ_i w_i (u_i·x_i − ½‖u_i‖²) over ‖u_i‖ ≤ λ_i, because then c_i c_j − w_i w_j u_i·u_j ≥ 0 entry by entry, by Cauchy
and Schwarz. A free b adds Σ_i w_i u_i = 0 to the dual.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from checks.errors import BadInput, MissingExtra
from checks.problem.instance import Array, instance
from checks.problem.processor import on_the_processor

LARGEST = 40
"""Most samples accepted: Q has n² entries, and the cost grows with n⁶."""


@dataclass(frozen=True, eq=False)
class Convex:
    """Reconstructions X (n, d) without the bias b (d,), and the doubly nonnegative Q (n, n).

    objective: the value of this feasible point, from x, X, b and Q alone. bound: the value of a feasible point of the
    dual, from x, X and b alone. The optimum lies between them.
    """

    X: Float[Any, "n d"]  # arrays, or tensors for tensors
    b: Float[Any, " d"]
    Q: Float[Any, "n n"]
    objective: float
    bound: float


@on_the_processor
def convex(x: ArrayLike, lam: ArrayLike, *, weights: ArrayLike | None = None, bias: bool = False) -> Convex:
    """The optimum over all dictionaries of any width for samples x (n, d), n ≤ 40, and λ > 0, one or one per sample.

    weights: of the samples, rescaled to sum 1. bias: whether b is free. A sample of weight 0 is reconstructed by 0.
    Good to about 1e-7, relative; objective and bound say how good. Raises BadInput on bad input, MissingExtra without
    cvxpy.
    """
    given = instance(x, 1, lam, weights=weights, bias=bias, name="x")
    if given.n > LARGEST:
        raise BadInput(f"x has {given.n} samples, the convex form takes up to {LARGEST}")
    if not (given.lam > 0).all():
        raise BadInput(f"λ = 0 at sample {np.argmin(given.lam)}: the optimum is then a limit that nothing attains")
    scale = max(float(np.abs(given.x).max()), float(given.lam.max()))
    counts = given.weights > 0
    y, lam, w = given.x[counts] / scale, given.lam[counts] / scale, given.weights[counts]
    X, b, Q = _solve(y, w, w * lam, bias)
    Q = _feasible(Q)
    full = np.zeros_like(given.x)
    full[counts] = X * scale
    padded = np.zeros((given.n, given.n))
    padded[np.ix_(counts, counts)] = Q
    objective, bound = _value(y - b, w, w * lam, X, Q), _dual_value(y, lam, w, y - b - X, bias)
    return Convex(full, b * scale, padded, objective * scale**2, bound * scale**2)


def _solve(
    x: Float[Array, "n d"], w: Float[Array, " n"], c: Float[Array, " n"], bias: bool
) -> tuple[Float[Array, "n d"], Float[Array, " d"], Float[Array, "n n"]]:
    """X, b and Q as the conic solver sees them: constraints hold up to its tolerance."""
    cp = _cvxpy()
    n, d = x.shape
    unit = float(c.mean())  # of Q: its entries are then about as large as those of x
    X, Q = cp.Variable((n, d)), cp.Variable((n, n), symmetric=True)
    b = cp.Variable((1, d)) if bias else cp.Constant(np.zeros((1, d)))
    r = x - X - np.ones((n, 1)) @ b
    loss = 0.5 * cp.sum_squares(cp.multiply(np.sqrt(w)[:, None], r))
    penalty = 0.5 * unit * (cp.matrix_frac(X, Q) + cp.sum(cp.multiply(Q, np.outer(c, c) / unit**2)))
    problem = cp.Problem(cp.Minimize((loss + penalty) / unit), [Q >= 0])
    problem.solve(solver=cp.CLARABEL)
    if X.value is None:
        raise BadInput(f"the conic solver gave up: {problem.status}")
    return X.value, b.value[0], Q.value / unit


def _cvxpy() -> Any:
    try:
        import cvxpy
    except ImportError:
        raise MissingExtra("the convex form needs cvxpy: pip install 'sae-laws[convex]'") from None
    return cvxpy


# --- both sides of the optimum, from the point alone ------------------------------------------------------------------


def _feasible(Q: Float[Array, "n n"]) -> Float[Array, "n n"]:
    """A matrix near Q with entries ≥ 0 and eigenvalues > 0."""
    Q = np.maximum(0.5 * (Q + Q.T), 0.0)
    lowest = float(np.linalg.eigvalsh(Q)[0])
    return Q + (max(0.0, -lowest) + 1e-9 * np.trace(Q)) * np.eye(len(Q))


def _value(
    y: Float[Array, "n d"], w: Float[Array, " n"], c: Float[Array, " n"], X: Float[Array, "n d"], Q: Float[Array, "n n"]
) -> float:
    """The objective at a feasible point, y = x − b."""
    penalty = 0.5 * float((X * np.linalg.solve(Q, X)).sum() + c @ Q @ c)
    return float(w @ (0.5 * ((y - X) ** 2).sum(axis=1))) + penalty


def _dual_value(
    x: Float[Array, "n d"], lam: Float[Array, " n"], w: Float[Array, " n"], u: Float[Array, "n d"], bias: bool
) -> float:
    """The dual objective at the feasible point near u: centred if b is free, and shrunk until ‖u_i‖ ≤ λ_i."""
    if bias:
        u = u - w @ u
    longest = float((np.linalg.norm(u, axis=1) / lam).max())
    u = u / max(longest, 1.0)
    return float(w @ ((u * x).sum(axis=1) - 0.5 * (u * u).sum(axis=1)))
