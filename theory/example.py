"""Points in exact arithmetic at which the hypotheses of a theorem hold together, and what it says of them.

Hypotheses that contradict each other prove everything. A theorem therefore names points that meet all of them; without
one it is refused as vacuous. Its conclusions are evaluated at these points too, by code that knows nothing of proofs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import isqrt
from typing import Any

from sympy import Basic, Eq, Ge, Gt, IndexedBase, Sum, Symbol, sympify

from theory.certificate import NotProved
from theory.counterexample import Counterexample
from theory.derive import CONSTRUCTED, DEFINED
from theory.expectation import SampledBase, SampledSymbol
from theory.inference import TWINS, Bias, Property, best, excess, rays
from theory.optimality import Level, dot, square
from theory.problem import D, a, b, k, lam, mu, r, u, w, x, z
from theory.stated import Place, Stated

FREE = (u, w, excess)  # what a point has usual values for, and an example may say otherwise
FACTS = ("positive", "nonnegative", "negative", "nonpositive", "zero", "integer")  # that assumptions may be of


@dataclass(frozen=True, eq=False)
class Example:
    """A point of the L1 problem, and values for a theorem's own symbols.

    Directions of samples, and which are beyond λ, are known where all lengths are rational.
    own: a number for a scalar, rows for what is indexed, one for each sample first if each has its own. A wider optimum
    of the point says what one atom more is worth; without it the point must be as good as any width (W1).
    """

    point: Counterexample
    own: Mapping[Any, Any] = field(default_factory=dict)

    def verify(self, level: Level, bias: frozenset[Bias]) -> None:
        """Raise NotProved unless the point is of a level, certified exactly, and its bias as free as it must be."""
        self.point.verify_optimal(level)
        self._verify_own()
        if (Bias.FREE if self.point.bias else Bias.FIXED) not in bias:
            raise NotProved("the example has a bias that is not as free as the theorem's")

    def _verify_own(self) -> None:
        """Raise NotProved unless each value is one that its symbol may have, and is not decided by the point."""
        decided = self._of_the_point()
        for symbol, value in self.own.items():
            if not isinstance(symbol, (Symbol, IndexedBase)) or (symbol in decided and symbol not in FREE):
                raise NotProved(f"the example says what {symbol} is, which is decided by its point")
            if not all(may_be(symbol, entry) for _, entry in _entries(value)):
                raise NotProved(f"the example has a value of {symbol} that its assumptions do not allow")
        limits = [
            Property(premise.name, Eq(premise.residual, 0)) for premise in CONSTRUCTED if {*premise.of} & {*self.own}
        ]
        limits += [Property("ball", Ge(1 - Sum(w[a] ** 2, a), 0))] if w in self.own else []
        for each in limits:
            if not self.satisfies(each):
                raise NotProved(f"the example has a value of {_spoken(each, self.own)} that is none: {each.name} fails")

    def satisfies(self, each: Property) -> bool:
        """Whether a property holds of every sample, or pair of samples, and for all values of its indices."""
        worlds = (self._world(shift) for shift in range(len(self.point.x)))
        try:
            values = [value for world in worlds for value in world.values_of(each.margin)]
        except KeyError as error:
            raise NotProved(
                f"the example does not say what {error.args[0][0]} is, of which {each.name} speaks"
            ) from None
        if not values:
            raise NotProved(f"{each.name} has no value at the example")
        if isinstance(each.relation, Eq):
            return not any(values)
        return all(value > 0 or (value == 0 and not isinstance(each.relation, Gt)) for value in values)

    def _world(self, shift: int) -> Stated:
        n, d, width = len(self.point.x), len(self.point.D), len(self.point.D[0])
        return Stated(n, d, width, dict(self._values(shift)), definitions=DEFINED)

    def _values(self, shift: int) -> Iterator[tuple[Place, Any]]:
        """All quantities at their places; the second sample of a pair comes `shift` after the first."""
        n = len(self.point.x)
        for symbol, value in {**self._of_the_point(), **self.own}.items():
            yield from _placed(symbol, value)
            if symbol in TWINS:
                yield from _placed(TWINS[symbol], [value[(i + shift) % n] for i in range(n)])

    def _of_the_point(self) -> dict[Any, Any]:
        codes, prices, shifted = self._codes, self.point.prices, self._shifted
        residuals = [
            [value - dot(atom, row) for value, atom in zip(sample, self._rows, strict=True)]
            for sample, row in zip(shifted, codes, strict=True)
        ]
        saturated = all(square(row) <= price**2 for row, price in zip(residuals, prices, strict=True))
        return {
            k: len(self._rows[0]),
            lam: prices,
            x: [[_exact(value) for value in row] for row in self.point.x],
            b: [_exact(value) for value in self.point.b],
            D: self._rows,
            z: codes,
            r: residuals,
            mu: [
                [price - dot(atom, row) for atom in zip(*self._rows, strict=True)]
                for row, price in zip(residuals, prices, strict=True)
            ],
            u: [Fraction(int(a == 0)) for a in range(len(self.point.b))],
            **self._of_rays(),
            **self._of_widths(saturated),
        }

    def _of_rays(self) -> dict[Any, Any]:
        """Directions w and what samples have beyond λ, if lengths are rational."""
        lengths = [root(square(row)) for row in self._shifted]
        if None in lengths:
            return {}
        ends = list(zip(self._shifted, lengths, self.point.prices, strict=True))
        directions = [[value / max(length or 0, price) for value in row] for row, length, price in ends]
        beyond = [max((length or 0) - price, Fraction(0)) for _, length, price in ends]
        found = {tuple(way) for way, amount in zip(directions, beyond, strict=True) if amount}
        return {w: directions, excess: beyond, rays: len(found)}

    def _of_widths(self, saturated: bool) -> dict[Any, Any]:
        """What the best dictionaries cost, of this width and of one atom more, if that is known."""
        if self.point.wider is None and not saturated:
            return {}
        own = _cost(self.point)
        return {best(k): own, best(k + 1): own if self.point.wider is None else _cost(self.point.wider)}

    @property
    def _shifted(self) -> list[list[Fraction]]:
        return [
            [_exact(value) - _exact(shift) for value, shift in zip(row, self.point.b, strict=True)]
            for row in self.point.x
        ]

    @property
    def _rows(self) -> list[list[Fraction]]:
        return [[_exact(value) for value in row] for row in self.point.D]

    @property
    def _codes(self) -> list[list[Fraction]]:
        return [[_exact(value) for value in row] for row in self.point.z]


def may_be(symbol: Basic, value: Any) -> bool:
    """Whether the assumptions on a symbol allow a value, a number."""
    number = sympify(str(value) if isinstance(value, Fraction) else value)
    assumed = (symbol.label if isinstance(symbol, IndexedBase) else symbol).assumptions0
    return all(getattr(number, f"is_{fact}") == holds for fact, holds in assumed.items() if fact in FACTS)


def _spoken(each: Property, own: Mapping[Any, Any]) -> str:
    return ", ".join(str(symbol) for symbol in own if each.relation.has(symbol))


def _cost(point: Counterexample) -> Fraction:
    """The mean loss of a point."""
    total = Fraction(0)
    for sample, codes, price in zip(point.x, point.z, point.prices, strict=True):
        active = [_exact(value) for value in codes]
        left = [
            _exact(value) - _exact(shift) - dot([_exact(part) for part in row], active)
            for value, shift, row in zip(sample, point.b, point.D, strict=True)
        ]
        total += square(left) / 2 + price * sum(active, Fraction(0))
    return total / len(point.x)


def _placed(symbol: Basic, value: Any) -> Iterator[tuple[Place, Any]]:
    """A quantity at each of its places."""
    if isinstance(symbol, SampledSymbol):
        yield from (((str(symbol), sample), _exact(each)) for sample, each in enumerate(value))
    elif isinstance(symbol, SampledBase):
        for sample, each in enumerate(value):
            yield from (((str(symbol), place, sample), _exact(entry)) for place, entry in _entries(each))
    elif isinstance(symbol, IndexedBase):
        yield from (((str(symbol), place, None), _exact(entry)) for place, entry in _entries(value))
    else:
        yield (str(symbol), None), _exact(value)


def _entries(value: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    if not isinstance(value, Sequence):
        yield (), value
        return
    for place, part in enumerate(value):
        yield from (((place, *rest), entry) for rest, entry in _entries(part))


def _exact(value: Any) -> Fraction:
    return Fraction(value) if isinstance(value, (int, Fraction)) else Fraction(str(value))


def root(value: Fraction) -> Fraction | None:
    """Of a square of a fraction; None of other numbers."""
    found = Fraction(isqrt(value.numerator), isqrt(value.denominator))
    return found if found**2 == value else None
