"""Two atoms in the plane, globally: every optimum is found by branch and bound over their angles (THEORY T5, T11).

The objective is a function of two angles, its codes being the best in closed form. If atoms turn, the loss C of a
sample changes at a rate of at most ‖z‖₁‖r‖ ≤ (2C/3)^(3/2)/λ, as C = ½‖r‖² + λ‖z‖₁. So it falls by turns of at most η to
no less than C/(1 + κη√C/2)², κ = (2/3)^(3/2)/λ, and a cell of angles where that is more than what has been found cannot
hold an optimum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from checks.errors import BadInput
from checks.problem.instance import Array, instance
from checks.problem.processor import on_the_processor
from checks.solvers.dictionary import joint
from checks.solvers.dictionary.result import Joint

CELLS = 48  # of each angle, to begin with
MOST_CELLS = 400_000
SAME = 1e-6  # radians within which two optima are one: they are polished to about 1e-9


@dataclass(frozen=True, eq=False)
class Pairs:
    """All global optima of two atoms in the plane, each with its atoms by angle in [−π, π).

    lower: no two atoms have a lower objective than this, by branch and bound.
    """

    optima: tuple[Joint[Array], ...]
    lower: float

    @property
    def objective(self) -> float:
        return self.optima[0].objective

    @property
    def gap(self) -> float:
        """What could be gained at most, if there were anything better than what was found."""
        return self.objective - self.lower


@on_the_processor
def best_pairs(x: ArrayLike, lam: float, *, weights: ArrayLike | None = None, tolerance: float = 2e-3) -> Pairs:
    """All global optima with two atoms of samples x (n, 2), for λ > 0, with no bias.

    tolerance: the gap to aim at, relative to E[½‖x‖²]; where optima are a continuum it may stay larger. Raises BadInput
    on bad input.
    """
    given = instance(x, 2, lam, weights=weights, name="x")
    if given.d != 2 or not lam > 0:
        raise BadInput(f"two atoms in the plane: expected x of shape (n, 2) and λ > 0, got {given.x.shape} and {lam}")
    aim = tolerance * float(given.weights @ (given.x**2).sum(axis=1)) / 2
    edges = (np.arange(CELLS) + 0.5) * 2 * np.pi / CELLS - np.pi
    cells = np.array([(one, other) for i, one in enumerate(edges) for other in edges[i:]])
    reach = np.pi / CELLS
    losses = pair_losses(cells, given.x, lam)
    best = _polished(given.x, lam, given.weights, cells[np.argmin(losses @ given.weights)])
    found = [best]
    while True:
        lowest = losses / (1 + (2 / 3) ** 1.5 / lam * reach * np.sqrt(losses) / 2) ** 2 @ given.weights
        lower = float(np.min(lowest, initial=best.objective))
        worth = lowest < best.objective
        cells, losses = cells[worth], losses[worth]
        if best.objective - lower <= aim or 4 * len(cells) > MOST_CELLS or not len(cells):
            break
        reach /= 2
        corners = reach * np.array([(-1, -1), (-1, 1), (1, -1), (1, 1)])
        cells = (cells[:, None, :] + corners).reshape(-1, 2)
        losses = pair_losses(cells, given.x, lam)
    starts = _apart(cells, losses @ given.weights)
    found += [_polished(given.x, lam, given.weights, start) for start in starts]
    least = min(each.objective for each in found)
    ties = [each for each in found if each.objective - least <= 1e-9 * (abs(least) + aim)]
    return Pairs(_distinct(ties), lower)


def pair_losses(angles: Float[Array, "m 2"], x: Float[Array, "n 2"], lam: float) -> Float[Array, "m n"]:
    """½‖r‖² + λ‖z‖₁ (m, n) of samples x (n, 2) with the best codes, for pairs of atoms at angles (m, 2)."""
    t = np.stack([np.cos(angles), np.sin(angles)], axis=-1) @ x.T - lam  # (m, 2, n)
    one, other = t[:, 0], t[:, 1]
    g = np.cos(angles[:, 0] - angles[:, 1])[:, None]
    parallel = 1 - g * g <= 1e-14
    apart = np.where(parallel, 1.0, 1 - g * g)
    z1, z2 = (one - g * other) / apart, (other - g * one) / apart
    together = np.where((z1 > 0) & (z2 > 0) & ~parallel, (z1 * one + z2 * other) / 2, 0.0)
    single = np.maximum(np.maximum(one, other), 0.0) ** 2 / 2
    return np.maximum(0.5 * (x * x).sum(axis=1) - np.maximum(single, together), 0.0)


def _polished(
    x: Float[Array, "n 2"], lam: float, weights: Float[Array, " n"], angles: Float[Array, " 2"]
) -> Joint[Array]:
    return joint(x, 2, lam, weights=weights, start=np.stack([np.cos(angles), np.sin(angles)]))


def angles_of(D: Float[Array, "2 k"]) -> Float[Array, " k"]:
    """Of atoms in the plane, columns of D (2, k), in radians, ascending."""
    return np.sort(np.arctan2(D[1], D[0]))


def _apart(cells: Float[Array, "m 2"], values: Float[Array, " m"], most: int = 24) -> list[Float[Array, " 2"]]:
    """Cells that are left, the best ones first, each some way from those before."""
    starts: list[Array] = []
    for n in np.argsort(values):
        if all(np.abs(cells[n] - other).max() > 0.05 for other in starts):
            starts.append(cells[n])
        if len(starts) == most:
            break
    return starts


def _distinct(found: list[Joint[Array]]) -> tuple[Joint[Array], ...]:
    kept: list[Joint[Array]] = []
    for each in sorted(found, key=lambda joint: joint.objective):
        if all(np.abs(angles_of(each.D) - angles_of(other.D)).max() > SAME for other in kept):
            kept.append(each)
    return tuple(kept)


# --- two features ----------------------------------------------------------------------------------------------------


BRANCHES = {
    ("1", "2", "12"): "both active",
    ("1", "2", "2"): "feature 2 absorbs",  # its atom takes all samples that have both
    ("1", "2", "1"): "feature 1 absorbs",
    ("1", "", "2"): "feature 2 dropped",  # an atom for both together, none for feature 2 alone
    ("", "2", "1"): "feature 1 dropped",
    ("1", "2", ""): "both together dropped",
}


@dataclass(frozen=True, eq=False)
class Branch:
    """An optimum for two features: angles of the atoms to feature 1, and which atoms each kind of sample uses.

    uses: of feature 1 alone, of feature 2 alone and of both, such as ("1", "2", "2") where feature 1 is silent on both.
    """

    angles: Float[Array, " k"]
    uses: tuple[str, str, str]
    objective: float
    gap: float

    @property
    def name(self) -> str:
        """Of the branch; other ones are called by the atoms that each kind of sample uses."""
        return BRANCHES.get(self.uses, " ".join(part or "silent" for part in self.uses))


def two_features(a: float, b: float, c: float, theta: float, lam: float) -> list[Branch]:
    """All global optima with two atoms, of feature 1 alone, feature 2 alone and both, with weights a, b, c.

    Amplitudes are 1; θ is the angle between the features, in radians; λ > 0. Raises BadInput on bad input.
    """
    weights = np.array([a, b, c], dtype=float)
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
        raise BadInput(f"weights of the samples must be finite and nonnegative, not {a}, {b}, {c}")
    features = np.array([[1.0, 0.0], [np.cos(theta), np.sin(theta)]])
    found = best_pairs(np.vstack([features, features.sum(axis=0)]), lam, weights=weights)
    return [_branch(each, found.gap) for each in found.optima]


def _branch(found: Joint[Array], gap: float) -> Branch:
    order = np.argsort(np.arctan2(found.D[1], found.D[0]))
    active = found.Z[:, order] > 1e-9
    one, two, both = ("".join(str(j + 1) for j in np.flatnonzero(row)) for row in active)
    return Branch(angles_of(found.D), (one, two, both), found.objective, gap)


def absorption_onset(theta: float, lam: float) -> float:
    """b/c up to which feature 1 is silent where both occur, along the branch of T11; inf if it always is.

    θ in (0, π), λ > 0.
    """
    from scipy.optimize import brentq

    ratio, price = _edge()
    tau = theta / 4
    if not lam < price(tau, tau):  # at β = τ the second atom is feature 2
        return np.inf
    return float(ratio(tau, brentq(lambda beta: price(tau, beta) - lam, 1e-15, tau)))


@cache
def _edge() -> tuple[Any, Any]:
    """b/c and λ at the end of absorption, as functions of τ = θ/4 and β."""
    from sympy import lambdify

    from theory.theorems import t11_two_features as t11

    ratio, price = (lambdify((t11.tau, t11.beta), form, "numpy") for form in (t11.edge_ratio, t11.edge_price))
    return ratio, price
