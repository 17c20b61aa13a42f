"""How λ reads off a checkpoint: by what pulls at its latents, and what they pay for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Expr, Sum

from checks.evaluation.lowering import Env, Named, evaluate
from checks.evaluation.moment_basis import Basis
from checks.judging.checkpoint.asked import concrete
from checks.problem.instance import Array
from theory.derive import conditions
from theory.expectation import E
from theory.problem import D, M, Objective, R, a, j, z


@dataclass(frozen=True, eq=False)
class Reading:
    """Scale stationarity (A5) of an objective, E[z_j φ'(z_j)] = E[z_j d_j·r], each side as a mean: it knows λ.

    paid  the first, in terms of λ
    pull  the second, with the residuals of all prefixes that have the atom
    """

    paid: Expr
    pull: Expr

    @staticmethod
    def of(objective: Objective) -> Reading:
        residual, scale = objective.residual, conditions(objective)["scale"].residual
        of_prefix = M[residual.indices[0], j] if residual.base == R else 1
        pull = E(Sum(of_prefix * D[a, j] * residual, *residual.indices) * z[j])
        left_over = {mean: 0 for mean in scale.atoms(E) if mean.has(residual.base)}
        return Reading(concrete(objective.specialise(scale.xreplace(left_over))), pull)

    @property
    def kept(self) -> list[E]:
        """The pull as a moment of its own, of few numbers; with many prefixes it is taken from a larger one."""
        return [] if self.pull.has(R) else [self.pull]

    def at(self, found: Basis, means: Mapping[E, Named], symbols: Mapping[str, Named]) -> tuple[Array, Array]:
        """Per latent, (k,): the pull beyond what is paid without a λ, and what is paid for each λ."""
        sizes = sizes_of(symbols)

        def value(expression: Expr, price: float) -> Array:
            env = Env({**symbols, "lambda": Named(price)}, sizes, means=found.means(means))
            return np.broadcast_to(evaluate(found.forms[expression], env).array, (sizes["k"],))

        free = value(self.paid, 0.0)
        return value(self.pull, 0.0) - free, value(self.paid, 1.0) - free


def ratio(part: Any, whole: Any) -> Any:
    """part / whole; NaN where there is no whole."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.asarray(whole) > 0, np.divide(part, whole), np.nan)


def sizes_of(symbols: Mapping[str, Named]) -> dict[str, int]:
    length, width = symbols["D"].array.shape
    return {"d": length, "k": width, "g": len(symbols["M"].array) if "M" in symbols else 1}
