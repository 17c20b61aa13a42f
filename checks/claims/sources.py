"""What certificates may contain multiples of: conditions, constraints, what is given, and nonnegative quantities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from sympy import Eq, Expr, Gt, Idx, IndexedBase, Lt, Ne, Symbol
from sympy.core.relational import Relational

from checks.claims.monomials import (
    POSITIVE,
    Context,
    Monomial,
    Polynomial,
    axis,
    canonical,
    indices,
    is_summed,
    is_variable,
    renamed,
)
from theory.certificate import margin
from theory.derive import DEFINED, Premise, assumed, conditions, nowhere
from theory.expectation import E, depends_on_sample
from theory.normal_form import MEAN, Leaf, normal_form, template
from theory.problem import SECOND_SAMPLE, Objective, apart, neg, off, room, room2

# Conditions on codes are spent only where conditions on means of them do not suffice: fewer points satisfy them.
OF_CODES = frozenset({"code", "comp", "act", "code2", "comp2"})
OF_BEST_CODES = frozenset({"drop", "add", "swap", "trade"})


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
    letters = {
        place: Idx(place.split(".")[-1] if is_variable(place) else place, _symbol(place, axes)) for place in places
    }
    part = neg(*template(name).xreplace({Symbol(f"_{n}"): letters[place] for n, place in enumerate(places)}).args)
    variables = {str(letters[place]): place for place in places if is_variable(place)}
    shown = f"neg{name.removeprefix('pos')}"
    return _symbolic(shown, (shown, sampled, places), polynomial(part, variables), nonnegative=True)


def _symbol(index: str, axes: dict[str, str]) -> Symbol:
    return Symbol(axis(index) if is_variable(index) else axes[index], integer=True, positive=True)


def divisors_of(given: Sequence[Relational]) -> frozenset[Leaf]:
    """What certificates may divide by: positive numbers, and quantities that are given to be positive."""
    positive = [polynomial(margin(condition)) for condition in given if isinstance(condition, (Gt, Lt))]
    single = [next(iter(terms)) for terms in positive if len(terms) == 1]
    return POSITIVE | {monomial[0][0] for monomial in single if len(monomial) == 1}
