"""One streaming pass for all statements at once.

The distinct means E[·] of all claims, controls and proofs are the moments. They are sums over samples, so blocks,
shards and machines simply add.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from sympy import Expr, preorder_traversal

from checks.evaluation.lowering import Env, Named, evaluate
from checks.evaluation.repeated import Repeated
from theory.expectation import E


def moments_of(expressions: Iterable[Expr]) -> tuple[E, ...]:
    """The distinct means that occur in the expressions."""
    return tuple(dict.fromkeys(mean for expression in expressions for mean in _moments_of(expression)))


@lru_cache(maxsize=4096)
def _moments_of(expression: Expr) -> tuple[E, ...]:
    return tuple(dict.fromkeys(node for node in preorder_traversal(expression) if isinstance(node, E)))


def accumulate(moments: Sequence[E], blocks: Iterable[Env]) -> dict[Expr, Named]:
    """The value of each moment over all blocks together, of numpy arrays."""
    totals: dict[Expr, Named] = {}
    values = Repeated(lambda block: (evaluate(moment, block) for moment in moments))
    for block in blocks:
        for moment, value in zip(moments, values(block), strict=True):
            before = totals.get(moment)
            totals[moment] = value if before is None else Named(before.array + value.array, value.axes)
    return totals
