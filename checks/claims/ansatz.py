"""What a certificate may be made of: multiples of conditions, and terms that are manifestly nonnegative.

Nothing is enumerated that is not called for: a column is added because one of its monomials occurs already, in the
claim or in another column, and can be cancelled by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from itertools import product
from math import lcm
from operator import mul

from sympy import Eq, Expr, Gt, Idx, IndexedBase, Lt, Matrix, Ne, Symbol
from sympy.core.relational import Relational

from checks.claims.monomials import (
    ON,
    POSITIVE,
    Context,
    Monomial,
    Polynomial,
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
from theory.certificate import margin
from theory.derive import DEFINED, Premise, assumed, conditions, nowhere
from theory.expectation import E, depends_on_sample
from theory.manifest import is_nonnegative as is_manifestly_nonnegative
from theory.normal_form import _TEMPLATES, MEAN, Leaf, normal_form
from theory.problem import SECOND_SAMPLE, Objective, apart, neg, off, room, room2

OFF, MULTIPLIER = "off[_0]", "mu[_0]"
# Σ_a of these squares is 1, or 1 less room for it, so that they come and go.
UNIT_SQUARES = {"D[_0, _1]", "w[_0]", "w2[_0]", "sigma[_0]"}
# Conditions on codes are spent only where conditions on means of them do not suffice: fewer points satisfy them.
OF_CODES = frozenset({"code", "comp", "act", "code2", "comp2"})
OF_BEST_CODES = frozenset({"drop", "add", "swap", "trade"})
WEIGHTED_LEAVES = 7  # splits of a monomial with more leaves are too many


def polynomial(expr: Expr, letters: dict[str, str] | None = None) -> Polynomial:
    """The normal form of an expression, with letters for some of its free indices replaced."""
    found: Polynomial = {}
    for powers, coefficient in normal_form(expr, DEFINED).items():
        key = canonical(dict(renamed(powers, letters or {})))
        found[key] = found.get(key, Fraction(0)) + Fraction(int(coefficient.p), int(coefficient.q))
    return {key: value for key, value in found.items() if value}


@dataclass(frozen=True)
class Source:
    """A quantity that certificates may contain multiples of: one that vanishes, or one that is not negative.

    parts        what it is written as: its symbol, with variables for indices
    polynomial   what it stands for
    sampled      whether it depends on the sample
    averages     whether it holds of all samples, so that its mean does too
    nonnegative  whether it is ≥ 0, so that its multiplier must be; else it is 0
    """

    name: str
    parts: Polynomial = field(hash=False)
    polynomial: Polynomial = field(hash=False)
    sampled: bool
    nonnegative: bool = False
    averages: bool = True

    @property
    def variables(self) -> set[str]:
        return {index for part in self.parts for index in indices(part) if is_variable(index)}

    @property
    def cost(self) -> float:
        return 4.0 if self.name in OF_BEST_CODES else 2.0 if self.name in OF_CODES else 1.0


def _symbolic(name: str, leaf: Leaf, stands_for: Polynomial, *, nonnegative: bool = False) -> Source:
    return Source(name, {((leaf, 1),): Fraction(1)}, stands_for, leaf[1], nonnegative)


def sources(claim: Relational, given: Sequence[Relational], objective: Objective) -> list[Source]:
    """The conditions of an objective, the constraints of what the claim is made for every value of, and what is given.

    All are of one objective already, as `Objective.specialise` makes them.
    """
    vanishing = [
        _of_condition(premise, objective) for premise in conditions(objective).values() if _applies(premise, claim)
    ]
    return [*vanishing, *_of_norm_multiplier(vanishing), *_of_given(given)]


def nonnegative_sources(monomials: Iterable[Monomial], axes: dict[str, str]) -> list[Source]:
    """Defined quantities that are not negative, and the negative parts of what monomials have positive parts of."""
    found = [_of_symbol(str(base), base) for base in (off, room, room2, apart)]
    found += [_of_negative_part(leaf, axes) for leaf in sorted(_positive_parts(monomials))]
    return found


def _applies(premise: Premise, claim: Relational) -> bool:
    """Whether a condition holds: of the point always, of a second sample or by construction if the claim has such."""
    second = premise.residual.atoms(IndexedBase, Symbol) & SECOND_SAMPLE
    return all(map(claim.has, premise.of)) and (not second or any(map(claim.has, SECOND_SAMPLE)))


def _of_given(given: Sequence[Relational]) -> Iterator[Source]:
    """assumed[n], which vanishes or is ≥ 0, and nowhere[n], which vanishes because its mean does and it is ≥ 0."""
    for n, condition in enumerate(given):
        if isinstance(condition, Ne):
            continue
        meanings = [(assumed[n], margin(condition))]
        if isinstance(condition, Eq) and isinstance(condition.lhs, E) and condition.rhs == 0:
            meanings.append((nowhere[n], condition.lhs.args[0]))
        for symbol, meaning in meanings:
            ((leaf, _),) = next(iter(normal_form(symbol)))
            yield Source(
                str(symbol.base.label),
                {((leaf, 1),): Fraction(1)},
                polynomial(meaning),
                sampled=depends_on_sample(meaning),
                nonnegative=not isinstance(condition, Eq),
                averages=symbol.base == nowhere,
            )


def _of_condition(premise: Premise, objective: Objective) -> Source:
    letters = {str(index): f"?{_dimension(index)}.{index}" for index in premise.indices}
    symbol = premise.symbol[premise.indices]
    ((leaf, _),) = next(iter(normal_form(symbol)))
    pattern = polynomial(objective.specialise(premise.residual), letters)
    return _symbolic(premise.name, (leaf[0], leaf[1], tuple(letters[i] for i in leaf[2])), pattern)


def _of_norm_multiplier(found: Sequence[Source]) -> list[Source]:
    """What ν_j is: where atoms have unit norms, Σ_a D_aj·atom_aj − ν_j·unit_j − scale_j is ν_j − E[φ'(z_j) z_j].

    It says nothing new, but spares the search the detour over ν_j‖d_j‖².
    """
    by_name = {source.name: source for source in found}
    if not {"atom", "unit", "scale"} <= by_name.keys():
        return []
    unit = "?k.j"
    entry_of_atom: Monomial = ((("D[_0, _1]", False, ("d#0", unit)), 1),)
    multiplier: Monomial = ((("nu[_0]", False, (unit,)), 1),)
    parts: Polynomial = {}
    total: Polynomial = {}
    for name, factor, sign in (("atom", entry_of_atom, 1), ("unit", multiplier, -1), ("scale", (), -1)):
        source = by_name[name]
        names = {variable: "d#0" for variable in source.variables if axis(variable) == "d"}
        context = Context(factor)
        for part in source.parts:
            parts[canonical(context.around(renamed(part, names)))] = Fraction(sign)
        for pattern, value in source.polynomial.items():
            key = context.of(pattern, names, names.values())
            total[key] = total.get(key, Fraction(0)) + sign * value
    return [Source("norm multiplier", parts, {key: value for key, value in total.items() if value}, sampled=False)]


def of_equality(name: str, relation: Relational, objective: Objective) -> Source:
    """An equality that is known, at any values of its free indices."""
    special = relation.func(*map(objective.specialise, relation.args), evaluate=False)
    terms = polynomial(margin(special))
    free = {name for term in terms for name in indices(term) if not is_summed(name)}
    spoken = {str(index): index for index in special.atoms(Idx)}
    letters = {letter: f"?{_dimension(spoken[letter])}.{letter}" for letter in sorted(free)}
    pattern = {canonical(dict(renamed(term, letters))): value for term, value in terms.items()}
    sampled = any(leaf[1] for term in terms for leaf, _ in term)
    return _symbolic(name, (name, sampled, tuple(letters.values())), pattern)


def _dimension(index: Idx) -> str:
    return str(index.upper + 1)


def _of_symbol(name: str, base: IndexedBase | Symbol) -> Source:
    if isinstance(base, Symbol):
        ((leaf, _),) = next(iter(normal_form(base)))
        return _symbolic(name, leaf, polynomial(base), nonnegative=True)
    dimension = Symbol("k", integer=True, positive=True)
    letters = [Idx(f"v{n}", dimension) for n in range(2 if base == apart else 1)]
    variables = {str(letter): f"?k.{letter}" for letter in letters}
    ((leaf, _),) = next(iter(normal_form(base[tuple(letters)])))
    return _symbolic(
        name,
        (leaf[0], leaf[1], tuple(variables[i] for i in leaf[2])),
        polynomial(base[tuple(letters)], variables),
        nonnegative=True,
    )


def _positive_parts(monomials: Iterable[Monomial]) -> set[Leaf]:
    found: set[Leaf] = set()
    for monomial in monomials:
        for leaf, _ in monomial:
            inside = [item for item, _ in leaf[2]] if leaf[0] == MEAN else [leaf]
            for name, sampled, places in inside:
                if name.startswith("pos("):
                    free = sorted(filter(is_summed, places))
                    names = {index: f"?{axis(index)}.v{n}" for n, index in enumerate(free)}
                    found.add((name, sampled, tuple(names.get(i, i) for i in places)))
    return found


def _of_negative_part(leaf: Leaf, axes: dict[str, str]) -> Source:
    name, sampled, places = leaf
    template = _TEMPLATES[name]
    letters = {
        place: Idx(place.split(".")[-1] if is_variable(place) else place, _symbol(place, axes)) for place in places
    }
    part = neg(*template.xreplace({Symbol(f"_{n}"): letters[place] for n, place in enumerate(places)}).args)
    variables = {str(letters[place]): place for place in places if is_variable(place)}
    shown = f"neg{name.removeprefix('pos')}"
    return _symbolic(shown, (shown, sampled, places), polynomial(part, variables), nonnegative=True)


def _symbol(index: str, axes: dict[str, str]) -> Symbol:
    return Symbol(axis(index) if is_variable(index) else axes[index], integer=True, positive=True)


def template_of(name: str) -> Expr:
    """What the name of a leaf stands for, with symbols _0, _1, … for its indices."""
    if name.startswith("neg("):
        return neg(*_TEMPLATES["pos" + name.removeprefix("neg")].args)
    return _TEMPLATES[name]


# --- signs -----------------------------------------------------------------------------------------------------------


@cache
def is_nonnegative(leaf: Leaf) -> bool:
    if leaf[0] == MEAN:
        return has_sign(leaf[2])
    if leaf[0].startswith(("dim:", "δ", "neg(", "pos(")):
        return True
    shown = template_of(leaf[0])
    return is_manifestly_nonnegative(shown)


def has_sign(powers: Iterable[tuple[Leaf, int]]) -> bool:
    """Whether a monomial is manifestly ≥ 0."""
    return all(power % 2 == 0 or is_nonnegative(leaf) for leaf, power in powers)


def cost_of_sign(monomials: Iterable[Monomial]) -> float:
    """What terms cost for being nonnegative: much if they are so only where silent units have a price."""
    names = {leaf[0] for monomial in monomials for leaf, _ in _all_leaves(monomial)}
    return 8.0 if MULTIPLIER in names else 0.5


# --- columns ---------------------------------------------------------------------------------------------------------


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


# --- squares ---------------------------------------------------------------------------------------------------------


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
    for leaf, _ in _all_leaves(monomial):
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


def _all_leaves(monomial: Monomial) -> Iterator[tuple[Leaf, int]]:
    for leaf, power in monomial:
        if leaf[0] == MEAN:
            yield from leaf[2]
        else:
            yield leaf, power


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


def divisors_of(given: Sequence[Relational]) -> frozenset[Leaf]:
    """What certificates may divide by: positive numbers, and quantities that are given to be positive."""
    positive = [polynomial(margin(condition)) for condition in given if isinstance(condition, (Gt, Lt))]
    single = [next(iter(terms)) for terms in positive if len(terms) == 1]
    return POSITIVE | {monomial[0][0] for monomial in single if len(monomial) == 1}
