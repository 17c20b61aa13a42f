"""A small frozen description of an instance, from which the arrays are built: what a counterexample prints as."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields

import numpy as np

from checks.data.synthetic.family import Family
from checks.problem.instance import Array, Instance, instance
from checks.problem.parameters import numbers_of
from theory.problem import OBJECTIVES

WEIGHTS = ("equal", "random", "some zero")


@dataclass(frozen=True)
class Spec:
    """n samples of a family in d dimensions with a problem posed on them; its repr is Python that builds it again.

    lam: λ in units of the radius max‖x_i − centre‖ (the centre is 0 without a bias, else the mean), so that from
    lam = 1 on all codes are zero at the optimum (THEORY C2); lam_spread: λ_i uniform in λ(1 ± lam_spread);
    weights: one of WEIGHTS; scale: multiplies x and λ; objective: the key of one in OBJECTIVES, with `numbers_of` it.
    """

    family: Family
    n: int
    d: int
    k: int
    seed: int
    lam: float
    lam_spread: float = 0.0
    bias: bool = False
    weights: str = "equal"
    scale: float = 1.0
    objective: str = "l1"

    def build(self) -> Instance:
        """The instance. The same spec always builds the same one, named by its repr."""
        rng = np.random.default_rng(self.seed)
        x = self.family.samples(self.n, self.d, rng)
        weights = self._weights(rng)
        lam = self.lam * _radius(x, weights, self.bias) * rng.uniform(1 - self.lam_spread, 1 + self.lam_spread, self.n)
        objective = OBJECTIVES[self.objective]
        return instance(
            self.scale * x,
            self.k,
            self.scale * lam,
            weights=weights,
            bias=self.bias,
            name=repr(self),
            objective=objective,
            parameters=numbers_of(objective, self.k),
        )

    def _weights(self, rng: np.random.Generator) -> Array:
        weights = np.ones(self.n) if self.weights == "equal" else rng.uniform(0.1, 1.0, self.n)
        if self.weights == "some zero":
            weights[1:][rng.random(self.n - 1) < 0.5] = 0.0
        return weights

    def __repr__(self) -> str:
        shown = [repr(self.family)]
        for field in fields(self)[1:]:
            value = getattr(self, field.name)
            if field.default is MISSING or value != field.default:
                shown.append(f"{field.name}={value!r}")
        return f"Spec({', '.join(shown)})"


def _radius(x: Array, weights: Array, bias: bool) -> float:
    """The largest distance to the centre among samples that count; 1 if it is nothing but rounding."""
    x, weights = x[weights > 0], weights[weights > 0]
    centre = np.average(x, axis=0, weights=weights) if bias else 0.0
    radius = np.linalg.norm(x - centre, axis=1).max()
    return float(radius) if radius > 1e-14 * np.abs(x).max() else 1.0
