"""Squares that a certificate of an inequality may have: what they are made of, read off from monomials."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import lcm
from operator import mul

from sympy import Matrix

from checks.claims.monomials import (
    ON,
    Context,
    Monomial,
    Polynomial,
    all_leaves,
    axis,
    canonical,
    canonical_names,
    fresh,
    indices,
    is_summed,
    is_variable,
    multiply,
    quotients,
    renamed,
    times,
)
from checks.claims.signs import is_nonnegative
from theory.normal_form import MEAN, Leaf

OFF = "off[_0]"
# Σ_a of these squares is 1, or 1 less room for it, so that they come and go.
UNIT_SQUARES = {"D[_0, _1]", "w[_0]", "w2[_0]", "sigma[_0]"}
WEIGHTED_LEAVES = 7  # splits of a monomial with more leaves are too many


@dataclass(frozen=True)
class Split:
    """weight · left · right, summed over the open indices: a term of a square."""

    weight: Context
    left: Monomial
    right: Monomial


@dataclass(frozen=True)
class Grading:
    """Units of measurement under which a claim and all conditions are homogeneous: whole numbers for each kind of leaf.

    The two vectors of a square's mixed term have the same units: parts of a certificate that have other units than the
    claim cancel among themselves.
    """

    units: dict[str, tuple[int, ...]] = field(hash=False)

    @classmethod
    def of(cls, polynomials: Iterable[Polynomial]) -> Grading:
        equations = [{ON: 1}]  # on² = on
        for first, *others in ([*map(_counts, terms)] for terms in polynomials if terms):
            equations += [{name: first.get(name, 0) - other.get(name, 0) for name in first | other} for other in others]
        names = sorted({name for equation in equations for name in equation})
        matrix = Matrix([[equation.get(name, 0) for name in names] for equation in equations])
        basis = [vector * lcm(*(int(entry.q) for entry in vector)) for vector in matrix.nullspace()]
        return cls({name: tuple(int(vector[n]) for vector in basis) for n, name in enumerate(names)})

    def of_leaf(self, leaf: Leaf) -> tuple[int, ...]:
        none = total = [0] * len(self.units[ON])
        for name, power in _counts([(leaf, 1)]).items():
            total = [sofar + power * unit for sofar, unit in zip(total, self.units.get(name, none), strict=True)]
        return tuple(total)


def _counts(powers: Iterable[tuple[Leaf, int]]) -> dict[str, int]:
    """How often each kind of leaf is in a monomial, in means or out of them."""
    counts: dict[str, int] = {}
    for leaf, power in powers:
        inside = leaf[2] if leaf[0] == MEAN else ((leaf, 1),)
        for (name, _, _), often in inside:
            counts[name] = counts.get(name, 0) + often * power
    return counts


def splits(monomial: Monomial, grading: Grading) -> Iterator[Split]:
    """All ways to read a monomial as a product of two vectors with a weight that is manifestly nonnegative."""
    places: list[Leaf | None] = [None, *(leaf for leaf, _ in monomial if leaf[0] == MEAN)]
    for mean in places:
        outer = dict(monomial)
        if mean is not None:
            multiply(outer, mean, -1)
        leaves = [(leaf, power, False) for leaf, power in outer.items()]
        leaves += [(leaf, power, True) for leaf, power in (mean[2] if mean else ())]
        if len(leaves) <= WEIGHTED_LEAVES:
            yield from _assigned(leaves, grading, under_mean=mean is not None)


def _shares(leaf: Leaf, power: int) -> list[tuple[int, int, int]]:
    """How a power of a leaf may be shared out among a weight, a left and a right vector."""
    options = [(0, power, 0), (0, 0, power)]
    if power % 2 == 0:
        options.append((0, power // 2, power // 2))
    if power % 2 == 0 or is_nonnegative(leaf):
        options.append((power, 0, 0))
    if leaf[0] == ON:
        options.append((0, 1, 1))
    return options


def _assigned(leaves: list[tuple[Leaf, int, bool]], grading: Grading, *, under_mean: bool) -> Iterator[Split]:
    units = list(zip(*(grading.of_leaf(leaf) for leaf, _, _ in leaves), strict=True))
    for shares in product(*(_shares(leaf, power) for leaf, power, _ in leaves)):
        lead = [left - right for _, left, right in shares]
        if any(sum(map(mul, lead, unit)) for unit in units):
            continue
        parts: list[dict[Leaf, int]] = [{}, {}, {}, {}]  # outer and inner weight, left, right
        for (leaf, _, inner), (weight, left, right) in zip(leaves, shares, strict=True):
            for position, power in ((1 if inner else 0, weight), (2, left), (3, right)):
                if power:
                    parts[position][leaf] = power
        outer, inside, left_part, right_part = parts
        if not left_part or not right_part:
            continue
        if under_mean and not any(leaf[1] for leaf in (*left_part, *right_part)):
            continue
        split = _opened(outer, inside if under_mean else None, left_part, right_part)
        if split is not None:
            yield split


def _opened(
    outer: dict[Leaf, int], inner: dict[Leaf, int] | None, left: dict[Leaf, int], right: dict[Leaf, int]
) -> Split | None:
    """A split with its shared indices opened: those of the weight, and those of both vectors."""
    of_weight = {i for i in indices(outer.items()) | indices((inner or {}).items()) if is_summed(i)}
    of_left, of_right = ({i for i in indices(part.items()) if is_summed(i)} for part in (left, right))
    shared = sorted((of_left & of_right) - of_weight)
    names = _weight_names(outer, inner)
    for index in shared:
        taken = sum(axis(name) == axis(index) for name in names.values())
        names[index] = f"{axis(index)}@{taken}"
    weight = Context(renamed(outer.items(), names), None if inner is None else renamed(inner.items(), names))
    vectors = [canonical(dict(renamed(part.items(), names))) for part in (left, right)]
    return Split(weight, *sorted(vectors))


def _weight_names(outer: dict[Leaf, int], inner: dict[Leaf, int] | None) -> dict[str, str]:
    whole = Context(tuple(outer.items()), None if inner is None else tuple(inner.items())).around(())
    return {old: new.replace("#", "@") for old, new in canonical_names(whole).items()}


def opens(weight: Context, vectors: Iterable[Monomial]) -> list[str]:
    names = weight.indices.union(*(indices(vector) for vector in vectors))
    return sorted(name for name in names if "@" in name)


def entry(weight: Context, left: Monomial, right: Monomial) -> Polynomial:
    """weight · left · right, summed over the open indices."""
    total: Polynomial = {}
    for sign, plain in _without_off(weight):
        bound = {index: fresh(index) for index in opens(weight, (left, right))}
        apart_ = {index: fresh(index) for index in indices(right) if is_summed(index)}
        both = [*renamed(left, bound), *renamed(right, {**bound, **apart_})]
        context = plain.renamed(bound)
        merged: dict[Leaf, int] = {}
        for leaf, power in both:
            multiply(merged, leaf, power)
        # The indices that a vector sums over are fresh already where they could clash.
        key = context.of(tuple(merged.items()), {i: i for i in indices(merged.items())}, bound.values())
        total[key] = total.get(key, Fraction(0)) + sign
    return total


def _without_off(weight: Context) -> list[tuple[Fraction, Context]]:
    """A weight with 1{z = 0} written as 1 − 1{z > 0}."""
    inside = weight.outer if weight.inner is None else weight.inner
    silent = [leaf for leaf, _ in inside if leaf[0] == OFF]
    if not silent:
        return [(Fraction(1), weight)]
    rest = dict(inside)
    multiply(rest, silent[0], -1)
    active = dict(rest)
    multiply(active, (ON, True, silent[0][2]), 1)
    versions = [(Fraction(1), rest), (Fraction(-1), active)]
    return [(sign, _with_sampled(weight, tuple(sorted(part.items())))) for sign, part in versions]


def _with_sampled(weight: Context, part: Monomial) -> Context:
    return Context(part) if weight.inner is None else Context(weight.outer, part)


def silenced(weight: Context) -> Context | None:
    """The weight on the samples where a unit is silent that this one needs active; None if it needs none."""
    inside = weight.outer if weight.inner is None else weight.inner
    active = [leaf for leaf, _ in inside if leaf[0] == ON]
    if not active:
        return None
    other = dict(inside)
    multiply(other, active[0], -1)
    multiply(other, (OFF, True, active[0][2]), 1)
    return _with_sampled(weight, tuple(sorted(other.items())))


def stripped(monomial: Monomial) -> Monomial:
    """A monomial without the squares that sum to 1."""
    counts: dict[str, int] = {}
    for leaf, _ in all_leaves(monomial):
        for index in set(leaf[2]):
            counts[index] = counts.get(index, 0) + 1

    def kept(item: tuple[Leaf, int]) -> bool:
        (name, _, places), power = item
        return not (name in UNIT_SQUARES and power == 2 and is_summed(places[0]) and counts[places[0]] == 1)

    left: dict[Leaf, int] = {}
    for leaf, power in filter(kept, monomial):
        if leaf[0] == MEAN:
            inside = tuple(filter(kept, leaf[2]))
            if inside:
                multiply(left, (MEAN, False, inside), power)
        else:
            multiply(left, leaf, power)
    return canonical(left)


def exchanged(vector: Monomial, weight: Context) -> Monomial | None:
    """A vector with its two open indices of one axis exchanged, if it has two that the weight does not have."""
    names = sorted(i for i in indices(vector) - weight.indices if "@" in i)
    if len(names) != 2 or axis(names[0]) != axis(names[1]):
        return None
    return canonical(dict(renamed(vector, {names[0]: names[1], names[1]: names[0]})))


def cofactors(
    weight: Context, vector: Monomial, monomial: Monomial, *, per_sample: bool, divisors: frozenset[Leaf]
) -> Iterator[Monomial]:
    """All q with monomial = weight · vector · q, summed over the open indices. divisors: what q may be divided by."""
    names = {i: f"?{axis(i)}.{i}" for i in opens(weight, (vector,))}
    back = {variable: index for index, variable in names.items()}
    required = set(names) - weight.indices
    whole = times(weight.outer, weight.inner or (), vector)
    pattern = renamed(whole.items(), names)
    sampled = any(leaf[1] for leaf in whole)
    ways = quotients(pattern, monomial, sampled=sampled, per_sample=per_sample, divisors=divisors)
    for context, found in ways:
        images = {value: back[variable] for variable, value in found.items() if is_variable(variable)}
        if len(images) < len(names) or not all(map(is_summed, images)):
            continue
        if (weight.inner is None) is not (context.inner is None):
            continue
        q = canonical(dict(renamed([*context.outer, *(context.inner or ())], images)))
        if q and required <= indices(q):
            yield q
