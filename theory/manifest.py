"""What can be seen to be nonnegative, or positive, by looking at an expression alone."""

from __future__ import annotations

from sympy import Add, Expr, Indexed, Integer, Mul, Pow, Sum, Symbol

from theory.derive import assumed, nowhere
from theory.expectation import E
from theory.problem import marginal, neg, pos


def is_nonnegative(expr: Expr) -> bool:
    """Whether expr is a sum of products of nonnegative quantities and even powers.

    A condition that is given as an inequality counts as its margin, which is nonnegative.
    """
    match expr:
        case Add() | Mul():
            return all(is_nonnegative(part) for part in expr.args)
        case Pow(exp=Integer() as power):
            return bool(power % 2 == 0) or is_nonnegative(expr.base)
        case Sum():
            return is_nonnegative(expr.function)
        case E() | marginal():  # φ' of what is not negative: the language allows no other
            return is_nonnegative(expr.args[0])
        case pos() | neg():
            return True
        case Indexed():
            return expr.base in (assumed, nowhere) or bool(expr.base.label.is_nonnegative)
        case _:
            return bool(expr.is_nonnegative) and (expr.is_number or isinstance(expr, Symbol))


def is_positive(expr: Expr) -> bool:
    """Whether expr is a positive quantity, or one plus nonnegative ones, or a product or power of such."""
    match expr:
        case Add():
            return all(map(is_nonnegative, expr.args)) and any(map(is_positive, expr.args))
        case Mul():
            return all(map(is_positive, expr.args))
        case Pow(exp=Integer()):
            return is_positive(expr.base)
        case _:
            return bool(expr.is_positive) and (expr.is_number or isinstance(expr, Symbol))
