"""What a claim and its proof may be written in: one table of symbols, each the object that the theory defines.

A name is not enough. A symbol that is only called like one of the theory's may carry other assumptions, and an index of
the same letter may run over something else: SymPy would print both alike and the algebra could take one for the other.
So everything that is not the object itself is refused by name, and so is every kind of expression that the algebra
does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from sympy import (
    Add,
    Basic,
    Expr,
    Function,
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
)
from sympy.core.relational import (
    Equality,
    GreaterThan,
    LessThan,
    Relational,
    StrictGreaterThan,
    StrictLessThan,
    Unequality,
)

from theory import derive, problem
from theory.derive import PREMISES, assumed, nowhere
from theory.expectation import E
from theory.manifest import is_nonnegative
from theory.problem import SECOND_SAMPLE, a, d, g, j, k, l, marginal, neg, phi, pos, q

# Classes are compared as they are: one derived from them could print as something else than it counts as.
NUMBERS = (Integer, Rational, *map(type, (S.Zero, S.One, S.NegativeOne, S.Half)))
RELATIONS = (Equality, Unequality, LessThan, GreaterThan, StrictLessThan, StrictGreaterThan)
OPERATIONS = (Add, Mul, Pow, Sum, E, KroneckerDelta, pos, neg, phi, marginal)
ARGUMENTS = {KroneckerDelta: 2, pos: 1, neg: 1, phi: 1, marginal: 1}


def _range(index: Idx) -> Expr:
    return index.upper + 1


RANGES: Mapping[Expr, str] = {
    d: "the index of a coordinate (a, c)",
    k: "the index of an atom (j, l, m)",
    _range(q): "the index of a source (q)",
    _range(g): "the index of a prefix (g)",
}
# The axes of each symbol, written as indices of it.
_INDEXED: Mapping[tuple[Idx, ...], str] = {
    (a,): "x b r xhat u w x2 r2 w2 xhat2 b_dot",
    (j,): "z mu nu on off v y z2 mu2 z_dot alpha sigma omega rise norm b_enc",
    (a, j): "D D_dot kin",
    (j, a): "W W_enc",
    (g, a): "R",
    (g, j): "M",
    (j, l): "G C apart",
    (a, a): "Q",
    (a, q): "source",
    (q,): "amount",
}
AXES: Mapping[str, tuple[Expr, ...]] = {
    **{name: tuple(map(_range, axes)) for axes, names in _INDEXED.items() for name in names.split()},
    **{premise.name: tuple(map(_range, premise.indices)) for premise in PREMISES.values()},
}
# Each by what it is called in print.
BASES: Mapping[str, IndexedBase] = {
    str(value.label): value
    for module in (problem, derive)
    for value in vars(module).values()
    if isinstance(value, IndexedBase)
}
_SCALARS = {name: value for name, value in vars(problem).items() if isinstance(value, Symbol) and value not in RANGES}
# Scalars by their symbol, each with the name that it is imported by. Sizes are no quantities of a point.
SCALARS: Mapping[str, str] = {str(value): name for name, value in _SCALARS.items()}


def misread_relation(relation: object) -> list[str]:
    """Why a relation cannot be read, one line each; empty if it can."""
    if not isinstance(relation, Relational):
        return [f"{relation} is no relation"]
    if type(relation) not in RELATIONS:
        return [f"{relation} is of a type of its own, {type(relation).__name__}"]
    if type(relation.args) is not tuple:
        return [f"{relation} has sides of a type of their own, {type(relation.args).__name__}"]
    if all(type(side) is Idx for side in relation.args):
        strange = (
            [] if type(relation) in (Equality, Unequality) else [f"{relation} orders indices, which have no order"]
        )
        return [*ambiguous_letters(relation), *_misequated(relation), *strange]
    return list(dict.fromkeys(reason for reason in (*ambiguous_letters(relation), *misread(*relation.args))))


def misread(*expressions: Basic) -> Iterator[str]:
    """What is wrong with the symbols, indices and operations of expressions."""
    for expr in expressions:
        match expr:
            case _ if type(expr.args) is not tuple:
                yield f"{expr} has parts of a type of their own, {type(expr.args).__name__}"
            case Indexed() if type(expr) is Indexed:
                yield from _misindexed(expr)
            case Idx():
                yield f"{expr} is an index, which is no number"
            case IndexedBase():
                yield f"{expr} stands without {_shown(AXES.get(str(expr.label), ()))}"
            case Symbol():
                yield from _misnamed(expr)
            case Rational() if type(expr) in NUMBERS:
                continue
            case _ if type(expr) not in OPERATIONS:
                yield f"{expr}: {type(expr).__name__} is not part of the language of claims"
            case _ if isinstance(expr, Function) and len(expr.args) != ARGUMENTS[type(expr)]:
                yield f"{expr}: {type(expr).__name__} takes {ARGUMENTS[type(expr)]}, not {len(expr.args)}"
            case Pow():
                if not isinstance(expr.exp, Integer):
                    yield f"cannot evaluate {expr}: only whole powers"
                yield from misread(expr.base)
            case Sum():
                yield from _missummed(expr)
            case KroneckerDelta():
                yield from _misequated(expr)
            case phi() | marginal():
                yield from _mispriced(expr)
            case _:
                yield from misread(*expr.args)


def _misindexed(expr: Indexed) -> Iterator[str]:
    name = str(expr.base.label)
    if expr.base in (assumed, nowhere):
        if not (len(expr.indices) == 1 and isinstance(expr.indices[0], Integer)):
            yield f"{expr}: {name} takes the position of a condition in `given`: 0, 1, …"
        return
    if name not in AXES:
        yield f"{expr}: no symbol {name}{_nearest(name, AXES)}"
    elif type(expr.base) is not type(BASES[name]) or expr.base != BASES[name]:
        yield f"{expr}: {name} only looks like the theory's {name}: import it"
    elif tuple(_range(index) if type(index) is Idx else None for index in expr.indices) != AXES[name]:
        yield f"{expr}: {name} takes {_shown(AXES[name])}"
    else:
        for index in expr.indices:
            yield from _misranged(index)


def _misranged(index: Idx) -> Iterator[str]:
    if type(index) is not Idx or not str(index.name).isidentifier():
        yield f"{index} is no index of the theory"
    elif index.lower != 0 or _range(index) not in RANGES:
        yield f"the index {index} runs from {index.lower} to {index.upper}: an index runs over a whole axis"


def _misnamed(symbol: Symbol) -> Iterator[str]:
    known = SCALARS.get(str(symbol))
    if known is None:
        yield f"no quantity {symbol}{_nearest(str(symbol), SCALARS.values())}"
    elif type(symbol) is not type(_SCALARS[known]) or symbol != _SCALARS[known]:
        yield f"{symbol} only looks like the theory's {known}: import it"


def _missummed(expr: Sum) -> Iterator[str]:
    indices = [limit[0] for limit in expr.limits]
    if len(set(indices)) < len(indices):
        yield f"{expr} sums over the same index twice"
    for index, *limits in expr.limits:
        if type(index) is not Idx:
            yield f"{expr}: {index} is no index"
        elif limits and tuple(limits) != (index.lower, index.upper):
            yield f"the sum over {index} runs from {limits[0]} to {limits[-1]}: sums run over a whole axis"
        elif index not in expr.function.free_symbols:
            yield f"the sum over {index} is of {expr.function}, which has no {index}"
        else:
            yield from _misranged(index)
    yield from misread(expr.function)


def _misequated(expr: KroneckerDelta | Relational) -> Iterator[str]:
    left, right = expr.args
    if not (type(left) is Idx and type(right) is Idx and _range(left) == _range(right)):
        yield f"{expr} compares what are no indices of one axis"
    else:
        yield from (*_misranged(left), *_misranged(right))


def _mispriced(expr: Expr) -> Iterator[str]:
    (amount,) = expr.args
    if any(part in SECOND_SAMPLE for part in amount.atoms(IndexedBase)):
        yield f"{expr}: a second sample has a λ of its own, write its price out"
    elif not is_nonnegative(amount):
        yield f"{expr}: {amount} may be negative, and penalties are of what is not"
    yield from misread(amount)


def ambiguous_letters(*parts: Basic) -> Iterator[str]:
    """Indices that share a letter but not a range, in all that belongs together."""
    letters: dict[str, Idx] = {}
    for index in sorted(set().union(*(part.atoms(Idx) for part in parts)), key=str):
        if letters.setdefault(str(index), index) != index:
            yield f"the letter {index} stands for two indices of different ranges"


def _shown(axes: tuple[Expr, ...]) -> str:
    return " and ".join(RANGES[size] for size in axes) or "its indices"


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=2)
    return f", did you mean {' or '.join(near)}?" if near else ": theory/problem.py has all of them"
