"""How the moments are summed over a block: which of their factors live on the support of the codes alone.

A moment with a factor z_j or on_j is a sum over active codes: of a number for each (an entry), times what the sample
has besides (a column, such as r_a). A moment without is lowered as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from sympy import Add, Expr, Idx, Indexed, Integer, Mul, Pow, Sum

from checks.evaluation.block import Block
from checks.evaluation.lowering import SAMPLE, Env, Named, evaluate, mean, order, positive_part
from checks.evaluation.quantifiers import PROBE
from checks.evaluation.spelling import indices, label
from checks.evaluation.support import add_up, dots
from checks.problem.arrays import in_double, is_tensor
from theory.expectation import E, depends_on_sample
from theory.problem import D, k, neg, on, pos, z


@dataclass(frozen=True)
class Term:
    """A moment E[entry · column]: the entry has one atom index, and vanishes off the support.

    entry  None if no factor vanishes there
    """

    moment: E
    entry: Expr | None
    column: Expr
    atom: Idx | None = None


def plan(moments: Iterable[E]) -> tuple[Term, ...]:
    """How each moment is summed."""
    return tuple(map(_term, moments))


def _term(moment: E) -> Term:
    factors = Mul.make_args(moment.args[0])
    for j in sorted((index for index in indices(moment) if index.upper + 1 == k), key=label):
        own = [factor for factor in factors if j in indices(factor)]
        if any(_vanishes(factor, j) for factor in own) and all(_on_support(factor, j) for factor in own):
            return Term(moment, Mul(*own), Mul(*(factor for factor in factors if factor not in own)), j)
    return Term(moment, None, moment.args[0])


def _vanishes(factor: Expr, j: Idx) -> bool:
    return factor.as_base_exp()[0] in (z[j], on[j])


def _on_support(factor: Expr, j: Idx) -> bool:
    """Whether the factor can be evaluated for each active code alone."""
    if indices(factor) - {j}:
        return False
    if j not in indices(factor) or isinstance(factor, Indexed) or not depends_on_sample(factor):
        return True
    if isinstance(factor, (Add, Mul, pos, neg)) or (isinstance(factor, Pow) and isinstance(factor.exp, Integer)):
        return all(_on_support(part, j) for part in factor.args)
    return isinstance(factor, Sum) and len(factor.limits) == 1 and j not in indices(_parts(factor)[1])


def _parts(total: Sum) -> tuple[Expr, Expr]:
    """The sample-free and the sampled factors of what is summed."""
    factors = Mul.make_args(total.function)
    free = [factor for factor in factors if not depends_on_sample(factor)]
    return Mul(*free), Mul(*(factor for factor in factors if depends_on_sample(factor)))


@dataclass(frozen=True, eq=False)
class Summed:
    """A moment of a block, ready to be added up.

    entries  (m, probes) weighted values on the support, or None if `columns` is the sum already
    columns  (n, probes, c) of each sample; `probes` is 1 where there is no such axis
    axes, shape  of the sum
    """

    axes: tuple[str, ...]
    shape: tuple[int, ...]
    entries: Any
    columns: Any

    def parts(self, into: Any) -> Iterator[tuple[int, Any, Any]]:
        """Probe by probe: which one of the columns, its entries, and what part of an array of this shape it goes to."""
        entered, listed = self.entries.shape[1], self.columns.shape[1]
        flat = into.reshape(max(entered, listed), -1, self.columns.shape[2])
        for p, own in enumerate(flat):
            yield min(p, listed - 1), self.entries[:, min(p, entered - 1)], own


def sharing(terms: Iterable[Term]) -> Iterator[list[Term]]:
    """Terms that sum the same column, together."""
    groups: dict[Expr | E, list[Term]] = {}
    for term in terms:
        groups.setdefault(term.moment if term.entry is None else term.column, []).append(term)
    yield from groups.values()


def summed(terms: Sequence[Term], block: Block) -> list[Summed]:
    """The weighted sums over a block of moments that share their column. Raises KeyError for a symbol that it lacks."""
    if terms[0].entry is None:
        return [_summed_densely(term, block) for term in terms]
    column, weights = _per_sample(terms[0].column, block), block.env.weights[block.support.rows]
    return [_summed_on_support(term, column, weights, block) for term in terms]


def add_to(into: Sequence[Any], sums: Sequence[Summed], block: Block) -> None:
    """Add sums that share their columns to arrays of their shapes."""
    columns = sums[0].columns
    if sums[0].entries is None:
        for own, one in zip(into, sums, strict=True):
            own += one.columns.reshape(own.shape)
        return
    parts = [part for own, one in zip(into, sums, strict=True) for part in one.parts(own)]
    for p in range(columns.shape[1]):
        values, arrays = zip(*((_tight(entries), own) for at, entries, own in parts if at == p))
        add_up(block.support, values, _tight(columns[:, p]), arrays)


def _summed_densely(term: Term, block: Block) -> Summed:
    value = mean(term.moment, block.env)
    return Summed(value.axes, _shape(value.array), None, in_double(value.array) * 1.0)


def _summed_on_support(term: Term, column: Named, weights: Any, block: Block) -> Summed:
    assert term.entry is not None
    assert term.atom is not None
    entry = on_support(term.entry, term.atom, block)
    entries = _cast(entry.array * (weights[:, None] if entry.axes[1:] else weights), block.like)
    entries = entries if entry.axes[1:] else entries[:, None]
    own = tuple(axis for axis in column.axes if axis not in (SAMPLE, PROBE))
    probed = PROBE in column.axes
    columns = laid_out(column, (SAMPLE, PROBE, *own))
    lengths = _shape(columns)[2:]
    columns = columns.reshape(len(columns), -1 if probed else 1, prod(lengths))
    front = (PROBE,) if probed or entry.axes[1:] else ()
    probes = (max(columns.shape[1], entries.shape[1]),) if front else ()
    shape = (*probes, len(block.atoms), *lengths)
    return Summed((*front, label(term.atom), *own), shape, entries, columns)


def _per_sample(column: Expr, block: Block) -> Named:
    """A column with its sample axis, in the precision of the block."""
    value = evaluate(column, block.env)
    if SAMPLE not in value.axes:
        ones = block.like[:, 0] * 0 + 1
        value = evaluate_product(Named(ones, (SAMPLE,)), value, block.env)
    return Named(_cast(value.array, block.like), value.axes)


def evaluate_product(one: Named, other: Named, env: Env) -> Named:
    """The product of two values."""
    if not other.axes:
        return Named(one.array * other.array, one.axes)
    axes = (*one.axes, *other.axes)
    return Named(order(one, axes, env).array * order(other, axes, env).array, axes)


# --- on the support --------------------------------------------------------------------------------------------------

ENTRY = "entry"


def on_support(expr: Expr, j: Idx, block: Block) -> Named:
    """The value of an expression of atom j for each active code (m,), or (m, probes)."""
    known = block.kept.get(expr)
    if known is None:
        known = block.kept[expr] = _on_support_computed(expr, j, block)
    return known


def _on_support_computed(expr: Expr, j: Idx, block: Block) -> Named:
    if j not in indices(expr) or not depends_on_sample(expr):
        return _taken(evaluate(expr, block.env), j, block)
    match expr:
        case Indexed():
            if expr == on[j]:
                return Named(_ones(block), (ENTRY,))
            return _taken(evaluate(expr, block.env), j, block)
        case Add() | Mul():
            parts = [on_support(part, j, block) for part in expr.args]
            found = parts[0]
            for part in parts[1:]:
                one, other = _aligned(found, part)
                found = Named(one.array + other.array if isinstance(expr, Add) else one.array * other.array, one.axes)
            return found
        case Pow():
            base = on_support(expr.base, j, block)
            return Named(base.array ** int(expr.exp), base.axes)
        case pos() | neg():
            value = on_support(expr.args[0], j, block)
            return Named(positive_part(value.array if isinstance(expr, pos) else -value.array), value.axes)
        case Sum():
            free, sampled = _parts(expr)
            index = label(expr.limits[0][0])
            own = free == D[expr.limits[0][0], j]
            atoms = Named(block.atoms, (label(j), index)) if own else evaluate(free, block.env)
            samples = evaluate(sampled, block.env)
            return _products(atoms, samples, label(j), index, block)
        case _:
            raise TypeError(f"cannot evaluate {expr} on the support: no rule for {type(expr).__name__}")


def _products(atoms: Named, samples: Named, j: str, index: str, block: Block) -> Named:
    """Σ over the index of atoms[j, index] · samples[index] for each active code."""
    a = _cast(laid_out(atoms, (PROBE, j, index)), block.like)
    s = _cast(laid_out(samples, (SAMPLE, PROBE, index)), block.like)
    if s.shape[1] == 1:
        found = dots(block.support, _tight(a), _tight(s[:, 0]))
    else:
        own = [a[p if len(a) > 1 else 0][None] for p in range(s.shape[1])]
        found = _joined([dots(block.support, _tight(one), _tight(s[:, p])) for p, one in enumerate(own)])
    return Named(found, (ENTRY, PROBE)) if PROBE in (*atoms.axes, *samples.axes) else Named(found[:, 0], (ENTRY,))


def _taken(value: Named, j: str | Idx, block: Block) -> Named:
    """The values of something dense at the entries."""
    j = label(j) if isinstance(j, Idx) else j
    if not value.axes:
        return Named(_ones(block) * value.array, (ENTRY,))
    probed = PROBE in value.axes
    axes = tuple(axis for axis in (SAMPLE, j) if axis in value.axes) + ((PROBE,) if probed else ())
    array = order(value, axes, block.env).array
    support = block.support
    if SAMPLE in axes and j in axes:
        return Named(array[support.rows, support.atoms], (ENTRY, PROBE)[: 1 + probed])
    if SAMPLE in axes or j in axes:
        return Named(array[support.rows if SAMPLE in axes else support.atoms], (ENTRY, PROBE)[: 1 + probed])
    return Named(_ones(block)[:, None] * array, (ENTRY, PROBE))


def _ones(block: Block) -> Any:
    return block.like[block.support.rows, 0] * 0 + 1


def _aligned(one: Named, other: Named) -> Sequence[Named]:
    if len(one.axes) == len(other.axes):
        return one, other
    return [value if len(value.axes) == 2 else Named(value.array[:, None], (ENTRY, PROBE)) for value in (one, other)]


def laid_out(value: Named, axes: tuple[str, ...]) -> Any:
    """The array with these axes, of length 1 where it has none: a view, whatever its size."""
    present = [axis for axis in axes if axis in value.axes]
    turned = tuple(value.axes.index(axis) for axis in present)
    array = value.array.permute(turned) if is_tensor(value.array) else value.array.transpose(turned)
    return array[tuple(slice(None) if axis in value.axes else None for axis in axes)]


def _cast(array: Any, like: Any) -> Any:
    if is_tensor(like):
        return array.to(like.dtype) if is_tensor(array) else like.new_tensor(array)
    return array.astype(like.dtype, copy=False)


def _tight(array: Any) -> Any:
    return array.contiguous() if is_tensor(array) else np.ascontiguousarray(array)


def _joined(arrays: Sequence[Any]) -> Any:
    if is_tensor(arrays[0]):
        import torch

        return torch.cat(list(arrays), dim=1)
    return np.concatenate(arrays, axis=1)


def _shape(array: Any) -> tuple[int, ...]:
    return tuple(getattr(array, "shape", ()))
