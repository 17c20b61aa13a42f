"""Every claim has false neighbours: turned round, with a factor missing, or wrong by one part in a hundred."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import count

from sympy import Add, Eq, Expr, Idx, Integer, Le, Mul, Number, Pow, Rational, Sum
from sympy.core.relational import Ge, Relational

from theory.expectation import E
from theory.printing import text
from theory.problem import L1

MORE = Rational(101, 100)


def neighbours(claim: Relational) -> dict[str, Relational]:
    """Claims that differ from this one in one thing, by what that is. They are about the same entries."""
    changed = dict([*_turned(claim), *_off_by_a_hundredth(claim)])
    for left in (True, False):
        side, other = claim.args if left else reversed(claim.args)
        for factor, without in _without_a_factor(side):
            sides = (without, other) if left else (other, without)
            name = f"{'left' if left else 'right'} without {text(factor)}"
            changed[_numbered(name, changed)] = claim.func(*sides, evaluate=False)
    return {name: each for name, each in changed.items() if _indices(each) == _indices(claim)}


def _numbered(name: str, taken: Collection[str]) -> str:
    return next(each for n in count(1) if (each := f"{name} ({n})" if n > 1 else name) not in taken)


def _indices(claim: Relational) -> set[Idx]:
    """Of the claim for L1, whose φ' has none."""
    return {symbol for side in claim.args for symbol in L1.specialise(side).free_symbols if isinstance(symbol, Idx)}


def _turned(claim: Relational) -> Iterator[tuple[str, Relational]]:
    if not isinstance(claim, Eq):
        yield "direction", claim.func(claim.rhs, claim.lhs, evaluate=False)
    elif claim.rhs != 0:  # 0 has no sign
        yield "sign", claim.func(-claim.lhs, claim.rhs, evaluate=False)


def _off_by_a_hundredth(claim: Relational) -> Iterator[tuple[str, Relational]]:
    """The smaller side of an inequality, or either side of an equality, a hundredth larger."""
    if not isinstance(claim, Ge) and claim.rhs != 0:
        yield "left a hundredth more", claim.func(claim.lhs * MORE, claim.rhs, evaluate=False)
    if not isinstance(claim, Le) and claim.rhs != 0:
        yield "right a hundredth more", claim.func(claim.lhs, claim.rhs * MORE, evaluate=False)


def _without_a_factor(expr: Expr) -> Iterator[tuple[Expr, Expr]]:
    """Each factor of each term, and expr without it. Numbers are no factors, and functions are not looked into."""
    match expr:
        case Mul():
            for n, factor in enumerate(expr.args):
                others = Mul(*expr.args[:n], *expr.args[n + 1 :])
                if not isinstance(factor, Number):
                    yield factor, others
                yield from ((inner, Mul(others, without)) for inner, without in _without_a_factor(factor))
        case Add():
            for n, term in enumerate(expr.args):
                rest = Add(*expr.args[:n], *expr.args[n + 1 :])
                yield from ((factor, rest + without) for factor, without in _without_a_factor(term))
        case Pow(exp=Integer()) if expr.exp > 1:
            yield expr.base, expr.base ** (expr.exp - 1)
        case Sum():
            yield from ((f, Sum(without, *expr.limits)) for f, without in _without_a_factor(expr.function))
        case E():
            yield from ((factor, E(without)) for factor, without in _without_a_factor(expr.args[0]))
        case _:
            return
