"""Values of symbols that are computed when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from checks.evaluation.lowering import Named


class Symbols(Mapping[str, Named]):
    """Values by name; one that is given as a function is computed once, when it is first used."""

    def __init__(self, given: Mapping[str, Named | Callable[[], Named]]) -> None:
        self._given = dict(given)

    def __getitem__(self, name: str) -> Named:
        value = self._given[name]
        if not isinstance(value, Named):
            value = self._given[name] = value()
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)
