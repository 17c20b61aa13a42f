"""Which facts beside the certificate an identity needs.

Rocq decides by itself whether two expressions with sums are equal as polynomials. What is not polynomial algebra it
must be told, as facts that vanish: weights sum to 1, 1{z>0}² = 1{z>0} and 1{z>0}z = z, t·t⁻¹ = 1, x = r + b + Dz, and
Σ_m δ_mj f(m) = f(j). Here they are found: an expression that should vanish is expanded, and each monomial that a fact
speaks of is replaced by what the fact makes of it, until nothing is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, permutations, product
from math import prod

from checks.claims.rocq.terms import (
    INVERSE,
    ONE,
    SAMPLES,
    Fact,
    Function,
    Leaves,
    Mean,
    Minus,
    Named,
    Names,
    Number,
    Plus,
    Power,
    Quantity,
    Reciprocal,
    Term,
    Times,
    Total,
    fresh_names,
    known,
    minus,
    plus,
    renamed,
    shown,
    times,
)

Factor = tuple[str, tuple[str, ...]]  # the key of a leaf, and its indices


class NotAnIdentity(ValueError):
    """What should vanish does not: the message says what is left."""


@dataclass(frozen=True)
class Monomial:
    """Σ over `bound` (index → axis) of a product of factors, in one order of both."""

    bound: tuple[tuple[str, str], ...]
    factors: tuple[Factor, ...]


@dataclass(frozen=True)
class Rule:
    """A fact that speaks of a part of a monomial.

    bound    the indices that are summed over outside of the fact
    factors  the factors beside it
    """

    bound: tuple[tuple[str, str], ...]
    factors: tuple[Factor, ...]
    fact: Fact


@dataclass
class Identity:
    """An expression on the way to 0.

    restored  by its key, the fact that a leaf is what it means
    positive  a proof that what is divided by is positive
    """

    leaves: Leaves
    restored: Mapping[str, Callable[[tuple[str, ...]], Fact]]
    positive: Callable[[Term], Callable[[Names], str]]
    fresh: Callable[[str], str] = field(default_factory=fresh_names)

    def facts(self, whole: Term) -> list[Term]:
        """Facts, each with its multiplier, whose sum is the expression. Raises NotAnIdentity if there are none."""
        left = collected(each for each in self.expanded(whole, {}))
        found: list[Term] = []
        while left:
            monomial = next((each for each in left if self.rule(each)), None)
            if monomial is None:
                raise NotAnIdentity(f"the margin is not the certificate: {self._some(left)} is left")
            coefficient, rule = left[monomial], self.rule(monomial)
            assert rule is not None
            spent = self.written(coefficient, rule.bound, rule.factors, rule.fact)
            found.append(spent)
            rest = self.expanded(minus(spent), {})
            left = collected([*((value, each) for each, value in left.items()), *rest])
        return found

    def _some(self, left: Mapping[Monomial, Fraction]) -> str:
        """The first monomial of some, and how many there are besides."""
        monomial, coefficient = next(iter(left.items()))
        text = shown(self.written(coefficient, monomial.bound, monomial.factors, ONE))
        return f"{text} and {len(left) - 1} more" if len(left) > 1 else text

    # --- expansion -------------------------------------------------------------------------------------------------

    def expanded(self, term: Term, names: Mapping[str, str]) -> Iterator[tuple[Fraction, Monomial]]:
        """The monomials of a term. names: what its bound indices are called here."""
        match term:
            case Number(size):
                if size:
                    yield Fraction(size), Monomial((), ())
            case Reciprocal(size):
                yield Fraction(1, size), Monomial((), ())
            case Quantity() | Function():
                key, indices = self.leaves.key(term)
                yield Fraction(1), Monomial((), ((key, tuple(names.get(index, index) for index in indices)),))
            case Minus(part):
                for value, each in self.expanded(part, names):
                    yield -value, each
            case Plus(parts):
                for part in parts:
                    yield from self.expanded(part, names)
            case Times(parts):
                yield from _multiplied([list(self.expanded(part, names)) for part in parts])
            case Power(base, exponent):
                yield from _multiplied([list(self.expanded(base, names)) for _ in range(exponent)])
            case Total(axis, index, body):
                called = self.fresh(index)
                for value, each in self.expanded(body, {**names, index: called}):
                    yield value, Monomial(((called, axis), *each.bound), each.factors)
            case Mean(index, body):
                yield from self.expanded(Total(SAMPLES, index, Times((Quantity("weight", (index,)), body))), names)
            case Named(_, _, _, meaning) | Fact(_, meaning):
                yield from self.expanded(meaning, names)

    def written(
        self, coefficient: Fraction, bound: tuple[tuple[str, str], ...], factors: tuple[Factor, ...], last: Term
    ) -> Term:
        """coefficient × Σ over bound of factors × last."""
        size = abs(coefficient)
        numbers = [Number(size.numerator)] + ([Reciprocal(size.denominator)] if size.denominator > 1 else [])
        body = times(*numbers, *(self.leaf(each) for each in factors), last)
        for index, axis in reversed(bound):
            body = Total(axis, index, body)
        return Minus(body) if coefficient < 0 else body

    def leaf(self, factor: Factor) -> Term:
        key, indices = factor
        return self.leaves.known[key].at(indices)

    # --- rules -----------------------------------------------------------------------------------------------------

    def rule(self, monomial: Monomial) -> Rule | None:
        """The first fact that speaks of a monomial."""
        tries = (self._restored, self._active, self._weights, self._contracted, self._cancelled)
        return next((found for each in tries if (found := each(monomial))), None)

    def _restored(self, monomial: Monomial) -> Rule | None:
        for place, (key, indices) in enumerate(monomial.factors):
            if key in self.restored:
                return Rule(monomial.bound, _without(monomial.factors, place), self.restored[key](indices))
        return None

    def _active(self, monomial: Monomial) -> Rule | None:
        for place, (key, indices) in enumerate(monomial.factors):
            if key == "on/2":
                rest = _without(monomial.factors, place)
                code = Quantity("z", indices)
                on = Quantity("on", indices)
                if ("z/2", indices) in rest:
                    fact = Fact(_wrapped("active_amount", known("z_ge0", *indices)), plus(times(on, code), minus(code)))
                    return Rule(monomial.bound, _without(rest, rest.index(("z/2", indices))), fact)
                if (key, indices) in rest:
                    fact = Fact(_wrapped("active_active", known("z", *indices)), plus(times(on, on), minus(on)))
                    return Rule(monomial.bound, _without(rest, rest.index((key, indices))), fact)
        return None

    def _weights(self, monomial: Monomial) -> Rule | None:
        for index, axis in monomial.bound:
            if axis == SAMPLES and _uses(monomial, index) == [("weight/1", (index,))]:
                total = Total(SAMPLES, index, Quantity("weight", (index,)))
                fact = Fact(known("zeroB weight_total"), plus(total, minus(ONE)))
                place = monomial.factors.index(("weight/1", (index,)))
                return Rule(_unbound(monomial, index), _without(monomial.factors, place), fact)
        return None

    def _contracted(self, monomial: Monomial) -> Rule | None:
        bound = dict(monomial.bound)
        for place, (key, indices) in enumerate(monomial.factors):
            if key != "delta/2":
                continue
            rest = _without(monomial.factors, place)
            if indices[0] == indices[1]:
                fact = Fact(known("same_delta _", indices[0]), plus(Quantity("delta", indices), minus(ONE)))
                return Rule(monomial.bound, rest, fact)
            for gone, kept in (indices, indices[::-1]):
                if gone in bound:
                    inside = tuple(each for each in rest if gone in each[1])
                    outside = tuple(each for each in rest if gone not in each[1])
                    body = times(*(self.leaf(each) for each in inside))
                    return Rule(_unbound(monomial, gone), outside, contraction(bound[gone], gone, kept, indices, body))
        return None

    def _cancelled(self, monomial: Monomial) -> Rule | None:
        for place, (key, indices) in enumerate(monomial.factors):
            pattern = self.leaves.known[key].pattern
            if isinstance(pattern, Function) and pattern.name == INVERSE:
                inverse = self.leaf((key, indices))
                assert isinstance(inverse, Function)
                divisors = list(self.expanded(inverse.argument, {}))
                rest = _without(monomial.factors, place)
                if len(divisors) == 1 and (kept := _matched(divisors[0][1], rest, monomial)):
                    bound, factors = kept
                    positive = self.positive(inverse.argument)
                    fact = Fact(_wrapped("cancelled", positive), plus(times(inverse.argument, inverse), minus(ONE)))
                    return Rule(bound, factors, fact)
        return None


def contraction(axis: str, gone: str, kept: str, indices: tuple[str, ...], body: Term) -> Fact:
    """Σ_gone δ f(gone) − f(kept)."""
    lemma = "contracted" if indices == (gone, kept) else "contracted'"

    def proof(names: Names) -> str:
        inside = shown(body, {**names, gone: f"{gone}'"})
        return f"{lemma} {names.get(kept, kept)} (fun {gone}' : nat => {inside})"

    total = Total(axis, gone, Times((Quantity("delta", indices), body)))
    return Fact(proof, plus(total, minus(renamed(body, {gone: kept}))))


def _wrapped(lemma: str, proof: Callable[[Names], str]) -> Callable[[Names], str]:
    return lambda names: f"{lemma} ({proof(names)})"


def _matched(
    divisor: Monomial, rest: tuple[Factor, ...], monomial: Monomial
) -> tuple[tuple[tuple[str, str], ...], tuple[Factor, ...]] | None:
    """What is left of a monomial when the factors of a divisor are taken out, if they are there."""
    free = dict(monomial.bound)
    for chosen in permutations(free, len(divisor.bound)):
        names = {own: other for (own, _), other in zip(divisor.bound, chosen)}
        if any(free[names[own]] != axis for own, axis in divisor.bound):
            continue
        left = list(rest)
        try:
            for key, indices in divisor.factors:
                left.remove((key, tuple(names.get(index, index) for index in indices)))
        except ValueError:
            continue
        if not any(index in chosen for _, indices in left for index in indices):
            return tuple(each for each in monomial.bound if each[0] not in chosen), tuple(left)
    return None


def _uses(monomial: Monomial, index: str) -> list[Factor]:
    return [each for each in monomial.factors if index in each[1]]


def _unbound(monomial: Monomial, index: str) -> tuple[tuple[str, str], ...]:
    return tuple(each for each in monomial.bound if each[0] != index)


def _without(factors: tuple[Factor, ...], place: int) -> tuple[Factor, ...]:
    return factors[:place] + factors[place + 1 :]


def _multiplied(parts: list[list[tuple[Fraction, Monomial]]]) -> Iterator[tuple[Fraction, Monomial]]:
    for chosen in product(*parts):
        value = prod((coefficient for coefficient, _ in chosen), start=Fraction(1))
        bound = tuple(chain.from_iterable(each.bound for _, each in chosen))
        yield value, Monomial(bound, tuple(chain.from_iterable(each.factors for _, each in chosen)))


def collected(
    monomials: Iterator[tuple[Fraction, Monomial]] | list[tuple[Fraction, Monomial]],
) -> dict[Monomial, Fraction]:
    """Like monomials together, without those that cancel."""
    total: dict[Monomial, Fraction] = {}
    for value, each in monomials:
        canonical = _canonical(each)
        total[canonical] = total.get(canonical, Fraction(0)) + value
    return {each: value for each, value in total.items() if value}


def _canonical(monomial: Monomial) -> Monomial:
    """The monomial with its bound indices named so that its factors sort first."""
    axes: dict[str, list[str]] = {}
    for index, axis in monomial.bound:
        axes.setdefault(axis, []).append(index)
    candidates = []
    for orders in product(*(permutations(axes[axis]) for axis in sorted(axes))):
        names = {
            index: f"{axis[0]}_{place}"
            for axis, order in zip(sorted(axes), orders)
            for place, index in enumerate(order)
        }
        factors = sorted(
            (key, tuple(names.get(index, index) for index in indices)) for key, indices in monomial.factors
        )
        candidates.append(tuple(factors))
    bound = tuple((f"{axis[0]}_{place}", axis) for axis in sorted(axes) for place in range(len(axes[axis])))
    return Monomial(bound, min(candidates))
