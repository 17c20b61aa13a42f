"""Identities at explicit small dimensions, in exact rational arithmetic.

A second opinion on the normal form: it shares no code with it. A polynomial identity that holds at random rational
points of several shapes holds identically, up to a chance that is negligible (Schwartz–Zippel). Every shape is drawn by
itself: about half of the codes are silent, samples have weights and prices of their own, and what is positive,
nonnegative or in the unit ball by its meaning is drawn so, so that the sign of a slack can be checked as well.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import product
from math import prod
from typing import Any

from sympy import Add, Basic, Expr, Idx, Indexed, Integer, KroneckerDelta, Mul, Pow, Rational, S, Sum, Symbol, Tuple

from theory.derive import DEFINED, RESIDUALS, assumed, nowhere
from theory.expectation import E, SampledBase, SampledSymbol, axis, depends_on_sample, name_of
from theory.normal_form import Definitions
from theory.problem import marginal, neg, on, phi, pos, w, w2, y, z, z2

SHAPES = ((1, 1, 1), (3, 2, 2), (2, 3, 2), (4, 2, 3), (2, 3, 3))  # (n, d, k)

ATTEMPTS = 100  # worlds of a shape, until one has no zero in a denominator
Z = name_of(z)
CODES = frozenset(map(name_of, (z, z2, y)))  # half of which are silent

Indices = Mapping[Idx, int]


class World:
    """Random rational values for every primitive symbol, drawn on first use. n samples, d coordinates, k atoms."""

    def __init__(self, n: int, d: int, k: int, *, seed: int, definitions: Definitions) -> None:
        self.n = n
        self._definitions = definitions
        self.sizes = {"d": d, "k": k, "p": 2, "g": 2}
        self._rng = random.Random(seed)
        self._drawn: dict[tuple, Fraction] = {}
        self._totals: dict[tuple, Fraction] = {}
        self._meanings: dict[int, _Meaning] = {}
        shares = [self._rng.randint(1, 9) for _ in range(n)]
        self.weights: list[Any] = [Fraction(share, sum(shares)) for share in shares]
        # A convex penalty with φ'(t) = t² + slope·t + 1 stands for any φ'.
        self._slope = self._draw(("slope",), nonnegative=True)

    def value(self, expr: Expr, at: Indices, sample: int | None = None) -> Fraction:
        """expr at explicit indices and, if it depends on the sample, at one sample."""
        match expr:  # the commonest first
            case Indexed():
                return self._indexed(expr, at, sample)
            case Rational():
                return Fraction(int(expr.p), int(expr.q))
            case Idx():
                return Fraction(at[expr])
            case Add():
                return sum((self.value(part, at, sample) for part in expr.args), Fraction(0))
            case Mul():
                return prod((self.value(part, at, sample) for part in expr.args), start=Fraction(1))
            case phi():
                t = self.value(expr.args[0], at, sample)
                return t**3 / 3 + self._slope * t**2 / 2 + t
            case Pow(exp=Integer()):
                return self.value(expr.base, at, sample) ** int(expr.exp)
            case Sum() | E():
                return self._total(expr, at, sample)
            case KroneckerDelta():
                return Fraction(int(at[expr.args[0]] == at[expr.args[1]]))
            case marginal():
                t = self.value(expr.args[0], at, sample)
                return t**2 + self._slope * t + 1
            case pos() | neg():
                value = self.value(expr.args[0], at, sample)
                return max(value if isinstance(expr, pos) else -value, Fraction(0))
            case Symbol() if expr in self._definitions:
                return self.value(self._definitions[expr](), {}, sample)
            case Symbol():
                key = (name_of(expr), sample if isinstance(expr, SampledSymbol) else None)
                return self._draw(key, nonnegative=bool(expr.is_nonnegative), positive=bool(expr.is_positive))
            case _:
                raise TypeError(f"no explicit value for {expr} ({type(expr).__name__})")

    def _total(self, expr: Sum | E, at: Indices, sample: int | None) -> Fraction:
        """A sum over an axis or over samples, computed once for the indices and the sample that it depends on."""
        indices, sampled, hypothetical = _dependence(expr)
        if hypothetical:  # what is given brings in indices of its own
            indices = tuple(at)
        key = (expr, *((index, at[index]) for index in indices), sample if sampled else None)
        if key not in self._totals:
            self._totals[key] = self._mean(expr, at) if isinstance(expr, E) else self._sum(expr, at, sample)
        return self._totals[key]

    def _mean(self, expr: E, at: Indices) -> Fraction:
        parts = (self.weights[i] * self.value(expr.args[0], at, i) for i in range(self.n))
        return sum(parts, Fraction(0))

    def values_of(self, expr: Expr, beside: Sequence[Basic] = ()) -> Iterator[Fraction]:
        """expr at all values of its free indices and those beside, and at all samples.

        Where it divides by zero, as for a dead atom, it has no value.
        """
        samples = range(self.n) if depends_on_sample(expr) else (None,)
        for at in self.assignments(Tuple(expr, *beside)):
            for sample in samples:
                with suppress(ZeroDivisionError):
                    yield self.value(expr, at, sample)

    def _sum(self, expr: Sum, at: Indices, sample: int | None) -> Fraction:
        bound = self._ranges(limit[0] for limit in expr.limits)
        return sum((self.value(expr.function, {**at, **chosen}, sample) for chosen in bound), Fraction(0))

    def assignments(self, expr: Basic) -> Iterator[Indices]:
        """All values of the free indices of expr."""
        return self._ranges(_dependence(expr)[0])

    def _ranges(self, indices: Iterable[Idx]) -> Iterator[Indices]:
        axes = {index: range(self.sizes[axis(index)]) for index in indices}
        return (dict(zip(axes, values, strict=True)) for values in product(*axes.values()))

    def _indexed(self, expr: Indexed, at: Indices, sample: int | None) -> Fraction:
        meaning = self._meaning(expr)
        if meaning.definition is not None:
            return self.value(meaning.definition, at, sample)
        places = tuple(at[index] for index in expr.indices)
        if meaning.is_event:
            return Fraction(int(self._draw((Z, places, sample), nonnegative=True) > 0))
        key = (meaning.name, places, sample if meaning.sampled else None)
        value = self._draw(key, nonnegative=meaning.nonnegative)
        return value * self._length_within_one(key) if meaning.within_ball else value

    def _meaning(self, expr: Indexed) -> _Meaning:
        """How an indexed quantity is read; asked for so often, of the same objects, that equality would take long."""
        if id(expr) not in self._meanings:
            self._meanings[id(expr)] = _Meaning.of(expr, self._definitions)
        return self._meanings[id(expr)]

    def _length_within_one(self, key: tuple) -> Fraction:
        """A factor that brings the vector of a key into the unit ball."""
        base, (_, *rest), sample = key
        entries = (self._draw((base, (place, *rest), sample), nonnegative=False) for place in range(self.sizes["d"]))
        return 1 / (1 + sum(map(abs, entries), Fraction(0)))

    def _draw(self, key: tuple, *, nonnegative: bool, positive: bool = False) -> Any:
        if key not in self._drawn:
            low = 1 if positive else 0 if nonnegative else -9
            self._drawn[key] = Fraction(self._rng.randint(low, 9), self._rng.randint(1, 9))
            if key[0] in CODES and self._rng.random() < 0.5:
                self._drawn[key] = Fraction(0)
        return self._drawn[key]


@dataclass(frozen=True)
class _Meaning:
    """What an indexed quantity is: defined by others, an event, or drawn."""

    quantity: Indexed  # kept, so that no other object gets its id
    name: str
    definition: Expr | None
    is_event: bool
    sampled: bool
    nonnegative: bool
    within_ball: bool

    @classmethod
    def of(cls, expr: Indexed, definitions: Definitions) -> _Meaning:
        base = expr.base
        return cls(
            quantity=expr,
            name=name_of(base),
            definition=definitions[base](*expr.indices) if base in definitions else None,
            is_event=base == on,
            sampled=isinstance(base, SampledBase),
            nonnegative=bool(base.label.is_nonnegative),
            within_ball=base in (w, w2),
        )


@cache
def _dependence(expr: Basic) -> tuple[tuple[Idx, ...], bool, bool]:
    """The free indices of an expression, whether it depends on the sample, and whether it spends what is given."""
    indices = tuple(index for index in expr.free_symbols if isinstance(index, Idx))
    return indices, depends_on_sample(expr), expr.has(assumed, nowhere)


def vanishes_at_random_instances(
    identity: Expr, definitions: Definitions = DEFINED | RESIDUALS, seed: int = 0, beside: Sequence[Basic] = ()
) -> bool:
    """Whether expr is exactly zero at a random instance of every shape, for all values of its free indices.

    beside: what else has free indices, which definitions may bring in.
    """
    return _at_random_instances(identity, definitions, seed, beside, lambda value: value == 0)


def is_nonnegative_at_random_instances(
    slack: Expr, definitions: Definitions, seed: int = 0, beside: Sequence[Basic] = ()
) -> bool:
    """Whether expr is nonnegative there; what is given as an inequality is taken for its word."""
    taken: Definitions = {assumed: lambda position: S.One, nowhere: lambda position: S.Zero}
    return _at_random_instances(slack, definitions | taken, seed, beside, lambda value: value >= 0)


def _at_random_instances(
    expr: Expr, definitions: Definitions, seed: int, beside: Sequence[Basic], holds: Callable[[Fraction], bool]
) -> bool:
    """Whether something holds of all values of expr in a world of every shape, each drawn until there are values."""
    seeds = random.Random(seed)
    missing = set(SHAPES)
    for _ in range(ATTEMPTS):
        for shape in sorted(missing):
            world = World(*shape, seed=seeds.getrandbits(32), definitions=definitions)
            verdicts = [holds(value) for value in world.values_of(expr, beside)]
            if not all(verdicts):
                return False
            missing -= {shape} if verdicts else set()
    return not missing
