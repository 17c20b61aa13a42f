"""Expressions as terms of Rocq, with the sample written out.

A term is read in two ways from one tree, so that both say the same: `shown` is what a reader sees and Rocq checks,
`embedded` is the syntax that the reflective procedure of Sums.v computes with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import count

Names = Mapping[str, str]


@dataclass(frozen=True)
class Number:
    """A natural number."""

    value: int


@dataclass(frozen=True)
class Reciprocal:
    """1 over a positive number."""

    value: int


@dataclass(frozen=True)
class Quantity:
    """A quantity at some indices, such as z i j."""

    name: str
    indices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Function:
    """A function that the algebra does not look into, at some indices and of a term: pos t, phi i t, or t⁻¹."""

    name: str
    indices: tuple[str, ...]
    argument: Term


INVERSE = "^-1"


@dataclass(frozen=True)
class Minus:
    part: Term


@dataclass(frozen=True)
class Plus:
    parts: tuple[Term, ...]


@dataclass(frozen=True)
class Times:
    parts: tuple[Term, ...]


@dataclass(frozen=True)
class Power:
    base: Term
    exponent: int


@dataclass(frozen=True)
class Total:
    """Σ over an axis, named by its size."""

    axis: str
    index: str
    body: Term


@dataclass(frozen=True)
class Mean:
    """E over samples."""

    index: str
    body: Term


@dataclass(frozen=True)
class Named:
    """A defined quantity: shown by its name, and computed with by its definition."""

    name: str
    indices: tuple[str, ...]
    arguments: tuple[Term, ...]
    meaning: Term


@dataclass(frozen=True)
class Fact:
    """What is known to be 0, or only to be at least 0.

    proof: a term of Rocq that says so, given what free indices are called
    """

    proof: Callable[[Names], str]
    meaning: Term
    vanishes: bool = True


Term = Number | Reciprocal | Quantity | Function | Minus | Plus | Times | Power | Total | Mean | Named | Fact

ZERO, ONE = Number(0), Number(1)
SAMPLES = "n"


def known(lemma: str, *indices: str) -> Callable[[Names], str]:
    """A proof by a lemma at some indices."""
    return lambda names: " ".join([lemma, *(names.get(index, index) for index in indices)])


def plus(*parts: Term) -> Term:
    kept = tuple(part for part in parts if part != ZERO)
    return kept[0] if len(kept) == 1 else Plus(kept) if kept else ZERO


def times(*parts: Term) -> Term:
    kept = tuple(part for part in parts if part != ONE)
    return kept[0] if len(kept) == 1 else Times(kept) if kept else ONE


def minus(part: Term) -> Term:
    return part.part if isinstance(part, Minus) else Minus(part)


# --- what a reader sees ----------------------------------------------------------------------------------------------


def shown(term: Term, names: Names | None = None) -> str:
    """The term in Rocq's notation. names: what its free indices are called, their own names if nothing is said."""
    return _shown(term, names or {}, lambda index, depth: index, 0)


def _shown(term: Term, names: Names, bound: Callable[[str, int], str], depth: int) -> str:
    def whole(part: Term) -> str:
        return _shown(part, names, bound, depth)

    def factor(part: Term) -> str:
        return f"({whole(part)})" if isinstance(_visible(part), (Plus, Minus, Total, Mean)) else whole(part)

    def summand(part: Term) -> str:
        return f"({whole(part)})" if isinstance(_visible(part), (Plus, Minus)) else whole(part)

    def second(part: Term) -> str:
        return f"({whole(part)})" if isinstance(_visible(part), Times) else factor(part)

    def atom(part: Term) -> str:
        text = whole(part)
        return text if text.isidentifier() or isinstance(_visible(part), Number) else f"({text})"

    def base(part: Term) -> str:
        applied = isinstance(part, (Quantity, Named)) or (isinstance(part, Function) and part.name != INVERSE)
        return whole(part) if applied else atom(part)

    def indices(of: Sequence[str]) -> list[str]:
        return [names.get(index, index) for index in of]

    def inner(index: str, body: Term) -> tuple[str, str]:
        called = bound(index, depth)
        return called, _shown(body, {**names, index: called}, bound, depth + 1)

    match term:
        case Number(value):
            return str(value) if value < 2 else f"{value}%:R"
        case Reciprocal(value):
            return f"{value}%:R^-1"
        case Quantity(name, of):
            return " ".join([name, *indices(of)])
        case Function(name, _, argument) if name == INVERSE:
            return f"({whole(argument)})^-1" if " " in whole(argument) else f"{whole(argument)}^-1"
        case Function(name, of, argument):
            return " ".join([name, *indices(of), atom(argument)])
        case Minus(part):
            return f"- ({whole(part)})" if isinstance(_visible(part), Times) else f"- {factor(part)}"
        case Plus(parts):
            first, *rest = parts
            return whole(first) + "".join(
                f" - {summand(part.part)}" if isinstance(part, Minus) else f" + {summand(part)}" for part in rest
            )
        case Times(parts):
            first, *rest = parts
            return factor(first) + "".join(
                f" / {part.value}%:R" if isinstance(part, Reciprocal) else f" * {second(part)}" for part in rest
            )
        case Power(inner_base, exponent):
            return f"{base(inner_base)} ^+ {exponent}"
        case Total(axis, index, body):
            called, text = inner(index, body)
            return f"\\sum_({called} < {axis}) {_body(body, text)}"
        case Mean(index, body):
            called, text = inner(index, body)
            return f"\\E_{called} {_body(body, text)}"
        case Named(name, of, arguments, _):
            return " ".join([name, *indices(of), *map(atom, arguments)])
        case Fact(_, meaning):
            return whole(meaning)
    raise TypeError(term)


def _visible(term: Term) -> Term:
    return _visible(term.meaning) if isinstance(term, Fact) else term


def _body(body: Term, text: str) -> str:
    return text if isinstance(_visible(body), (Total, Mean, Quantity)) else f"({text})"


def free_indices(term: Term) -> tuple[str, ...]:
    """The indices of a term that no sum binds, in the order of their appearance."""
    return tuple(dict.fromkeys(_free(term, frozenset())))


def _free(term: Term, bound: frozenset[str]) -> list[str]:
    match term:
        case Quantity(_, of):
            return [index for index in of if index not in bound]
        case Function(_, of, argument):
            return [*(index for index in of if index not in bound), *_free(argument, bound)]
        case Total(_, index, body) | Mean(index, body):
            return _free(body, bound | {index})
        case Named(_, of, _, meaning):
            return [*(index for index in of if index not in bound), *_free(meaning, bound)]
        case Minus(part):
            return _free(part, bound)
        case Plus(parts) | Times(parts):
            return [index for part in parts for index in _free(part, bound)]
        case Power(base, _):
            return _free(base, bound)
        case Fact(_, meaning):
            return _free(meaning, bound)
    return []


# --- what is computed with -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Leaf:
    """A quantity or function as a function of its indices: `parameters` are the free indices of its pattern."""

    pattern: Quantity | Function
    parameters: tuple[str, ...]

    def at(self, indices: Sequence[str]) -> Term:
        return renamed(self.pattern, dict(zip(self.parameters, indices, strict=True)))

    @property
    def closure(self) -> str:
        """The function of a list of indices."""
        return shown(self.pattern, {name: f"(nth 0%N indices {place})" for place, name in enumerate(self.parameters)})


@dataclass
class Leaves:
    """The leaves of an identity, numbered in the order of their appearance."""

    known: dict[str, Leaf] = field(default_factory=dict)

    def key(self, term: Quantity | Function) -> tuple[str, tuple[str, ...]]:
        """What a leaf is called, whatever its indices, and these."""
        if isinstance(term, Quantity):
            key, indices = f"{term.name}/{len(term.indices)}", term.indices
            pattern: Quantity | Function = Quantity(term.name, tuple(f"v{place}" for place in range(len(indices))))
        else:
            indices = free_indices(term)
            names = {index: f"v{place}" for place, index in enumerate(indices)}
            key = _shown(term, names, lambda index, depth: f"#{depth}", 0)
            pattern = renamed(term, names)  # type: ignore[assignment]
        self.known.setdefault(key, Leaf(pattern, tuple(f"v{place}" for place in range(len(indices)))))
        return key, indices

    def number(self, key: str) -> int:
        return list(self.known).index(key)

    @property
    def table(self) -> str:
        """Their values, as a function of number and indices."""
        cases = " ".join(f"| {place} => {leaf.closure}" for place, leaf in enumerate(self.known.values()))
        return f"fun (number : nat) (indices : seq nat) => match number with {cases} | _ => 0 end"


AXES = ("n", "d", "k", "sources", "prefixes")  # samples, coordinates, atoms, sources of the data, prefixes


def embedded(term: Term, levels: Mapping[str, int], depth: int, leaves: Leaves) -> str:
    """The term in the syntax of Sums.v. levels: where each free index is in the list of indices."""

    def of(part: Term) -> str:
        return embedded(part, levels, depth, leaves)

    match term:
        case Number(0):
            return "Zero"
        case Number(value):
            return f"(Num {value})"
        case Reciprocal(value):
            return f"(Inv {value})"
        case Quantity() | Function():
            key, indices = leaves.key(term)
            places = "; ".join(str(levels[index]) for index in indices)
            return f"(Leaf {leaves.number(key)} [:: {places}]%N)" if places else f"(Leaf {leaves.number(key)} [::])"
        case Minus(part):
            return f"(Opp {of(part)})"
        case Plus(parts):
            return reduce(lambda left, right: f"(Add {left} {right})", map(of, parts))
        case Times(parts):
            return reduce(lambda left, right: f"(Mul {left} {right})", map(of, parts))
        case Power(base, exponent):
            return reduce(lambda right, left: f"(Mul {left} {right})", [of(base)] * exponent)
        case Total(axis, index, body):
            return f"(Sum {AXES.index(axis)} {embedded(body, {**levels, index: depth}, depth + 1, leaves)})"
        case Mean(index, body):
            weighted = Total(SAMPLES, index, Times((Quantity("weight", (index,)), body)))
            return of(weighted)
        case Named(_, _, _, meaning) | Fact(_, meaning):
            return of(meaning)
    raise TypeError(term)


# --- substitution ----------------------------------------------------------------------------------------------------


def renamed(term: Term, names: Names) -> Term:
    """The term with other free indices; indices that are summed over keep their names, which must be others."""

    def of(part: Term) -> Term:
        return renamed(part, names)

    def indices(old: Sequence[str]) -> tuple[str, ...]:
        return tuple(names.get(index, index) for index in old)

    match term:
        case Quantity(name, old):
            return Quantity(name, indices(old))
        case Function(name, old, argument):
            return Function(name, indices(old), of(argument))
        case Minus(part):
            return Minus(of(part))
        case Plus(parts):
            return Plus(tuple(map(of, parts)))
        case Times(parts):
            return Times(tuple(map(of, parts)))
        case Power(base, exponent):
            return Power(of(base), exponent)
        case Total(axis, index, body):
            return Total(axis, index, renamed(body, _without(names, index)))
        case Mean(index, body):
            return Mean(index, renamed(body, _without(names, index)))
        case Named(name, old, arguments, meaning):
            return Named(name, indices(old), tuple(map(of, arguments)), of(meaning))
        case Fact():
            raise TypeError("a fact is about its own indices")
    return term


def _without(names: Names, index: str) -> Names:
    """The renaming inside of a sum. Raises ValueError if the sum would capture a new name."""
    kept = {old: new for old, new in names.items() if old != index}
    if index in kept.values():
        raise ValueError(f"{index} is summed over, and cannot be a new name")
    return kept


def fresh_names() -> Callable[[str], str]:
    """A function that makes a new name from a letter, each time another one."""
    numbers = count(1)
    return lambda letter: f"{letter.rstrip('0123456789_')}_{next(numbers)}"
