"""Monomials of index notation, multiplied and matched: the algebra in which proofs are searched for.

A monomial is that of `theory.normal_form`: powers of leaves and of means E[product of leaves], its summed indices named
k#0, d#1, …; a polynomial maps monomials to rational coefficients. A pattern is a monomial whose indices ?j may stand
for any index, and whose summed indices for summed ones that occur nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import count, permutations, product

from theory.normal_form import DELTA, DIMENSION, MEAN, Leaf, leaf_name
from theory.problem import on, z

Monomial = tuple[tuple[Leaf, int], ...]
Polynomial = dict[Monomial, Fraction]
Names = Mapping[str, str]

ON, CODE = map(leaf_name, (on, z))
# Dividing by a positive number is always allowed.
POSITIVE: frozenset[Leaf] = frozenset({("s", False, ())})

_fresh = count()


def is_summed(index: str) -> bool:
    return "#" in index


def is_variable(index: str) -> bool:
    return index.startswith("?")


@cache
def axis(index: str) -> str:
    """The dimension that a summed index k#0, an open index k@0 or a variable ?k.j runs over."""
    return index.strip("?").replace("@", "#").replace(".", "#").split("#")[0]


def fresh(index: str) -> str:
    """A summed index that occurs nowhere else, on the same axis."""
    return f"{axis(index)}#_{next(_fresh)}"


def indices(powers: Iterable[tuple[Leaf, int]]) -> set[str]:
    """The names of all indices in a monomial."""
    found: set[str] = set()
    for (name, _, inside), _power in powers:
        found |= indices(inside) if name == MEAN else set(inside)
    return found


def all_leaves(monomial: Iterable[tuple[Leaf, int]]) -> Iterator[tuple[Leaf, int]]:
    """The leaves of a monomial with their powers, in means or out of them."""
    for leaf, power in monomial:
        if leaf[0] == MEAN:
            yield from leaf[2]
        else:
            yield leaf, power


def renamed(powers: Iterable[tuple[Leaf, int]], names: Names) -> Monomial:
    result: dict[Leaf, int] = {}
    for (name, sampled, inside), power in powers:
        if name == MEAN:
            leaf = _mean(dict(renamed(inside, names)))
        else:
            indexed = tuple(names.get(index, index) for index in inside)
            leaf = (name, sampled, tuple(sorted(indexed)) if name == DELTA else indexed)
        multiply(result, leaf, power)
    return tuple(sorted(result.items()))


def multiply(powers: dict[Leaf, int], leaf: Leaf, power: int) -> None:
    powers[leaf] = powers.get(leaf, 0) + power
    if powers[leaf] == 0:
        del powers[leaf]


def times(*factors: Iterable[tuple[Leaf, int]]) -> dict[Leaf, int]:
    """The product of monomials whose indices mean the same."""
    result: dict[Leaf, int] = {}
    for factor in factors:
        for leaf, power in factor:
            multiply(result, leaf, power)
    return result


def _mean(inside: dict[Leaf, int]) -> Leaf:
    return (MEAN, False, tuple(sorted(_reduced(inside).items())))


def _reduced(powers: dict[Leaf, int]) -> dict[Leaf, int]:
    """Use what "active" means: on² = on, on·z = z."""
    reduced = dict(powers)
    for leaf in powers:
        if leaf[0] == ON:
            if powers.get((CODE, True, leaf[2]), 0) > 0:
                del reduced[leaf]
            else:
                reduced[leaf] = 1
    return reduced


def canonical(powers: Mapping[Leaf, int]) -> Monomial:
    """The same monomial under the naming of its summed indices that is the same for all its namings."""
    return renamed(powers.items(), canonical_names(powers))


def canonical_names(powers: Mapping[Leaf, int]) -> dict[str, str]:
    dummies = sorted(filter(is_summed, indices(powers.items())))
    if len({axis(dummy) for dummy in dummies}) == len(dummies):
        return {dummy: f"{axis(dummy)}#0" for dummy in dummies}
    colours = _colours(powers, dummies)
    classes: dict[tuple, list[str]] = {}
    for dummy in dummies:
        classes.setdefault((axis(dummy), colours[dummy]), []).append(dummy)
    ordered = [classes[key] for key in sorted(classes)]
    candidates = [
        _numbered([name for order in orders for name in order]) for orders in product(*map(permutations, ordered))
    ]
    if len(candidates) == 1:
        return candidates[0]
    return min(candidates, key=lambda names: renamed(powers.items(), names))


def _numbered(order: list[str]) -> dict[str, str]:
    counters: dict[str, Iterator[int]] = {}
    return {name: f"{axis(name)}#{next(counters.setdefault(axis(name), count()))}" for name in order}


def _colours(powers: Mapping[Leaf, int], dummies: list[str]) -> dict[str, int]:
    """A number for each summed index that tells apart those in unlike places, whatever they are called."""
    colours = dict.fromkeys(dummies, 0)
    for _ in range(3):
        if len(set(colours.values())) == len(dummies):
            break
        places: dict[str, list] = {dummy: [] for dummy in dummies}
        for leaf, power in powers.items():
            _note_places(leaf, power, (), colours, places)
        signatures = {dummy: (colours[dummy], tuple(sorted(places[dummy]))) for dummy in dummies}
        ranks = {signature: rank for rank, signature in enumerate(sorted(set(signatures.values())))}
        colours = {dummy: ranks[signatures[dummy]] for dummy in dummies}
    return colours


def _note_places(leaf: Leaf, power: int, around: tuple, colours: dict[str, int], places: dict[str, list]) -> None:
    name, _, inside = leaf
    if name == MEAN:
        shape = tuple(sorted((part[0], exponent, _seen(part[2], colours)) for part, exponent in inside))
        for part, exponent in inside:
            _note_places(part, exponent, (power, shape), colours, places)
        return
    for position, index in enumerate(inside):
        if index in places:
            place = 0 if name == DELTA else position
            places[index].append((name, power, place, around, _seen(inside, colours)))


def _seen(inside: Iterable[str], colours: dict[str, int]) -> tuple:
    return tuple(f"#{colours[index]}" if index in colours else index for index in inside)


# --- multipliers -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Context:
    """What a factor is multiplied by: outer · factor, or outer · E[inner · factor] if inner is not None."""

    outer: Monomial
    inner: Monomial | None = None

    def renamed(self, names: Names) -> Context:
        inner = None if self.inner is None else renamed(self.inner, names)
        return Context(renamed(self.outer, names), inner)

    @property
    def indices(self) -> set[str]:
        return indices(self.outer) | indices(self.inner or ())

    def around(self, factor: Iterable[tuple[Leaf, int]]) -> dict[Leaf, int]:
        """The product with a factor whose indices mean the same, neither reduced nor canonical."""
        if self.inner is None:
            return times(self.outer, factor)
        inside = times(self.inner, (item for item in factor if item[0][1]))
        outside = times(self.outer, (item for item in factor if not item[0][1]))
        if inside:
            multiply(outside, _mean(inside), 1)
        return outside

    def of(self, factor: Iterable[tuple[Leaf, int]], names: Names, summed: Iterable[str]) -> Monomial:
        """The product in canonical form. names: what the indices of the factor stand for here; those that it sums over
        become fresh ones. summed: the indices that the product is summed over, even where it does not depend on them.
        """
        bound = {index: fresh(index) for index in indices(factor) if is_summed(index) and index not in names}
        powers = self.around(renamed(factor, {**names, **bound}))
        powers, contracted = _contract(powers)
        powers = _reduced(powers)
        unused = {index for index in summed if index not in contracted} - indices(powers.items())
        for index in unused:
            multiply(powers, (DIMENSION + axis(index), False, ()), 1)
        return canonical(powers)


def _contract(powers: dict[Leaf, int]) -> tuple[dict[Leaf, int], set[str]]:
    """Use each Kronecker delta that has a summed index to remove that index; also, the indices removed."""
    gone: set[str] = set()
    while removable := [leaf for leaf in powers if leaf[0] == DELTA and _removable(*leaf[2])]:
        first, second = removable[0][2]
        powers = {leaf: power for leaf, power in powers.items() if leaf != removable[0]}
        if first != second:
            old, new = (first, second) if is_summed(first) else (second, first)
            gone.add(old)
            powers = dict(renamed(powers.items(), {old: new}))
    return powers, gone


def _removable(first: str, second: str) -> bool:
    return first == second or is_summed(first) or is_summed(second)


# --- matching --------------------------------------------------------------------------------------------------------

Pool = dict[Leaf, int]


def quotients(
    pattern: Monomial,
    monomial: Monomial,
    *,
    sampled: bool,
    per_sample: bool,
    divisors: frozenset[Leaf] = POSITIVE,
) -> Iterator[tuple[Context, dict[str, str]]]:
    """All ways to write a monomial as a context around a pattern, with what the pattern's indices stand for.

    sampled: whether the pattern is part of a quantity that depends on the sample, which must then be under a mean
    unless the monomial itself is one per sample. divisors: what the context may be divided by.
    """
    ordered = sorted(pattern, key=lambda item: item[1] < 0)  # by then it is known what the indices of divisors are
    inside = [item for item in ordered if item[0][1]]
    outside = [item for item in ordered if not item[0][1]]
    outer = dict(monomial)
    if not sampled or per_sample:
        for pool, names in _consumed(inside + outside, outer, {}, divisors):
            yield from _if_bound(Context(tuple(sorted(pool.items()))), names)
    if sampled:
        for mean in [leaf for leaf in outer if leaf[0] == MEAN]:
            around = dict(outer)
            multiply(around, mean, -1)
            for inner, names in _consumed(inside, dict(mean[2]), {}, divisors):
                for pool, complete in _consumed(outside, around, names, divisors):
                    yield from _if_bound(Context(tuple(sorted(pool.items())), tuple(sorted(inner.items()))), complete)


def _if_bound(context: Context, names: dict[str, str]) -> Iterator[tuple[Context, dict[str, str]]]:
    """Nothing, unless what the pattern sums over is summed over and occurs nowhere else."""
    bound = [value for index, value in names.items() if not is_variable(index)]
    free = {value for index, value in names.items() if is_variable(index)}
    distinct = len(set(bound)) == len(bound) and all(map(is_summed, bound))
    if distinct and free.isdisjoint(bound) and context.indices.isdisjoint(bound):
        yield context, names


def _consumed(
    pattern: list[tuple[Leaf, int]], pool: Pool, names: dict[str, str], divisors: frozenset[Leaf] = frozenset()
) -> Iterator[tuple[Pool, dict[str, str]]]:
    """What is left of a pool of leaves when the pattern's are taken out, in every way."""
    if not pattern:
        yield pool, names
        return
    (leaf, power), *rest = pattern
    ((concrete, _),) = renamed([(leaf, 1)], names)
    if power < 0 or concrete in divisors:
        if not any(map(is_variable, indices([(concrete, 1)]))):
            left = dict(pool)
            multiply(left, concrete, -power)
            yield from _consumed(rest, left, names, divisors)
        return
    for candidate, available in list(pool.items()):
        if leaf[0] == ON and candidate[0] == CODE and available > 0:
            # on·z = z: the event is there, unseen.
            seen = _unified(leaf[2], candidate[2], names)
            if seen is not None:
                yield from _consumed(rest, pool, seen, divisors)
        if candidate[0] != leaf[0] or available < power:
            continue
        for unified in _leaves_unified(leaf, candidate, names):
            left = dict(pool)
            multiply(left, candidate, -power)
            yield from _consumed(rest, left, unified, divisors)


def _leaves_unified(leaf: Leaf, candidate: Leaf, names: dict[str, str]) -> Iterator[dict[str, str]]:
    if leaf[0] == MEAN:
        if len(leaf[2]) == len(candidate[2]):
            for pool, unified in _consumed(list(leaf[2]), dict(candidate[2]), names):
                if not pool:
                    yield unified
        return
    orders = {candidate[2], candidate[2][::-1]} if leaf[0] == DELTA else {candidate[2]}
    for order in sorted(orders):
        named = _unified(leaf[2], order, names)
        if named is not None:
            yield named


def _unified(pattern: tuple[str, ...], concrete: tuple[str, ...], names: dict[str, str]) -> dict[str, str] | None:
    unified = dict(names)
    for index, value in zip(pattern, concrete, strict=True):
        if is_variable(index) or is_summed(index):
            if unified.setdefault(index, value) != value:
                return None
        elif index != value:
            return None
    return unified
