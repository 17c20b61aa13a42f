"""The parts that a certificate may have.

Nothing is enumerated that is not called for: a column is added because one of its monomials occurs already, in the
claim or in another column, and can be cancelled by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

from checks.claims.monomials import (
    Context,
    Monomial,
    Polynomial,
    axis,
    is_summed,
    is_variable,
    quotients,
)
from checks.claims.signs import cost_of_sign, has_sign
from checks.claims.sources import Source


@dataclass(frozen=True)
class Multiple:
    """A multiple of a source as it is written, or a monomial by itself."""

    terms: tuple[tuple[Monomial, Fraction], ...]


@dataclass(frozen=True)
class Square:
    """Σ weight · (Σ coefficient · vector)² over the open indices k@0, d@1, …"""

    weight: Context
    vectors: tuple[tuple[Monomial, int], ...]


@dataclass(frozen=True)
class Column:
    """A part that a certificate may have, what it stands for, and what it costs to have it."""

    part: Multiple | Square
    polynomial: Polynomial = field(hash=False)
    nonnegative: bool
    cost: float


def multiples(
    source: Source, monomial: Monomial, *, per_sample: bool, letters: dict[str, list[str]], constants: bool
) -> Iterator[Column]:
    """The multiples of a source that have a monomial among theirs.

    letters: the free indices of the claim by axis, which unbound variables may stand for.
    constants: whether that monomial may come from a constant term of the source.
    """
    for pattern in source.polynomial:
        if not pattern and not constants:
            continue
        for context, names in quotients(pattern, monomial, sampled=source.sampled, per_sample=per_sample):
            yield from _completed(source, context, names, letters)


def _completed(
    source: Source, context: Context, names: dict[str, str], letters: dict[str, list[str]]
) -> Iterator[Column]:
    variables = sorted(source.variables - names.keys())
    there = [[i for i in sorted(context.indices) if is_summed(i) and axis(i) == axis(v)] for v in variables]
    for values in product(*(letters.get(axis(v), []) + also for v, also in zip(variables, there, strict=True))):
        column = multiple(source, context, {**names, **dict(zip(variables, values, strict=True))})
        if column is not None:
            yield column


def multiple(source: Source, context: Context, names: dict[str, str]) -> Column | None:
    """A source in a context; None if its multiplier should be nonnegative and is not manifestly, or it is no mean."""
    if context.inner is not None and not source.averages:
        return None
    if source.nonnegative and not (has_sign(context.outer) and has_sign(context.inner or ())):
        return None
    images = {index: value for index, value in names.items() if is_variable(index)}
    summed = {i for i in context.indices | set(images.values()) if is_summed(i)}
    terms = tuple((context.of(part, images, summed), value) for part, value in source.parts.items())
    total: Polynomial = {}
    for pattern, coefficient in source.polynomial.items():
        key = context.of(pattern, images, summed)
        total[key] = total.get(key, Fraction(0)) + coefficient
    total = {key: value for key, value in total.items() if value}
    if not total:
        return None
    size = sum(len(term) for term, _ in terms)
    cost = source.cost * len(terms) + 0.1 * size
    if source.nonnegative:
        cost += cost_of_sign(term for term, _ in terms)
    return Column(Multiple(terms), total, source.nonnegative, cost)
