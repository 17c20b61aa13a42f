"""The formal mean over samples.

A statement is written per sample: x[a], r[a], z[j] carry no sample index, the sample axis is implicit. E(·) removes it.
E is linear over quantities that do not depend on the sample, and is never expanded to numbers here.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    Add,
    Dummy,
    Expr,
    Function,
    Idx,
    Indexed,
    IndexedBase,
    Mul,
    S,
    Symbol,
    expand_mul,
    preorder_traversal,
    sympify,
)


class SampledBase(IndexedBase):
    """An indexed quantity that each sample has its own copy of, such as the code z[j]."""


class SampledSymbol(Symbol):
    """A scalar that each sample has its own copy of, such as λ."""


class SampledFunction(Function):
    """A function that each sample has its own of, such as the penalty, whose λ is the sample's, even of a number."""


class E(Expr):
    """The (weighted) mean over samples of an expression. E(f + g) = E(f) + E(g); sample-free factors move out."""

    is_commutative = True
    is_real = True

    def __new__(cls, value: Any) -> Expr:
        value = expand_mul(sympify(value), deep=False)
        if not depends_on_sample(value):
            return value
        if value.is_Add:
            return Add(*(cls(term) for term in value.args))
        if value.is_Mul:
            free, sampled = _split(value)
            if free is not S.One:
                return Mul(free, cls(sampled))
        return Expr.__new__(cls, value)

    def _eval_derivative(self, wrt: Expr) -> Expr:
        return E(self.args[0].diff(wrt))

    def _eval_is_nonnegative(self) -> bool | None:
        return True if self.args[0].is_nonnegative else None

    def _sympystr(self, printer: Any) -> str:
        return f"E[{printer._print(self.args[0])}]"


def depends_on_sample(expr: Expr) -> bool:
    """Whether expr differs from sample to sample. A quantity under E does not."""
    if isinstance(expr, Indexed) and all(isinstance(index, Idx) for index in expr.indices):
        return isinstance(expr.base, SampledBase)  # what most expressions are made of; indices are nobody's own
    walk = preorder_traversal(expr)
    for node in walk:
        if isinstance(node, E):
            walk.skip()
        elif isinstance(node, (SampledBase, SampledSymbol, SampledFunction)):
            return True
    return False


def name_of(symbol: IndexedBase | Symbol) -> str:
    """The name of a quantity, as SymPy would write it, who takes far longer."""
    symbol = getattr(symbol, "label", symbol)
    return str(symbol) if isinstance(symbol, Dummy) else str(symbol.name)


def axis(index: Idx) -> str:
    """The letter of the dimension that an index runs over: k of j = 0, …, k − 1."""
    number, letter = index.upper.as_coeff_Add()
    return str(letter.name if number == -1 and isinstance(letter, Symbol) else index.upper + 1)


def _split(product: Expr) -> tuple[Expr, Expr]:
    sampled = [factor for factor in product.args if depends_on_sample(factor)]
    free = [factor for factor in product.args if not depends_on_sample(factor)]
    return Mul(*free), Mul(*sampled)
