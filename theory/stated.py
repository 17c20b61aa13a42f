"""A world whose quantities are stated, not drawn: expressions are evaluated at a point that somebody knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from theory.instantiate import World
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
        self._stated = dict(values)
        super().__init__(n, d, k, seed=0, definitions=definitions or {})
        if weights is not None:
            self._weights = list(weights)

    def _draw(self, key: Place, *, nonnegative: bool, positive: bool = False) -> Any:
        return super()._draw(key, nonnegative=nonnegative) if key == ("slope",) else self._stated[key]

    def _length_within_one(self, key: Place) -> int:
        return 1
