"""How the moments are summed over a block: which of their factors live on the support of the codes alone.

A moment with a factor z_j or on_j is a sum over active codes: of a number for each (an entry), times what the sample
has besides (a column, such as r_a). A moment without is lowered as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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

    def add_to(self, into: Any, block: Block) -> None:
        """Add it to an array of its shape."""
        if self.entries is None:
            into += self.columns.reshape(into.shape)
            return
        probes = max(self.entries.shape[1], self.columns.shape[1])
        flat = into.reshape(probes, -1, self.columns.shape[2])
        for p in range(probes):
            entry = self.entries[:, p if self.entries.shape[1] > 1 else 0]
            column = self.columns[:, p if self.columns.shape[1] > 1 else 0]
            add_up(block.support, _tight(entry), _tight(column), flat[p])


def summed(term: Term, block: Block) -> Summed:
    """The weighted sum of a moment over a block. Raises KeyError for a symbol that the block lacks."""
    if term.entry is None or term.atom is None:
        value = mean(term.moment, block.env)
        return Summed(value.axes, _shape(value.array), None, in_double(value.array) * 1.0)
    entry = on_support(term.entry, term.atom, block)
    weights = block.env.weights[block.support.rows]
    entries = _cast(entry.array * (weights[:, None] if entry.axes[1:] else weights), block.like)
    entries = entries if entry.axes[1:] else entries[:, None]
    column = _per_sample(term.column, block)
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
    a = laid_out(atoms, (PROBE, j, index))
    s = laid_out(samples, (SAMPLE, PROBE, index))
    probes = max(a.shape[0], s.shape[1])
    columns = []
    for p in range(probes):
        one = a[p if a.shape[0] > 1 else 0]
        other = s[:, p if s.shape[1] > 1 else 0]
        columns.append(dots(block.support, _tight(_cast(one, block.like)), _tight(_cast(other, block.like))))
    if PROBE not in (*atoms.axes, *samples.axes):
        return Named(columns[0], (ENTRY,))
    return Named(_stacked(columns), (ENTRY, PROBE))


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


def _stacked(arrays: Sequence[Any]) -> Any:
    if is_tensor(arrays[0]):
        import torch

        return torch.stack(list(arrays), dim=1)
    return np.stack(arrays, axis=1)


def _shape(array: Any) -> tuple[int, ...]:
    return tuple(getattr(array, "shape", ()))
