"""SymPy's expressions of a statement as terms of Rocq, of one objective."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sympy import Add, Basic, Expr, Idx, Indexed, IndexedBase, Integer, KroneckerDelta, Mul, Pow, Rational, Sum, Symbol

from checks.claims.rocq.terms import (
    INVERSE,
    Fact,
    Function,
    Mean,
    Named,
    Number,
    Power,
    Quantity,
    Reciprocal,
    Term,
    Total,
    minus,
    plus,
    renamed,
    times,
)
from theory.derive import DEFINED
from theory.expectation import E, SampledBase, SampledSymbol
from theory.language import BASES, SCALARS
from theory.problem import (
    SECOND_SAMPLE,
    G,
    R,
    a,
    apart,
    error,
    g,
    j,
    l,
    lam,
    lam2,
    marginal,
    mu,
    mu2,
    neg,
    off,
    on,
    phi,
    pos,
    prefix_error,
    r,
    r2,
    room,
    room2,
    w,
    w2,
    x,
    x2,
    xhat,
    xhat2,
    z,
    z2,
)

SAMPLE, SECOND = "i", "i2"
# A second sample's quantities are those of the first, at another sample.
FIRST: Mapping[Basic, Basic] = {x2: x, r2: r, xhat2: xhat, z2: z, mu2: mu, lam2: lam, w2: w, room2: room}
SIZES = {"d": "d", "k": "k", "p": "sources", "g": "prefixes"}
RESERVED = frozenset({*BASES, *SCALARS, *SIZES, "n", SAMPLE, "weight", "real", "delta", "active", "mean"})


class NotWritable(ValueError):
    """An expression that has no counterpart here; the message says which part."""


def axis_of(index: Idx) -> str:
    """The size of the axis that an index runs over."""
    return SIZES[str(index.upper + 1)]


def index_name(index: Idx) -> str:
    """What an index is called: its letter, primed where something else is called so."""
    return f"{index}'" if str(index) in RESERVED else str(index)


def base_name(symbol: Basic) -> tuple[str, str | None]:
    """What a quantity is called, and the sample that it is of."""
    label = str(getattr(symbol, "label", symbol))
    if not isinstance(symbol, (SampledBase, SampledSymbol)):
        return label, None
    return (label.removesuffix("2"), SECOND) if symbol in SECOND_SAMPLE else (label, SAMPLE)


@dataclass(frozen=True)
class Translator:
    """facts: what stands for a symbol of a proof at some indices. met: the symbols met so far, by their names here."""

    facts: Mapping[IndexedBase, Callable[..., Fact]]
    met: dict[str, Basic] = field(default_factory=dict)

    def term(self, expr: Expr) -> Term:
        match expr:
            case Integer():
                number = Number(abs(int(expr)))
                return minus(number) if expr < 0 else number
            case Rational():
                size = times(Number(abs(int(expr.p))), Reciprocal(int(expr.q)))
                return minus(size) if expr < 0 else size
            case Add():
                return plus(*(self.term(part) for part in sorted(expr.args, key=_is_subtracted)))
            case Mul():
                return self._product(expr)
            case Pow(exp=Integer() as power) if power > 0:
                return Power(self.term(expr.base), int(power))
            case Pow(exp=Integer() as power):
                inverse = Function(INVERSE, (), self.term(expr.base))
                return inverse if power == -1 else Power(inverse, -int(power))
            case Sum():
                body = self.term(expr.function)
                for limit in expr.limits:
                    body = Total(axis_of(limit[0]), index_name(limit[0]), body)
                return body
            case E():
                if expr.atoms(IndexedBase, Symbol) & SECOND_SAMPLE:
                    raise NotWritable(f"{expr} is of a second sample, and means run over first samples")
                return Mean(SAMPLE, self.term(expr.args[0]))
            case Indexed():
                return self._indexed(expr)
            case KroneckerDelta():
                self.met["delta"] = KroneckerDelta
                return Quantity("delta", tuple(map(index_name, expr.args)))
            case pos():
                return Function("pos", (), self.term(expr.args[0]))
            case neg():
                inside = self.term(expr.args[0])
                return Named("neg", (), (inside,), plus(Function("pos", (), inside), minus(inside)))
            case phi():
                self.met["phi"] = phi
                return Function("phi", (SAMPLE,), self.term(expr.args[0]))
            case marginal():
                self.met["phi'"] = marginal
                return Function("phi'", (SAMPLE,), self.term(expr.args[0]))
            case Symbol():
                return self._scalar(expr)
        raise NotWritable(f"{type(expr).__name__} is not written in Rocq: {expr}")

    def _product(self, expr: Mul) -> Term:
        number, rest = expr.as_coeff_Mul()
        parts = [self.term(part) for part in Mul.make_args(rest)]
        size = abs(number)
        if size.p != 1:
            parts.insert(0, Number(int(size.p)))
        if size.q != 1:
            parts.append(Reciprocal(int(size.q)))
        return minus(times(*parts)) if number < 0 else times(*parts)

    def _indexed(self, expr: Indexed) -> Term:
        if expr.base in self.facts:
            return self.facts[expr.base](*expr.indices)
        name, sample = base_name(expr.base)
        self.met[name] = FIRST.get(expr.base, expr.base)
        indices = (*([sample] if sample else []), *map(index_name, expr.indices))
        if expr.base in NAMED:
            # Renamed, and not written anew, so that its factors come in one order.
            own, meaning = NAMED[expr.base]
            names = dict(zip(map(index_name, own), map(index_name, expr.indices), strict=True))
            return Named(name, indices, (), renamed(self.term(meaning), names))
        return Quantity(name, indices)

    def _scalar(self, symbol: Symbol) -> Term:
        name, sample = base_name(symbol)
        self.met[name] = FIRST.get(symbol, symbol)
        indices = (sample,) if sample else ()
        if symbol in NAMED:
            return Named(name, indices, (), self.term(NAMED[symbol][1]))
        return Quantity(name, indices)


def _is_subtracted(part: Expr) -> bool:
    return bool(part.as_coeff_Mul()[0] < 0)


# What is shown by its name, and computed with by its meaning: at these indices it is this.
NAMED: Mapping[Basic, tuple[tuple[Idx, ...], Expr]] = {
    **{symbol: ((a,), DEFINED[symbol](a)) for symbol in (xhat, xhat2)},
    off: ((j,), DEFINED[off](j)),
    **{symbol: ((j, l), DEFINED[symbol](j, l)) for symbol in (G, apart)},
    **{symbol: ((), DEFINED[symbol]()) for symbol in (room, room2)},
    R: ((g, a), prefix_error(a)),
}
# What a file defines, at its own indices, in an order in which each uses the ones before.
DEFINED_HERE: Mapping[str, tuple[tuple[Idx, ...], Expr]] = {
    "on": ((j,), on[j]),
    "r": ((a,), error(a)),
    **{base_name(symbol)[0]: meaning for symbol, meaning in NAMED.items() if symbol not in SECOND_SAMPLE},
}
