"""Statement → arrays: a small compiler from index notation to named axes.

The expression that was proved is the expression that is evaluated. A product under a sum or a mean becomes one einsum;
numpy and torch arrays go through the same code. Means are either computed from the sample axis or looked up, so that
they can come from a streaming pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from math import prod
from operator import add, mul
from string import ascii_letters
from typing import Any

import numpy as np
import sympy
from sympy import Add, Expr, Idx, Indexed, Integer, KroneckerDelta, Mul, Number, Pow, Sum, Symbol
from sympy.core.relational import Relational

from checks.evaluation.spelling import label, spelling
from checks.problem.arrays import is_tensor
from theory.expectation import E
from theory.problem import neg, pos

SAMPLE = "sample"
Join = Callable[[Any, Any], Any]
SMALL = 2**10  # entries of operands up to which it does not pay to look for a matrix product
SUMMED = 3  # arrays whose product np.einsum sums quickly without forming it
KEPT = 2**14  # largest value, in entries, that is cheaper to keep than to compute again


@dataclass(frozen=True, eq=False)
class Named:
    """An array (numpy or torch) whose axes have names: indices of the theory, or the sample axis."""

    array: Any
    axes: tuple[str, ...] = ()


def numpy_einsum(equation: str, *operands: Any) -> Any:
    """np.einsum, which looks for matrix products where there are any and looking is not the larger part of the work."""
    large = len(operands) > 2 or any(operand.size > SMALL for operand in operands)
    if not large or _is_entry_by_entry(equation):
        return np.einsum(equation, *operands)
    return np.einsum(equation, *operands, optimize=_path(equation, *(operand.shape for operand in operands)))


@lru_cache(maxsize=4096)
def _path(equation: str, *shapes: tuple[int, ...]) -> tuple[Any, ...]:
    """In which order operands are best joined: that with the fewest operations, for there are few of them."""
    sized = (np.broadcast_to(0.0, shape) for shape in shapes)
    return tuple(np.einsum_path(equation, *sized, optimize="optimal")[0])


@cache
def _is_entry_by_entry(equation: str) -> bool:
    """Whether one of the operands has the axes of all, so that there is no matrix product among them."""
    operands = [set(axes) for axes in equation.split("->")[0].split(",")]
    return set.union(*operands) in operands


@dataclass(frozen=True, eq=False)
class Env:
    """Values of the symbols of the theory at one point, or on one block of its samples.

    arrays: by symbol; the axes named by the symbol's own indices are left out, leading axes are (SAMPLE, …).
    weights: of the samples of this block, (n,). means: values of E[·] that are already known, for all samples.
    sizes: length of each index axis, "d" and "k". known: values of at most `keeps` entries that were already computed
    here, by form, with what their axes were called (`checks.evaluation.spelling`); nothing may change the arrays of an
    environment, and a copy with other ones starts afresh.
    """

    arrays: Mapping[str, Named]
    sizes: Mapping[str, int]
    weights: Any = None
    means: Mapping[Expr, Named] = field(default_factory=dict)
    einsum: Callable[..., Any] = numpy_einsum
    keeps: int = KEPT
    known: dict[int, tuple[tuple[str, ...], Named]] = field(default_factory=dict, init=False, repr=False)


@dataclass(frozen=True, eq=False)
class Magnitudes(Env):
    """Magnitudes of the same symbols: evaluating here bounds the sum of absolute values of all terms.

    `exact` holds the values themselves, which divisions need.
    """

    exact: Env | None = None


def evaluate(expr: Expr, env: Env) -> Named:
    """The value of expr: one axis for each free index, and the sample axis if it depends on the sample.

    Raises TypeError for what cannot be lowered, KeyError for a symbol that has no value here.
    """
    own = spelling(expr)
    if own.expr in env.means:
        return env.means[own.expr]
    names, value = env.known.get(own.form, (own.names, None))
    if value is None:
        value = _computed(own.expr, env)
        if _entries(value) <= env.keeps:
            env.known[own.form] = own.names, value
    if names == own.names:
        return value
    called = dict(zip(names, own.names))
    return Named(value.array, tuple(called.get(axis, axis) for axis in value.axes))


@lru_cache(maxsize=1024)
def symbols_of(expressions: tuple[Expr, ...]) -> frozenset[str]:
    """The names of all symbols in expressions."""
    return frozenset(str(symbol) for expression in expressions for symbol in expression.atoms(Symbol))


def _computed(expr: Expr, env: Env) -> Named:
    match expr:
        case Number():
            return Named(abs(float(expr)) if isinstance(env, Magnitudes) else float(expr))
        case Add():
            return _add([evaluate(part, env) for part in expr.args], env)
        case Mul():
            return _contract([evaluate(part, env) for part in expr.args], set(), env)
        case Sum():
            return _reduce(expr.function, {label(limit[0]): _size(limit[0], env) for limit in expr.limits}, env)
        case E():
            return mean(expr, env)
        case Pow():
            return _power(expr, env)
        case Indexed():
            value = env.arrays[label(expr.base.label)]
            return _diagonal(Named(value.array, value.axes + tuple(map(label, expr.indices))), env)
        case KroneckerDelta():
            left, right = _align([evaluate(index, env) for index in expr.args[:2]], env)
            return Named((left.array == right.array) * 1.0, left.axes)
        case Idx():
            # An index by itself, as in the condition j ≠ l.
            return Named(np.arange(_size(expr, env)), (label(expr),))
        case Symbol():
            name = label(expr)
            return env.arrays[name] if name in env.arrays else Named(float(env.sizes[name]))
        case pos() | neg():
            return _part(expr, env)
        case sympy.log() | sympy.tanh():
            return _function(expr, env)
        case _:
            raise TypeError(f"cannot evaluate {expr}: no rule for {type(expr).__name__}")


def mean(expr: E, env: Env) -> Named:
    """E[·] over the samples of this block: a sum with their weights, so that blocks add up."""
    factors = [evaluate(factor, env) for factor in _factors(expr.args[0])]
    if _is_square(factors):
        root = order(Named(env.weights**0.5, (SAMPLE,)), factors[0].axes, env).array * factors[0].array
        return _contract([Named(root, factor.axes) for factor in factors], {SAMPLE}, env)
    # The weights come first: a contraction from left to right then never forms a product of all axes.
    return _contract([Named(env.weights, (SAMPLE,)), *factors], {SAMPLE}, env)


def _is_square(factors: Sequence[Named]) -> bool:
    """Whether their sum over samples is a matrix times its own transpose, which BLAS forms in half of the time."""
    if len(factors) != 2 or factors[0].array is not factors[1].array:
        return False
    return SAMPLE in factors[0].axes and factors[0].axes != factors[1].axes


def holds(condition: Relational, env: Env) -> Named:
    """Where a condition holds, as booleans over its free indices."""
    left, right = _align([evaluate(condition.lhs, env), evaluate(condition.rhs, env)], env)
    axes = left.axes
    match condition:
        case sympy.Eq():
            return Named(left.array == right.array, axes)
        case sympy.Ne():
            return Named(left.array != right.array, axes)
        case sympy.Gt():
            return Named(left.array > right.array, axes)
        case sympy.Ge():
            return Named(left.array >= right.array, axes)
        case sympy.Lt():
            return Named(left.array < right.array, axes)
        case sympy.Le():
            return Named(left.array <= right.array, axes)
        case _:
            raise TypeError(f"cannot evaluate the condition {condition}")


def order(value: Named, axes: tuple[str, ...], env: Env) -> Named:
    """The same array with its axes in the given order; axes it does not have get length 1, a scalar stays one.

    Raises ValueError if it has an axis that is not among them.
    """
    if value.axes == axes:
        return value
    if getattr(value.array, "ndim", 0) == 0:
        return Named(value.array, axes)
    if lost := set(value.axes) - set(axes):
        raise ValueError(f"an array over {value.axes} has no place for {sorted(lost)} in {axes}")
    present = tuple(axis for axis in axes if axis in value.axes)
    array = value.array if present == value.axes else _einsum([value], present, env)
    if len(present) < len(axes):
        array = array[tuple(slice(None) if axis in present else None for axis in axes)]
    return Named(array, axes)


def _reduce(expr: Expr, summed: dict[str, int], env: Env) -> Named:
    """Sum over the named axes."""
    if isinstance(expr, Add):
        return _add([_reduce(part, summed, env) for part in expr.args], env)
    operands = [evaluate(factor, env) for factor in _factors(expr)]
    used = {axis for operand in operands for axis in operand.axes}
    # An axis that no factor has is summed by counting it.
    operands += [Named(float(size)) for axis, size in summed.items() if axis not in used]
    return _contract(operands, set(summed), env)


def _factors(product: Expr) -> Iterator[Expr]:
    """Those of a product, a square as two: it need not be formed to be summed."""
    for factor in Mul.make_args(product):
        base, power = factor.as_base_exp() if isinstance(factor, Pow) else (factor, 1)
        yield from (base, base) if power == 2 else (factor,)


def _contract(operands: list[Named], summed: set[str], env: Env) -> Named:
    """The product of the operands, summed over some axes; factors without these come in after that."""
    axes = tuple(dict.fromkeys(axis for operand in operands for axis in operand.axes if axis not in summed))
    scalar = prod((operand.array for operand in operands if not operand.axes), start=1.0)
    beside = [operand for operand in operands if operand.axes and summed.isdisjoint(operand.axes)]
    inside = _folded([operand for operand in operands if not summed.isdisjoint(operand.axes)], mul, env, least=SUMMED)
    if inside:
        left = tuple(axis for axis in axes if any(axis in operand.axes for operand in inside))
        beside.append(Named(_einsum(inside, left, env), left))
    return _joined([*beside, Named(scalar)] if scalar != 1.0 else beside, axes, mul, env)


def _joined(operands: list[Named], axes: tuple[str, ...], join: Join, env: Env) -> Named:
    """All operands multiplied or added, on these axes."""
    if not operands:
        return Named(1.0, axes)
    first, *others = _folded(operands, join, env)
    total = order(first, axes, env).array
    for other in others:
        total = join(total, order(other, axes, env).array)
    return Named(total, axes)


def _folded(operands: list[Named], join: Join, env: Env, least: int = 1) -> list[Named]:
    """The same with fewer operands: each goes into the smallest other one that has all its axes, if there is one.

    So what is small is joined while it is small. What remains of a sum of products is mostly one matrix product, which
    einsum hands to BLAS, or a product entry by entry, which it sums without forming it.

    least: how many may remain where the next one would be formed on all axes.
    """
    left, kept = sorted(operands, key=_entries), list[Named]()
    while left:
        operand, *left = left
        host = next((n for n, other in enumerate(left) if set(operand.axes) <= set(other.axes)), None)
        if host is None or (len(left) + len(kept) < least and _has_all_axes(left[host], [*left, *kept])):
            kept.append(operand)
        else:
            axes = left[host].axes
            left[host] = Named(join(left[host].array, order(operand, axes, env).array), axes)
    return kept


def _has_all_axes(value: Named, others: Iterable[Named]) -> bool:
    return all(set(other.axes) <= set(value.axes) for other in others)


def _entries(value: Named) -> int:
    return prod(getattr(value.array, "shape", ()))


def _einsum(operands: list[Named], axes: tuple[str, ...], env: Env) -> Any:
    subscripts = _subscripts(tuple(operand.axes for operand in operands), axes)
    return env.einsum(subscripts, *(operand.array for operand in operands))


@cache
def _subscripts(operands: tuple[tuple[str, ...], ...], axes: tuple[str, ...]) -> str:
    """One letter for each axis."""
    letters = dict(zip(dict.fromkeys(axis for operand in operands for axis in operand), ascii_letters))
    terms = ("".join(letters[axis] for axis in operand) for operand in operands)
    return f"{','.join(terms)}->{''.join(letters[axis] for axis in axes)}"


def _add(operands: list[Named], env: Env) -> Named:
    return _joined(operands, tuple(dict.fromkeys(axis for operand in operands for axis in operand.axes)), add, env)


def _align(operands: list[Named], env: Env) -> list[Named]:
    axes = tuple(dict.fromkeys(axis for operand in operands for axis in operand.axes))
    return [order(operand, axes, env) for operand in operands]


def _power(expr: Pow, env: Env) -> Named:
    if not isinstance(expr.exp, Integer):
        return _real_power(expr, env)
    power = int(expr.exp)
    base = evaluate(expr.base, env)
    if power < 0 and isinstance(env, Magnitudes):
        # A relative error of the base is one of its power: |x|ᵖ · (Σ|terms of x| / |x|)^|p|.
        assert env.exact is not None
        value = order(evaluate(expr.base, env.exact), base.axes, env) if base.axes else evaluate(expr.base, env.exact)
        return Named(base.array**-power * abs(value.array) ** (2 * power), base.axes)
    return Named(base.array**power, base.axes)


def _real_power(expr: Pow, env: Env) -> Named:
    """A power that is not whole, of something nonnegative.

    Penalties alone have them: at 0 they cost nothing, and what they would cost at the margin is never charged, so that
    it counts as 0 too.
    """
    values = env.exact if isinstance(env, Magnitudes) and env.exact else env
    exponent = float(evaluate(expr.exp, values).array)
    base = evaluate(expr.base, values)
    on, off = base.array > 0, base.array <= 0  # products with these keep what is not a number
    value = (base.array * on + off) ** exponent * on
    if isinstance(env, Magnitudes):
        # A relative error of the base is at most max(1, |p|) times as large in its power.
        larger = order(evaluate(expr.base, env), base.axes, env).array / (base.array * on + off)
        value = value * larger ** max(1.0, abs(exponent))
    return Named(value, base.axes)


def _function(expr: Expr, env: Env) -> Named:
    """log(1 + t) and tanh(t) of t ≥ 0: slopes and values are at most 1 and t, so that a bound of t bounds either."""
    value = evaluate(expr.args[0], env)
    if isinstance(env, Magnitudes):
        return value
    name = type(expr).__name__
    return Named(
        getattr(value.array, name)() if hasattr(value.array, name) else getattr(np, name)(value.array), value.axes
    )


def _part(expr: pos | neg, env: Env) -> Named:
    """The positive or negative part; a bound of the whole bounds either."""
    value = evaluate(expr.args[0], env)
    if isinstance(env, Magnitudes):
        return value
    return Named(positive_part(value.array if isinstance(expr, pos) else -value.array), value.axes)


def positive_part(array: Any) -> Any:
    """max(x, 0), which is not a number where x is none."""
    return array.clamp(min=0) if is_tensor(array) else np.maximum(array, 0.0)


def _diagonal(value: Named, env: Env) -> Named:
    distinct = tuple(dict.fromkeys(value.axes))
    return value if distinct == value.axes else Named(_einsum([value], distinct, env), distinct)


@cache
def _extent(index: Idx) -> str:
    return label(index.upper + 1)


def _size(index: Idx, env: Env) -> int:
    return env.sizes[_extent(index)]
