"""A normal form for index notation: the whole of the algebra that proofs need.

Every expression becomes a sum of monomials. A monomial is a rational coefficient times powers of leaves (indexed
quantities, scalars, opaque functions) and of means E[product of leaves]; repeated indices are summed and renamed
canonically. Two expressions are equal for all n, d, k if their normal forms are the same dictionary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, permutations, product

from sympy import (
    Add,
    Basic,
    Expr,
    Idx,
    Indexed,
    IndexedBase,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Rational,
    S,
    Sum,
    Symbol,
    preorder_traversal,
    sympify,
)

from theory.expectation import E, axis, depends_on_sample, name_of
from theory.problem import j, neg, on, pos, z

Definition = Callable[..., Expr]
Definitions = dict[IndexedBase | Symbol, Definition]

# A leaf is (name, whether it depends on the sample, its indices); a mean is ("E", False, its powers of leaves).
Leaf = tuple[str, bool, tuple]
Powers = tuple[tuple[Leaf, int], ...]
NormalForm = dict[Powers, Rational]

DELTA = "δ"
MEAN = "E"
DIMENSION = "dim:"
SIGNED = "⁺"  # after the name of what is nonnegative

# What each leaf's name stands for, with its indices in order, so that a normal form can be written out again.
_TEMPLATES: dict[str, tuple[Expr, tuple[Idx, ...]]] = {}

# Letters for summed indices, by the dimension of their axis.
_POOLS = {
    "d": ("a", "c", "e", "f", "h", "y"),
    "k": ("m", "l", "j", "i", "o", "t"),
    "p": ("q", "p", "s"),
    "g": ("g", "n"),
}


@dataclass
class _Term:
    """A monomial under construction; `dummies` are its summed indices."""

    coefficient: Rational = S.One
    powers: dict[Leaf, int] = field(default_factory=dict)
    dummies: frozenset[str] = frozenset()


def normal_form(expr: Expr, definitions: Definitions | None = None) -> NormalForm:
    """The normal form of expr, with defined quantities replaced by their definitions. Zero is the empty dictionary."""
    fresh = count()
    total: NormalForm = {}
    for term in _terms(sympify(expr), definitions or {}, {}, fresh):
        contracted = _contract_deltas(term)
        powers = _reduce_events(contracted.powers)
        key = _canonical(powers, contracted.dummies)
        total[key] = total.get(key, S.Zero) + contracted.coefficient
    return {key: value for key, value in total.items() if value != 0}


def is_zero(expr: Expr, definitions: Definitions | None = None) -> bool:
    """Whether expr vanishes identically, for all dimensions."""
    return not normal_form(expr, definitions)


def accompanied(
    expr: Expr, priced: Callable[[Basic], bool], by: Iterable[IndexedBase], definitions: Definitions | None = None
) -> bool:
    """Whether each part of expr that is priced is in a product with one of some quantities of the same index."""
    names = {leaf_name(base) for base in by}
    return all(_is_accompanied(powers, priced, names) for powers in normal_form(expr, definitions))


def _is_accompanied(powers: Iterable[tuple[Leaf, int]], priced: Callable[[Basic], bool], names: set[str]) -> bool:
    leaves = [leaf for leaf, _ in powers]
    beside = {indices for name, _, indices in leaves if name in names}
    return all(
        _is_accompanied(indices, priced, names)
        if name == MEAN
        else all((indices[at],) in beside for at in _priced_indices(name, priced))
        for name, _, indices in leaves
    )


def _priced_indices(name: str, priced: Callable[[Basic], bool]) -> Iterator[int]:
    """Positions, among the indices of a leaf, of those that its priced parts have."""
    expr, order = _TEMPLATES.get(name, (S.Zero, ()))
    for part in preorder_traversal(expr):
        if priced(part):
            yield from (order.index(index) for index in part.free_symbols if isinstance(index, Idx))


def collect(expr: Expr, definitions: Definitions | None = None, rename: dict[Idx, Idx] | None = None) -> Expr:
    """expr written out from its normal form: definitions replaced, deltas contracted, like terms collected.

    `rename` gives free indices other letters, those included that definitions bring in; summed indices keep out of
    their way.
    """
    rename = rename or {}
    free = {str(i): rename.get(i, i) for i in (*expr.atoms(Idx), *rename)}
    return Add(
        *(coefficient * _written(powers, free) for powers, coefficient in normal_form(expr, definitions).items())
    )


def _written(powers: Powers, free: dict[str, Idx]) -> Expr:
    used = _used(powers)
    dummies = sorted(used - free.keys())
    names = {name: free[name] for name in used & free.keys()}
    taken = {str(index) for index in names.values()}
    pools = {axis: (letter for letter in pool if letter not in taken) for axis, pool in _POOLS.items()}
    for dummy in dummies:
        axis = dummy.split("#")[0]
        names[dummy] = Idx(next(pools[axis]), Symbol(axis, integer=True, positive=True))
    body = _product(powers, names)
    return Sum(body, *(names[dummy] for dummy in dummies)) if dummies else body


def template(name: str) -> Expr:
    """What the name of a leaf stands for, with symbols _0, _1, … for its indices."""
    expr, order = _TEMPLATES[name]
    return expr.xreplace({index: Symbol(f"_{place}") for place, index in enumerate(order)})


def _product(powers: Iterable[tuple[Leaf, int]], names: dict[str, Idx]) -> Expr:
    factors = []
    for (name, _, indices), power in powers:
        if name == MEAN:
            value = E(_product(indices, names))
        elif name == DELTA:
            value = KroneckerDelta(*(names[index] for index in indices))
        elif name.startswith(DIMENSION):
            value = Symbol(name.removeprefix(DIMENSION), integer=True, positive=True)
        else:
            expr, order = _TEMPLATES[name]
            value = expr.xreplace(dict(zip(order, (names[index] for index in indices), strict=True)))
        factors.append(value**power)
    return Mul(*factors)


def _terms(expr: Expr, definitions: Definitions, names: dict[Idx, str], fresh: Iterator[int]) -> Iterator[_Term]:
    """The monomials of expr. `names` maps bound indices to the fresh names they carry here."""
    recurse = lambda part, scope=names: _terms(part, definitions, scope, fresh)  # noqa: E731
    if isinstance(expr, Rational):
        yield _Term(expr)
    elif isinstance(expr, Add):
        for part in expr.args:
            yield from recurse(part)
    elif isinstance(expr, Mul):
        yield from _products([list(recurse(part)) for part in expr.args])
    elif isinstance(expr, Pow) and isinstance(expr.exp, Integer) and expr.exp > 0:
        # Each copy is expanded anew, so that its summed indices are its own.
        yield from _products([list(recurse(expr.base)) for _ in range(int(expr.exp))])
    elif isinstance(expr, Sum):
        scope = dict(names)
        bound = set()
        for limit in expr.limits:
            scope[limit[0]] = f"{axis(limit[0])}#{next(fresh)}"
            bound.add(scope[limit[0]])
        for term in recurse(expr.function, scope):
            yield _Term(term.coefficient, term.powers, term.dummies | bound)
    elif isinstance(expr, E):
        for term in recurse(expr.args[0]):
            yield _mean(term)
    elif isinstance(expr, Indexed) and expr.base in definitions:
        yield from recurse(definitions[expr.base](*expr.indices))
    elif isinstance(expr, Symbol) and expr in definitions:
        yield from recurse(definitions[expr]())
    elif isinstance(expr, neg):
        yield from recurse(pos(*expr.args) - expr.args[0])
    elif isinstance(expr, KroneckerDelta):
        yield _Term(powers={(DELTA, False, tuple(sorted(_name(i, names) for i in expr.args[:2]))): 1})
    else:
        yield _opaque(expr, names, definitions, fresh)


def _products(factors: list[list[_Term]]) -> Iterator[_Term]:
    for combination in product(*factors):
        coefficient, powers, dummies = S.One, dict[Leaf, int](), frozenset[str]()
        for term in combination:
            coefficient = coefficient * term.coefficient
            dummies |= term.dummies
            for leaf, power in term.powers.items():
                _multiply(powers, leaf, power)
        yield _Term(coefficient, powers, dummies)


def _multiply(powers: dict[Leaf, int], leaf: Leaf, power: int) -> None:
    powers[leaf] = powers.get(leaf, 0) + power
    if powers[leaf] == 0:
        del powers[leaf]


def _mean(term: _Term) -> _Term:
    """E of a monomial: what does not depend on the sample moves out."""
    inside = {leaf: power for leaf, power in term.powers.items() if leaf[1]}
    outside = {leaf: power for leaf, power in term.powers.items() if not leaf[1]}
    if inside:
        _multiply(outside, (MEAN, False, tuple(sorted(_reduce_events(inside).items()))), 1)
    return _Term(term.coefficient, outside, term.dummies)


def _opaque(expr: Expr, names: dict[Idx, str], definitions: Definitions, fresh: Iterator[int]) -> _Term:
    """A leaf that the algebra does not look into: an indexed symbol, a scalar, a function of one, a negative power."""
    if isinstance(expr, Pow) and isinstance(expr.exp, Integer):
        bases = list(_terms(expr.base, definitions, names, fresh))
        if len(bases) == 1 and not bases[0].dummies:
            # The power of a single monomial acts on each of its factors.
            base = bases[0]
            powers = {leaf: power * int(expr.exp) for leaf, power in base.powers.items()}
            return _Term(base.coefficient**expr.exp, powers)
    order = _indices(expr)
    name = _without_indices(expr, order)
    _TEMPLATES[name] = expr, order
    return _Term(powers={(name, depends_on_sample(expr), tuple(_name(index, names) for index in order)): 1})


def leaf_name(base: IndexedBase) -> str:
    """The name of the leaf that a quantity with one index is."""
    return _without_indices(base[j], (j,))


def base_name(leaf: str) -> str:
    """The name of the quantity that a leaf of this name is."""
    return leaf.split("[")[0].removesuffix(SIGNED)


def _without_indices(expr: Expr, order: Sequence[Idx]) -> str:
    """How an expression reads with _0, _1, … for its indices, and ⁺ after what has a sign, as not all of a name do."""
    if isinstance(expr, Indexed) and all(isinstance(index, Idx) for index in expr.indices):
        # As SymPy would write it, who takes a hundred times as long.
        return f"{_signed(expr.base)}[{', '.join(f'_{order.index(index)}' for index in expr.indices)}]"
    named = {symbol: Symbol(_signed(symbol)) for symbol in expr.atoms(Symbol)}
    return str(expr.xreplace(named | {index: Symbol(f"_{place}") for place, index in enumerate(order)}))


def _signed(symbol: IndexedBase | Symbol) -> str:
    return f"{name_of(symbol)}{SIGNED}" if symbol.is_nonnegative else name_of(symbol)


def _indices(expr: Expr) -> tuple[Idx, ...]:
    """The distinct indices of expr in order of appearance."""
    order: list[Idx] = []
    for node in _preorder(expr):
        if isinstance(node, Idx) and node not in order:
            order.append(node)
    return tuple(order)


def _preorder(expr: Expr) -> Iterable[Expr]:
    yield expr
    if not isinstance(expr, Idx):
        for part in expr.args:
            yield from _preorder(part)


def _name(index: Idx, names: dict[Idx, str]) -> str:
    return names.get(index) or name_of(index)


def _contract_deltas(term: _Term) -> _Term:
    """Use each Kronecker delta that has a summed index to remove that index."""
    powers, dummies = dict(term.powers), set(term.dummies)
    while removable := [leaf for leaf in powers if leaf[0] == DELTA and _removable(leaf[2], dummies)]:
        first, second = removable[0][2]
        del powers[removable[0]]
        if first != second:
            gone, kept = (first, second) if first in dummies else (second, first)
            dummies.discard(gone)
            powers = _rename(powers, {gone: kept})
    return _Term(term.coefficient, powers, frozenset(dummies))


def _removable(indices: tuple[str, str], dummies: set[str]) -> bool:
    return indices[0] == indices[1] or not dummies.isdisjoint(indices)


def _reduce_events(powers: dict[Leaf, int]) -> dict[Leaf, int]:
    """Use what "active" means: on² = on, on·z = z."""
    active = {leaf[2] for leaf in powers if leaf[0] == _ON}
    reduced = dict(powers)
    for indices in active:
        if powers.get((_Z, True, indices), 0) > 0:
            del reduced[(_ON, True, indices)]
        else:
            reduced[(_ON, True, indices)] = 1
    return reduced


def _rename(powers: dict[Leaf, int], names: dict[str, str]) -> dict[Leaf, int]:
    renamed: dict[Leaf, int] = {}
    for (name, sampled, indices), power in powers.items():
        if name == MEAN:
            leaf = (MEAN, False, tuple(sorted(_rename(dict(indices), names).items())))
        else:
            fresh = tuple(names.get(index, index) for index in indices)
            leaf = (name, sampled, tuple(sorted(fresh)) if name == DELTA else fresh)
        _multiply(renamed, leaf, power)
    return renamed


def _canonical(powers: dict[Leaf, int], dummies: frozenset[str]) -> Powers:
    """The same monomial under the naming of its summed indices that sorts first."""
    axes: dict[str, list[str]] = {}
    for dummy in sorted(dummies):
        axes.setdefault(dummy.split("#")[0], []).append(dummy)
    candidates = []
    for orders in product(*(permutations(members) for members in axes.values())):
        names = {
            dummy: f"{axis}#{position}"
            for axis, order in zip(axes, orders, strict=True)
            for position, dummy in enumerate(order)
        }
        candidates.append(tuple(sorted(_rename(powers, names).items())))
    best = min(candidates)
    # A summed index that occurs nowhere is a factor of its dimension; it must not be lost.
    return (*best, *(((DIMENSION + dummy.split("#")[0], False, ()), 1) for dummy in _unused(powers, dummies)))


def _unused(powers: dict[Leaf, int], dummies: frozenset[str]) -> list[str]:
    return sorted(dummies - _used(powers.items()))


def _used(powers: Iterable[tuple[Leaf, int]]) -> set[str]:
    """The names of all indices in a monomial."""
    used: set[str] = set()
    for (name, _, indices), _power in powers:
        used |= _used(indices) if name == MEAN else set(indices)
    return used


_ON, _Z = map(leaf_name, (on, z))
