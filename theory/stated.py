"""A world whose quantities are stated, not drawn: expressions are evaluated at a point that somebody knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from sympy import Expr
from sympy.core.function import AppliedUndef

from theory.instantiate import Indices, World
from theory.normal_form import Definitions

Place = tuple  # (name, indices, sample) of an indexed quantity, (name, sample) of a scalar; None where it has no sample


class Stated(World):
    """n samples, d coordinates, k atoms. Raises KeyError on a quantity that nobody has stated.

    weights: of the samples, which sum to 1; equal ones if none are given.
    """

    def __init__(
        self,
        n: int,
        d: int,
        k: int,
        values: Mapping[Place, Any],
        *,
        weights: Sequence[Any] | None = None,
        definitions: Definitions | None = None,
    ) -> None:
        self.values = dict(values)
        super().__init__(n, d, k, seed=0, definitions=definitions or {})
        self.weights = [Fraction(1, n)] * n if weights is None else list(weights)

    def value(self, expr: Expr, at: Indices, sample: int | None = None) -> Any:
        """As in any world; a function of sizes alone, such as F*(k), is stated by how it reads."""
        if isinstance(expr, AppliedUndef):
            return self.values[str(expr), None]
        return super().value(expr, at, sample)

    def _draw(self, key: Place, *, nonnegative: bool, positive: bool = False) -> Any:
        return super()._draw(key, nonnegative=nonnegative) if key == ("slope",) else self.values[key]

    def _length_within_one(self, key: Place) -> Fraction:
        return Fraction(1)
