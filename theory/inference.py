"""How properties follow from properties: the rules that proofs of theorems are made of.

A property is one relation that holds for every sample and for every value of its free indices. In a certificate
`property.at(...)` stands for its margin, which is 0 for an equality and nonnegative for an inequality. Each rule is a
small class: `check` raises NotProved unless what it is said to give follows from what is known, `words` says why it
does. A rule that rests on a classical fact names it and checks that its instance is one.

Samples have positive weights. Axis p is that of a dictionary with one atom more: q runs over k + 1 atoms.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache, cached_property
from typing import Any, Protocol

from sympy import (
    Add,
    Basic,
    Eq,
    Expr,
    Function,
    Ge,
    Gt,
    Idx,
    Indexed,
    IndexedBase,
    Le,
    Mul,
    Pow,
    S,
    Sum,
    Symbol,
    sympify,
)
from sympy.core.relational import Relational

from theory.certificate import NotProved, factor_between, margin
from theory.derive import DEFINED, conditions
from theory.expectation import E, SampledBase, SampledSymbol, depends_on_sample
from theory.instantiate import vanishes_at_random_instances
from theory.language import AXES, NUMBERS, RANGES, SCALARS, misread
from theory.manifest import is_nonnegative, is_positive
from theory.normal_form import Definitions, is_zero
from theory.optimality import Level
from theory.plain import is_named, read_once
from theory.printing import text
from theory.problem import (
    L1,
    SECOND_SAMPLE,
    D,
    a,
    b,
    c,
    j,
    k,
    lam,
    lam2,
    m,
    neg,
    omega,
    pos,
    q,
    r,
    r2,
    room,
    room2,
    s,
    u,
    v,
    w,
    w2,
    x,
    x2,
    xhat,
    xhat2,
    y,
    z,
    z2,
)
from theory.statement import Statement, Status, id_of, reservation

# Quantities of theorems that no single claim speaks of.
best = Function("F*", real=True)  # best(k) = F*(k): the least objective of all dictionaries with k atoms
rays = Symbol("rays", integer=True, nonnegative=True)  # how many directions x − b have the samples beyond λ
excess = SampledSymbol("e", nonnegative=True)  # how far a sample is beyond λ: (‖x−b‖ − λ)₊
excess2 = SampledSymbol("e2", nonnegative=True)
# 1 on the samples of one ray, and on those of another one; 0 elsewhere.
first, other = (SampledSymbol(name, nonnegative=True) for name in ("first", "other"))
first2, other2 = (SampledSymbol(name, nonnegative=True) for name in ("first2", "other2"))

TWINS: dict[Any, Any] = {x: x2, r: r2, z: z2, w: w2, xhat: xhat2, lam: lam2, room: room2}
TWINS |= {excess: excess2, first: first2, other: other2}
SECOND = SECOND_SAMPLE | {excess2, first2, other2}
NAMED = {str(symbol): symbol for symbol in (rays, excess, excess2, first, other, first2, other2)}
QUANTIFIED = (u, v, s, w, y, omega)  # what a lemma is claimed for every value of, and may be instantiated at
WIDER = q.upper + 1
KINDS = (Add, Mul, Pow, Sum, E, pos, neg, best, Indexed, Symbol, SampledSymbol)


class Bias(Enum):
    """Whether the decoder bias is given, or optimised with all the rest."""

    FIXED = "fixed"
    FREE = "free"


@dataclass(frozen=True, eq=False)
class Property:
    """A relation for every sample and every value of its free indices: what it is called, and what it says."""

    name: str
    relation: Relational
    words: str = ""

    @cached_property
    def indices(self) -> tuple[Idx, ...]:
        return tuple(sorted((part for part in self.relation.free_symbols if isinstance(part, Idx)), key=str))

    @property
    def margin(self) -> Expr:
        return margin(self.relation)

    @property
    def is_equality(self) -> bool:
        return isinstance(self.relation, Eq)

    def at(self, *indices: Idx, second: bool = False) -> Expr:
        """Its margin in a certificate: at these indices, its own if none are given, and at a second sample if asked."""
        symbol = self.symbol(second)
        return symbol[indices or self.indices] if self.indices else symbol

    def symbol(self, second: bool = False) -> Any:
        name = f"({self.name}{'′' if second else ''})"
        sampled = depends_on_sample(self.margin)
        assumptions = {"real": True} if self.is_equality else {"nonnegative": True}
        if self.indices:
            return (SampledBase if sampled else IndexedBase)(name, **assumptions)
        return (SampledSymbol if sampled else Symbol)(name, **assumptions)

    def meaning(self, second: bool = False) -> Callable[..., Expr]:
        """Its margin as a function of its indices. Raises NotProved where one of them is summed over inside."""
        whole = at_second_sample(self.margin) if second else self.margin

        def of(*indices: Idx) -> Expr:
            if captured := set(indices) & (whole.atoms(Idx) - set(self.indices)):
                raise NotProved(f"{self.name}: index {captured.pop()} is summed over inside, use another letter")
            return whole.xreplace(dict(zip(self.indices, indices, strict=True)))

        return of


@dataclass(frozen=True, eq=False)
class Atoms:
    """Some atoms with their codes: one for each value of `index`, or a single one."""

    atom: Callable[[Idx], Expr]
    code: Expr
    index: Idx | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "atom", read_once(self.atom, a))

    def contribution(self, coordinate: Idx) -> Expr:
        return self._summed(self.atom(coordinate) * self.code)

    @property
    def activation(self) -> Expr:
        return self._summed(self.code)

    @property
    def width(self) -> Expr:
        return S.One if self.index is None else self.index.upper + 1

    @property
    def energy(self) -> Expr:
        return Sum(self.atom(a) ** 2, a)

    def _summed(self, value: Expr) -> Expr:
        return value if self.index is None else Sum(value, self.index)


@dataclass(frozen=True, eq=False)
class Point:
    """A dictionary with codes for the same samples, and by how much its bias differs."""

    atoms: tuple[Atoms, ...]
    shift: IndexedBase | None = None

    def error(self, i: Idx) -> Expr:
        """One coordinate of x − b − Dz there."""
        shifted = b[i] if self.shift is None else b[i] + self.shift[i]
        return x[i] - shifted - Add(*(each.contribution(i) for each in self.atoms))

    @property
    def cost(self) -> Expr:
        """The loss of a sample there."""
        return Sum(self.error(a) ** 2, a) / 2 + lam * Add(*(each.activation for each in self.atoms))

    @property
    def width(self) -> Expr:
        return Add(*(each.width for each in self.atoms)).xreplace({WIDER: k + 1})

    @property
    def symbols(self) -> frozenset[Basic]:
        parts = [part for each in self.atoms for part in (each.atom(a), each.code)]
        own = {symbol for part in parts for symbol in part.atoms(IndexedBase)}
        return frozenset(own | ({self.shift} if self.shift is not None else set()))


OWN = Point((Atoms(lambda i: D[i, m], z[m], m),))


@dataclass(eq=False)
class Known:
    """What a step may rest on: the level of the point, the state of its bias, and the properties that hold."""

    level: Level
    bias: frozenset[Bias]
    properties: dict[str, Property] = field(default_factory=dict)
    arbitrary: Mapping[IndexedBase, str] = field(default_factory=dict)  # and the property that alone restricts it
    introduced: set[Basic] = field(default_factory=set)
    assumed: set[str] = field(default_factory=set)  # which of the properties have not been derived
    exists: tuple[Basic, ...] = ()  # symbols of which conditions say only that there are values
    conditions: Mapping[str, tuple[Property, ...]] = field(default_factory=dict)
    shown: list[tuple[str, str]] = field(default_factory=list)  # which of them lead to which, so far

    def learn(self, each: Property) -> None:
        """Take a property as known. Raises NotProved if it cannot be read, or another one has its name."""
        in_the_language(each)
        if self.properties.setdefault(each.name, each) is not each:
            raise NotProved(f"two properties are called {each.name}")

    def suppose(self, each: Property) -> None:
        """Take a property as known that nothing has shown."""
        self.learn(each)
        self.assumed.add(each.name)

    def leaves_open(self, symbols: Iterable[Basic], beside: Iterable[Property]) -> None:
        """Raise NotProved if what is assumed, beside some properties, restricts symbols that are to be arbitrary."""
        others = self.assumed - {each.name for each in beside}
        for name in (each for each in self.properties if each in others):
            if restricted := sorted(str(symbol) for symbol in symbols if self.properties[name].relation.has(symbol)):
                raise NotProved(f"{restricted[0]} is to be arbitrary, and is restricted by {name}")

    def need(self, each: Property) -> None:
        if self.properties.get(each.name) is not each:
            raise NotProved(f"{each.name} is not known here")

    def has(self, relation: Relational) -> bool:
        """Whether a relation is known as it stands, or as an equality."""
        gap = margin(relation)
        if not isinstance(relation, Gt) and is_zero(gap, DEFINED):
            return True
        for each in self.properties.values():
            strict_enough = isinstance(each.relation, (Eq, type(relation))) or not isinstance(relation, (Eq, Gt))
            if strict_enough and not (isinstance(relation, Gt) and each.is_equality):
                factor = factor_between(gap, each.margin)
                if factor > 0 or (factor < 0 and each.is_equality):
                    return True
        return False

    def copy(self, bias: frozenset[Bias] | None = None) -> Known:
        """What is known, to be added to apart from it; what has been shown stays shared."""
        return replace(
            self,
            bias=bias or self.bias,
            properties=dict(self.properties),
            introduced=set(self.introduced),
            assumed=set(self.assumed),
        )


class Rule(Protocol):
    """Why a property follows."""

    def check(self, given: Property, known: Known) -> None: ...

    @property
    def words(self) -> str: ...


@dataclass(frozen=True, eq=False)
class Step:
    """What is now known, and the rule by which it follows from what was known."""

    gives: Property | tuple[Property, ...]
    by: Rule

    @property
    def properties(self) -> tuple[Property, ...]:
        return self.gives if isinstance(self.gives, tuple) else (self.gives,)

    def take(self, known: Known) -> None:
        """Learn what the step gives. Raises NotProved, naming what does not follow."""
        fresh: frozenset[Basic] = getattr(self.by, "fresh", frozenset())
        if clash := sorted(map(str, fresh & _spoken_of(known))):
            raise NotProved(f"{self.properties[0].name}: {clash[0]} is to be new, and is spoken of already")
        for each in self.properties:
            in_the_language(each)
            try:
                nothing_divides_by_zero((each.margin,), known)
                self.by.check(each, known)
            except NotProved as error:
                raise NotProved(f"{each.name}: {error}") from None
        known.introduced |= fresh
        for each in self.properties:
            known.learn(each)


def take(steps: Sequence[Step], known: Known) -> None:
    """Learn what steps give, in turn."""
    for step in steps:
        step.take(known)


def _spoken_of(known: Known) -> set[Basic]:
    relations = (each.relation for each in known.properties.values())
    return known.introduced.union(*(relation.atoms(IndexedBase, SampledSymbol) for relation in relations))


# --- algebra ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Algebra:
    """Its margin is a combination of known margins, plus what is manifestly nonnegative for an inequality."""

    certificate: Expr

    def check(self, given: Property, known: Known) -> None:
        readable(given.margin, self.certificate)
        facts = _meanings(self.certificate, known)
        readable(*(each.margin for each in known.properties.values()), self.certificate)
        nothing_divides_by_zero((given.margin, self.certificate), known)
        _no_mean_over_second_samples(self.certificate)
        gap = _without_optima(given.margin - self.certificate)
        definitions = {**DEFINED, **facts}
        if not is_zero(gap, definitions):
            raise NotProved("the two sides of its certificate differ")
        rest = _where_equalities_hold(self.certificate, known)
        if given.is_equality and not is_zero(rest, DEFINED):
            raise NotProved(f"an equality has no slack, but {text(rest)} is left")
        if not given.is_equality and not is_nonnegative(rest):
            raise NotProved(f"the slack {text(rest)} is not manifestly nonnegative")
        if isinstance(given.relation, Gt):
            raise NotProved("strict inequalities do not follow by algebra alone")
        if not vanishes_at_random_instances(gap, definitions):
            raise NotProved("its certificate fails at an explicit small instance")

    @property
    def words(self) -> str:
        return f"the margin is {text(self.certificate)}"


def _meanings(certificate: Expr, known: Known) -> Definitions:
    """What the facts in a certificate stand for. Raises NotProved if one is not known."""
    marks = {mark for part in _outside_of_indices(certificate) if (mark := _base(part)) is not None}
    meanings: Definitions = {}
    for each in known.properties.values():
        for second in (False, True):
            if each.symbol(second) in marks:
                if second:
                    _is_of_single_samples(each)
                meanings[each.symbol(second)] = _without_optima_of(each.meaning(second))
    if unknown := sorted(str(mark) for mark in marks - meanings.keys()):
        raise NotProved(f"it rests on {unknown[0]}, which is not known")
    return meanings


def _is_of_single_samples(each: Property) -> None:
    """Raise NotProved unless it is about one sample, in symbols that a second one has too."""
    if each.margin.has(E) or not depends_on_sample(each.margin):
        raise NotProved(f"{each.name} is not about single samples")
    if alien := sorted(map(str, each.margin.atoms(SampledBase, SampledSymbol) - TWINS.keys())):
        raise NotProved(f"{each.name} speaks of {alien[0]}, which a second sample has no name for")


def _base(part: Basic) -> Basic | None:
    symbol = part.base if isinstance(part, Indexed) else part
    return symbol if isinstance(symbol, (IndexedBase, Symbol)) and str(symbol).startswith("(") else None


def _without_optima_of(meaning: Callable[..., Expr]) -> Callable[..., Expr]:
    return lambda *indices: _without_optima(meaning(*indices))


def _without_optima(expr: Expr) -> Expr:
    """expr with a plain number for each F*(k)."""
    return expr.replace(best, lambda width: Symbol(f"F*({width})", real=True))


def _where_equalities_hold(certificate: Expr, known: Known) -> Expr:
    vanishing = {
        each.symbol(second) for each in known.properties.values() if each.is_equality for second in (False, True)
    }
    bare = certificate.replace(
        lambda part: (
            isinstance(part, (Indexed, Symbol)) and (part.base if isinstance(part, Indexed) else part) in vanishing
        ),
        lambda part: S.Zero,
    )
    return bare.replace(lambda part: isinstance(part, Sum) and part.function == 0, lambda part: S.Zero)


def _no_mean_over_second_samples(certificate: Expr) -> None:
    for mean in certificate.atoms(E):
        seconds = [part for part in mean.atoms(Indexed, Symbol, IndexedBase) if _is_second(part)]
        if seconds:
            raise NotProved(f"{seconds[0]} is of a second sample, and means run over first samples")


def _is_second(part: Basic) -> bool:
    symbol = part.base if isinstance(part, Indexed) else part
    return symbol in SECOND or str(symbol).endswith("′)")


def nothing_divides_by_zero(parts: Sequence[Expr], known: Known) -> None:
    for power in (power for part in parts for power in part.atoms(Pow)):
        if power.exp.is_negative and not _is_known_positive(power.base, known):
            raise NotProved(f"{text(power.base)} may be zero, and is divided by")


def _is_known_positive(expr: Expr, known: Known) -> bool:
    if is_positive(expr):
        return True
    if isinstance(expr, Mul):
        return all(_is_known_positive(factor, known) for factor in expr.args)
    return known.has(Gt(expr, 0, evaluate=False))


def at_second_sample(expr: Expr) -> Expr:
    """A per-sample expression, for the second sample of a pair."""
    moved = expr.replace(
        lambda part: isinstance(part, Indexed) and part.base in TWINS, lambda part: TWINS[part.base][part.indices]
    )
    return moved.xreplace({one: other for one, other in TWINS.items() if isinstance(one, Symbol)})


def in_the_language(each: Property) -> None:
    """Raise NotProved unless a property is a relation of what can be read, in symbols that have names."""
    if type(each.relation) not in (Eq, Le, Ge, Gt):
        raise NotProved(f"{each.name}: a property is Eq, Le, Ge or Gt, not {type(each.relation).__name__}")
    try:
        readable(*each.relation.args)
        for part in (part for side in each.relation.args for part in _outside_of_indices(side)):
            if isinstance(part, (Indexed, Symbol)) and not is_named(part.base if isinstance(part, Indexed) else part):
                raise NotProved(f"{part} is no name of a quantity")
    except NotProved as error:
        raise NotProved(f"{each.name}: {error}") from None


def readable(*expressions: Expr) -> None:
    """Raise NotProved unless expressions are written in the symbols of the theory, or in others of names of their own.

    A symbol of a theorem's own stands for any value that its assumptions allow.
    """
    own: dict[str, Any] = {}
    for index in (part for expr in expressions for part in expr.free_symbols if isinstance(part, Idx)):
        if own.setdefault(f"index {index}", index) != index:
            raise NotProved(f"the letter {index} stands for two indices of different ranges")
    for part in (part for expr in expressions for part in _outside_of_indices(expr)):
        if type(part) not in KINDS and not (part.is_Rational and type(part) in NUMBERS):
            raise NotProved(f"{part}: {type(part).__name__} is not part of the language of properties")
        if isinstance(part, Pow) and not part.exp.is_Integer:
            raise NotProved(f"{part}: only whole powers")
        if isinstance(part, Sum):
            _whole_axes(part, (limit[0] for limit in part.limits))
            if any(tuple(limit) not in _whole(limit[0]) for limit in part.limits):
                raise NotProved(f"{part}: sums run over a whole axis")
        if isinstance(part, (Indexed, Symbol)):
            name = str(part.base if isinstance(part, Indexed) else part)
            if reason := next(misread(part) if name in AXES or name in SCALARS else iter(()), None):
                raise NotProved(reason)
            symbol = part.base if isinstance(part, Indexed) else part
            if NAMED.get(name, symbol) != symbol:
                raise NotProved(f"{name} only looks like the theory's {name}: import it")
            if type(symbol) not in (Symbol, SampledSymbol, IndexedBase, SampledBase):
                raise NotProved(f"{name} is a {type(symbol).__name__} of its own")
            if own.setdefault(name, symbol) != symbol:
                raise NotProved(f"two symbols are called {name}")
            _whole_axes(part, part.indices if isinstance(part, Indexed) else ())


def _whole(index: Idx) -> tuple[tuple[Basic, ...], ...]:
    """How a sum over all of an index's axis is written."""
    return (index,), (index, index.lower, index.upper)


def _whole_axes(part: Basic, indices: Iterable[Basic]) -> None:
    for index in indices:
        if not (type(index) is Idx and index.lower == 0 and index.upper + 1 in RANGES):
            raise NotProved(f"{part}: {index} does not run over a whole axis")


def _outside_of_indices(expr: Basic) -> Iterator[Basic]:
    yield expr
    if isinstance(expr, Sum):
        yield from _outside_of_indices(expr.function)
    elif not isinstance(expr, (Indexed, IndexedBase, Idx, best)):
        for part in expr.args:
            yield from _outside_of_indices(part)


# --- lemmas ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Lemma:
    """One relation of a proved statement, at values of what it is claimed for every value of, and at another point.

    values  for u, v, s, y, w or omega: an expression, or a function of its index
    """

    statement: Statement
    part: int = 0
    values: Mapping[Any, Any] = field(default_factory=dict)
    at: Point = OWN

    def __post_init__(self) -> None:
        once = {
            symbol: read_once(value, _axis(symbol)) if callable(value) else value
            for symbol, value in self.values.items()
        }
        object.__setattr__(self, "values", once)

    def check(self, given: Property, known: Known) -> None:
        is_proved(self.statement)
        if reason := reservation(self.statement, self.part, L1):
            raise NotProved(f"{self._id} is not claimed of L1: {reason}")
        if self.statement.level > known.level:
            raise NotProved(f"{self._id} is of a {self.statement.level}, and only a {known.level} is assumed")
        self._conditions_hold(known)
        for symbol, value in self.values.items():
            self._may_be(symbol, value, known)
        readable(given.margin, *self._shown.values())
        for condition in self.statement.given:
            if not known.has(self._instance(condition)):
                raise NotProved(f"{self._id} is claimed where {text(condition)}, which is not known")
        same(given.relation, self._instance(self.statement.claims[self.part]))

    def _conditions_hold(self, known: Known) -> None:
        spent = self.statement.premises
        if "bias" in spent and known.bias != {Bias.FREE}:
            raise NotProved(f"{self._id} needs a free bias, and the bias may be fixed")
        if barred := sorted(spent & {"tied"}):
            raise NotProved(f"{self._id} is of an SAE: it uses {barred[0]}")
        if self.at is not OWN and (missing := sorted(spent - {"unit"})):
            raise NotProved(f"{self._id} uses {missing[0]}, which nobody says of the other point")
        if self.at is not OWN:
            _is_admissible(self.at, known)
            spoken = {part.base for side in self.statement.claims[self.part].args for part in side.atoms(Indexed)}
            if derived := sorted(map(str, spoken - {x, r, b, D, z, w, u, v, y})):
                raise NotProved(f"{self._id} speaks of {derived[0]}, which is another one at the other point")

    def _may_be(self, symbol: Any, value: Any, known: Known) -> None:
        if symbol not in QUANTIFIED:
            raise NotProved(f"{self._id} is not claimed for every {symbol}")
        relation = self.statement.claims[self.part]
        shown = self._shown[symbol]
        index = _axis(symbol) if callable(value) else None
        inside = shown.atoms(Idx) - {index}
        captured = inside & relation.atoms(Idx) if callable(value) else shown.free_symbols & relation.atoms(Idx)
        if captured:
            raise NotProved(
                f"the value of {symbol} has the index {captured.pop()}, as the lemma has: use another letter"
            )
        if depends_on_sample(shown) and not isinstance(symbol, SampledBase) and relation.has(E):
            raise NotProved(f"{symbol} is one for all samples, and its value differs from sample to sample")
        if symbol in (s, y, omega) and not is_nonnegative(shown):
            raise NotProved(f"{symbol} is not negative, and {text(shown)} may be")
        if symbol is s and relation.has(Pow(s, -1)) and not _is_known_positive(shown, known):
            raise NotProved(f"it divides by {symbol}, and {text(shown)} may be zero")
        if symbol is w and not known.has(Ge(1 - Sum(value(a) ** 2, a), 0, evaluate=False)):
            raise NotProved(f"{symbol} is in the unit ball, and ({text(shown)})_a may not be")

    def _instance(self, relation: Relational) -> Relational:
        moved = relation.func(*map(L1.specialise, relation.args), evaluate=False)
        sides = [_elsewhere(self._valued(side), self.at) for side in moved.args]
        return relation.func(*sides, evaluate=False)

    def _valued(self, side: Expr) -> Expr:
        ball = self.values.get(w)
        if ball is not None:
            side = side.xreplace({room: 1 - Sum(w[a] ** 2, a)})
        for symbol, value in self.values.items():
            side = _replaced(side, symbol, value) if callable(value) else side.xreplace({symbol: value})
        return side

    @property
    def _shown(self) -> dict[Any, Expr]:
        """The values, those of indexed symbols at one index."""
        return {
            symbol: sympify(value(_axis(symbol)) if callable(value) else value) for symbol, value in self.values.items()
        }

    @property
    def _id(self) -> str:
        return name_of(self.statement)

    @property
    def words(self) -> str:
        shown = [f"{symbol} = {text(value)}" for symbol, value in self._shown.items()]
        there = [] if self.at is OWN else ["at the other point"]
        place = ", ".join([*shown, *there])
        return f"{self._id}{f', {place}' if place else ''}"


def _axis(symbol: Basic) -> Idx:
    """The index of what a lemma is claimed for every value of."""
    return a if symbol in (u, w) else j


@cache
def is_proved(statement: Statement) -> None:
    """Raise NotProved unless a statement is PROVED and its certificate is verified, once in a process."""
    if type(statement) is not Statement or statement.status is not Status.PROVED:
        raise NotProved(f"{name_of(statement)} is not PROVED")
    statement.prove()


@cache
def name_of(statement: Statement) -> str:
    """The id of a statement: that of its file, or its title if it has none."""
    for name, module in tuple(sys.modules.items()):
        if name.startswith("theory.statements.") and vars(module).get("statement") is statement:
            return id_of(name.rpartition(".")[2])
    return statement.id or statement.title


def _replaced(side: Expr, base: IndexedBase, value: Callable[[Idx], Expr]) -> Expr:
    return side.replace(lambda part: isinstance(part, Indexed) and part.base == base, lambda part: value(*part.indices))


def _elsewhere(side: Expr, point: Point) -> Expr:
    """A relation's side for another point: its residual, its codes, its atoms, its bias."""
    if point is OWN:
        return side
    if len(point.atoms) != 1 or point.atoms[0].index is None:
        raise NotProved("a lemma is taken at points with one family of atoms")
    (group,) = point.atoms
    atom, codes = _family(group)
    shift = point.shift
    there: dict[Any, Callable[..., Expr]] = {D: atom, z: codes, r: point.error}
    if shift is not None:
        there[b] = lambda i: b[i] + shift[i]
    # All at once: what is put in place is not looked at again.
    return side.xreplace({k: group.width}).replace(
        lambda part: isinstance(part, Indexed) and part.base in there, lambda part: there[part.base](*part.indices)
    )


def _family(group: Atoms) -> tuple[Callable[..., Expr], Callable[[Idx], Expr]]:
    index = group.index
    return lambda i, o: group.atom(i).xreplace({index: o}), lambda o: group.code.xreplace({index: o})


def same(relation: Relational, licensed: Relational) -> None:
    """Raise NotProved unless two relations are the same, up to what is defined and a positive factor."""
    kinds = (Eq,) if isinstance(licensed, Eq) else (Gt,) if isinstance(licensed, Gt) else (Le, Ge)
    factor = factor_between(margin(relation), margin(licensed)) if isinstance(relation, kinds) else S.Zero
    if not (factor > 0 or (factor < 0 and isinstance(licensed, Eq))):
        raise NotProved(f"what follows is {text(licensed)}")


def one_of(relation: Relational, licensed: Sequence[Relational]) -> None:
    for each in licensed:
        try:
            return same(relation, each)
        except NotProved:
            continue
    raise NotProved(f"what follows is {' and '.join(map(text, licensed))}")


@dataclass(frozen=True, eq=False)
class Condition:
    """What every point of this level satisfies: unit norms, stationarity in codes, atoms or bias."""

    name: str

    def check(self, given: Property, known: Known) -> None:
        if self.name not in ("unit", "code", "comp", "act", "scale", "atom", "bias"):
            raise NotProved(f"{self.name} is no condition of a minimum")
        if self.name == "bias" and known.bias != {Bias.FREE}:
            raise NotProved("the bias may be fixed")
        residual = L1.specialise(conditions(L1)[self.name].residual)
        same(given.relation, Eq(residual, 0, evaluate=False))

    @property
    def words(self) -> str:
        return {"unit": "atoms have unit norm"}.get(self.name, f"stationarity ({self.name})")


# --- minima ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class IsBest:
    """A global minimiser has the least objective of its width."""

    def check(self, given: Property, known: Known) -> None:
        if known.level < Level.GLOBAL_MINIMUM:
            raise NotProved(f"only a {known.level} is assumed, and it need not be the best")
        same(given.relation, Eq(best(k), E(OWN.cost), evaluate=False))

    words = "the point is a global minimiser of width k"


@dataclass(frozen=True, eq=False)
class NoBetter:
    """The least objective of a width is at most that of an explicit dictionary with codes of this width."""

    point: Point

    def check(self, given: Property, known: Known) -> None:
        if self.point.shift is not None:
            raise NotProved("the witness has another bias")
        _is_admissible(self.point, known)
        same(given.relation, Le(best(self.point.width), E(self.point.cost), evaluate=False))

    @property
    def words(self) -> str:
        shown = ", ".join(f"{text(each.atom(a))} with codes {text(each.code)}" for each in self.point.atoms)
        return f"witness: a minimum is at most the objective of the atoms {shown}"


def _is_admissible(point: Point, known: Known) -> None:
    if isinstance(point.shift, SampledBase):
        raise NotProved(f"{point.shift} is no bias: it differs from sample to sample")
    for each in point.atoms:
        _captures_nothing(each)
        if depends_on_sample(each.atom(a)):
            raise NotProved(f"{text(each.atom(a))} is no atom: it differs from sample to sample")
        if not any(known.has(norms) for norms in _norms(each, known)):
            raise NotProved(f"that {text(each.atom(a))} is of unit norm is not known")
        if not is_nonnegative(each.code):
            raise NotProved(f"the code {text(each.code)} may be negative")


def _captures_nothing(group: Atoms) -> None:
    """Raise NotProved if an atom or its code has a coordinate that sums over coordinates would take for theirs."""
    atom = group.atom(c)
    coordinates = {index for index in atom.atoms(Idx) | group.code.free_symbols if isinstance(index, Idx)} - {c}
    if taken := sorted(str(index) for index in coordinates if index.upper == c.upper):
        raise NotProved(f"{text(atom)} with the code {text(group.code)}: the coordinate {taken[0]} is summed over")


def are_new(*symbols: IndexedBase) -> None:
    """Raise NotProved if one is a symbol of the theory, which has a meaning already."""
    if old := [str(symbol) for symbol in symbols if str(symbol) in AXES]:
        raise NotProved(f"{old[0]} is the theory's own, and is to be new")


def _norms(group: Atoms, known: Known) -> Iterator[Relational]:
    """That its atoms have unit norm, by any name of their index that properties use."""
    if group.index is None:
        yield Eq(group.energy, 1, evaluate=False)
        return
    for index in {index for each in known.properties.values() for index in each.indices}:
        if index.upper == group.index.upper:
            yield Eq(group.energy.xreplace({group.index: index}), 1, evaluate=False)


@dataclass(frozen=True, eq=False)
class Attained:
    """The least objective of a width is that of some dictionary: spheres are compact, and λ > 0 bounds the codes."""

    point: Point

    @property
    def fresh(self) -> frozenset[Basic]:
        return self.point.symbols

    def check(self, given: Property, known: Known) -> None:
        if not known.has(Gt(lam, 0, evaluate=False)):
            raise NotProved("minimisers exist if λ > 0, which is not known")
        if self.point.shift is None and known.bias != {Bias.FIXED}:
            raise NotProved("the bias may be free, and that of the minimum another one: say by how much it differs")
        (group,) = self.point.atoms
        self._is_any_point(group)
        value = Eq(best(self.point.width), E(self.point.cost), evaluate=False)
        one_of(given.relation, (value, Eq(group.energy, 1, evaluate=False)))

    def _is_any_point(self, group: Atoms) -> None:
        atom, code = group.atom(a), group.code
        if not (isinstance(atom, Indexed) and isinstance(code, Indexed) and group.index in code.indices):
            raise NotProved("the point has no atoms and codes of its own")
        are_new(atom.base, code.base, *([] if self.point.shift is None else [self.point.shift]))
        _captures_nothing(group)
        if (
            depends_on_sample(atom)
            or not isinstance(code.base, SampledBase)
            or isinstance(self.point.shift, SampledBase)
        ):
            raise NotProved("codes have a value for each sample, atoms and bias have not")
        if not is_nonnegative(code):
            raise NotProved(f"the code {text(code)} may be negative")

    words = "compactness: spheres are compact and λ > 0 bounds codes, so that the minimum of width k + 1 is attained"


@dataclass(frozen=True, eq=False)
class FixedBias:
    """Where the bias is fixed, that of another point is no other."""

    point: Point

    def check(self, given: Property, known: Known) -> None:
        if known.bias != {Bias.FIXED} or self.point.shift is None:
            raise NotProved("the bias may be free")
        attained = known.has(Eq(best(self.point.width), E(self.point.cost), evaluate=False))
        if not (attained and self.point.symbols <= known.introduced):
            raise NotProved(f"{self.point.shift} is not known to be the shift of a minimum")
        same(given.relation, Eq(self.point.shift[a], 0, evaluate=False))

    words = "the bias is fixed"


@dataclass(frozen=True, eq=False)
class Cases:
    """What follows if the bias is fixed and follows if it is free."""

    fixed: tuple[Step, ...]
    free: tuple[Step, ...]

    def check(self, given: Property, known: Known) -> None:
        for bias, steps in ((Bias.FIXED, self.fixed), (Bias.FREE, self.free)):
            if bias in known.bias:
                branch = known.copy(frozenset({bias}))
                take(steps, branch)
                if not branch.has(given.relation):
                    raise NotProved(f"it does not follow where the bias is {bias.value}")

    @property
    def words(self) -> str:
        said = {bias: "; ".join(step.by.words for step in steps) for bias, steps in zip(Bias, (self.fixed, self.free))}
        return "; ".join(f"if the bias is {bias.value}: {words}" for bias, words in said.items())


@dataclass(frozen=True, eq=False)
class Contrary:
    """Contraposition: an inequality is strict where equality would lead, as has been shown, to what is not so."""

    weak: Property
    source: str
    target: str

    def check(self, given: Property, known: Known) -> None:
        known.need(self.weak)
        if self.target not in reachable(known.shown, self.source):
            raise NotProved(f"nothing has shown so far that {self.source} leads to {self.target}")
        (equal,), (then,) = known.conditions[self.source], known.conditions[self.target]
        if some := sorted(str(each) for each in known.exists if equal.relation.has(each) or then.relation.has(each)):
            raise NotProved(
                f"there is {some[0]} as {equal.name} or {then.name} says, of which this is not the contrary"
            )
        if equal.indices or depends_on_sample(equal.margin) or not equal.is_equality or then.is_equality:
            raise NotProved(f"{equal.name} is not one equality, or {then.name} not one inequality")
        if not known.has(Gt(-then.margin, 0, evaluate=False)):
            raise NotProved(f"that {then.name} fails is not known")
        if self.weak.is_equality or factor_between(self.weak.margin, equal.margin) == 0:
            raise NotProved(f"{self.weak.name} is not {equal.name} with an inequality")
        same(given.relation, Gt(self.weak.margin, 0, evaluate=False))

    @property
    def words(self) -> str:
        return f"({self.weak.name}), and by contraposition of {self.source} ⇒ {self.target} not with equality"


def reachable(pairs: Iterable[tuple[str, str]], start: str) -> set[str]:
    """What follows from one condition, step after step; from "" are those that the hypotheses alone lead to."""
    pairs, found, waiting = list(pairs), {start}, [start]
    while waiting:
        here = waiting.pop()
        following = {target for source, target in pairs if source in (here, "")} - found
        found |= following
        waiting += following
    return found
