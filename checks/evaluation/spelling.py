"""Expressions up to the names of their indices: Σ_a D_aj r_a and Σ_c D_cl r_c are one formula, and have one value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache

from sympy import Add, Expr, Idx, Indexed, Mul, Sum


@dataclass(frozen=True)
class Spelling:
    """How an expression is written.

    expr   the first one seen that equals it: to find that two are equal takes longer than to evaluate them
    form   a number, the same for all that differ in names of indices alone
    names  of the indices that it does not sum over, in an order that belongs to the form
    """

    expr: Expr
    form: int
    names: tuple[str, ...]


_KNOWN: dict[int, tuple[Expr, Spelling]] = {}  # by identity, for as long as the process lives
_FORMS: dict[Hashable, int] = {}


def spelling(expr: Expr) -> Spelling:
    """How an expression is written; for the same object it is looked up."""
    known = _KNOWN.get(id(expr))
    if known is None:
        known = _KNOWN[id(expr)] = expr, _first_of(expr)
    return known[1]


@cache
def _first_of(expr: Expr) -> Spelling:
    own = sorted(indices(expr), key=label)
    form = _form(expr, {index: (place, label(index.upper)) for place, index in enumerate(own)})
    return Spelling(expr, _FORMS.setdefault(form, len(_FORMS)), tuple(map(label, own)))


def _form(expr: Expr, names: Mapping[Expr, Hashable], depth: int = 0) -> Hashable:
    """The expression with other names for its indices, as something to compare."""
    if isinstance(expr, Idx):
        return names[expr]
    if isinstance(expr, Indexed):
        return expr.base, *(_form(index, names, depth) for index in expr.indices)
    if isinstance(expr, Sum):
        bound = [limit[0] for limit in expr.limits]
        inner = {index: (f"bound {depth + n}", label(index.upper)) for n, index in enumerate(bound)}
        return Sum, len(bound), _form(expr.function, {**names, **inner}, depth + len(bound))
    if not expr.args:
        return expr
    parts = [_form(part, names, depth) for part in expr.args]
    if isinstance(expr, (Add, Mul)):
        return expr.func, frozenset(Counter(parts).items())  # whose order depends on the names
    return expr.func, *parts


def indices(expr: Expr) -> set[Idx]:
    """The indices of an expression that it does not sum over."""
    if isinstance(expr, Idx):
        return {expr}
    if isinstance(expr, Sum):
        return indices(expr.function) - {limit[0] for limit in expr.limits}
    return {index for part in expr.args for index in indices(part)} if expr.args else set()


@cache
def label(symbol: Expr) -> str:
    """What a symbol or an index is called; to print it takes SymPy longer than to evaluate it."""
    return str(symbol)
