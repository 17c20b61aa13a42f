"""Theorems by calculation: relations between lengths and angles, each line with the rule that gives it.

The language of statements has sums and means, and no angles. Where the data are a continuum, such as a circle, an
optimum is a calculation: identities between trigonometric expressions, derivatives, integrals, limits, and signs of
what is left. Each rule is a small class: `check` raises NotProved unless its line follows from the lines before.
Identities are decided and not simplified at: with the tangents of half the angles for variables both sides are rational
functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from sympy import Eq, Expr, Ge, Gt, Le, Pow, S, Symbol, cancel, cos, expand, expand_trig, limit, pi, sin, tan, together
from sympy.core.relational import Relational

from theory.certificate import NotProved, margin
from theory.example import may_be
from theory.plain import of_own_parts
from theory.printing import text
from theory.statement import Statement
from theory.theorem import Outlined

DIGITS = 30  # at which hypotheses are evaluated at the example


def vanishes(expr: Expr) -> bool:
    """Whether an expression, rational in its symbols and in sines, cosines and tangents of angles, is identically 0.

    Angles are whole multiples of symbols, and sums of such. Raises NotProved for others.
    """
    expanded = expand_trig(expr)
    swaps: dict[Expr, Expr] = {}
    for angle in {function.args[0] for function in expanded.atoms(sin, cos, tan)}:
        if not isinstance(angle, Symbol):
            raise NotProved(f"{angle} is no sum of angles")
        half = Symbol(f"tan({angle}/2)")
        swaps |= {sin(angle): 2 * half / (1 + half**2), cos(angle): (1 - half**2) / (1 + half**2)}
        swaps |= {tan(angle): 2 * half / (1 - half**2)}
    return bool(cancel(together(expanded.subs(swaps))) == 0)


@dataclass(frozen=True, eq=False)
class Line:
    """What is found, for all values that its symbols may have, and the rule by which it is."""

    name: str
    relation: Relational
    by: Rule

    @cached_property
    def fact(self) -> Symbol:
        """Its margin in a certificate: 0 for an equality, positive or nonnegative for an inequality."""
        match self.relation:
            case Eq():
                return Symbol(f"({self.name})", zero=True)
            case Gt():
                return Symbol(f"({self.name})", positive=True)
            case _:
                return Symbol(f"({self.name})", nonnegative=True)

    @property
    def cases(self) -> frozenset[Line]:
        """What is supposed on the way to it, and not all that there can be."""
        own = {self} if isinstance(self.by, Supposed) else set()
        discharged = self.by.discharges if isinstance(self.by, Tangent) else ()
        return frozenset(own).union(*(each.cases for each in self.by.uses)).difference(discharged)

    @property
    def words(self) -> str:
        return f"({self.name}) {text(self.relation)}"


class Rule(Protocol):
    """Why a line follows. `uses` are the lines that it rests on."""

    @property
    def uses(self) -> Sequence[Line]: ...

    @property
    def words(self) -> str: ...

    def check(self, line: Line) -> None:
        """Raises NotProved unless the line follows from those that are used."""


@dataclass(frozen=True, eq=False)
class Assumed:
    """A hypothesis, or what a symbol stands for. Nothing is to be checked but that all can hold together."""

    words: str
    uses: Sequence[Line] = ()

    def check(self, line: Line) -> None:
        return None


@dataclass(frozen=True, eq=False)
class Supposed(Assumed):
    """One of several cases: what rests on it holds in that case only."""


@dataclass(frozen=True, eq=False)
class Identity:
    """Both sides are the same function, where symbols are what some equalities say that they are."""

    uses: Sequence[Line] = ()

    def check(self, line: Line) -> None:
        if not isinstance(line.relation, Eq) or not vanishes(_where(margin(line.relation), self.uses)):
            raise NotProved("the two sides are not the same function")

    @property
    def words(self) -> str:
        return f"identity{_with(self.uses)}"


@dataclass(frozen=True, eq=False)
class Derivative:
    """The right side is a derivative, and the left side is its name.

    along: the symbols that move with the one that it is by, each with an equality in both that says how.
    """

    of: Expr
    by: Symbol
    along: Mapping[Symbol, Line] = field(default_factory=dict)
    where: Sequence[Line] = ()

    @property
    def uses(self) -> Sequence[Line]:
        return (*self.along.values(), *self.where)

    def check(self, line: Line) -> None:
        slope = self.of.diff(self.by)
        for symbol, tie in self.along.items():
            together_ = margin(tie.relation)
            slope -= self.of.diff(symbol) * together_.diff(self.by) / together_.diff(symbol)
        named = isinstance(line.relation, Eq) and isinstance(line.relation.lhs, Symbol)
        if not named or not vanishes(_where(slope - line.relation.rhs, self.uses)):
            raise NotProved("the right side is not the derivative")

    @property
    def words(self) -> str:
        return f"derivative of {text(self.of)} by {self.by}{_with(self.uses)}"


@dataclass(frozen=True, eq=False)
class Integral:
    """The right side is a sum of integrals, each by an antiderivative, from one end to another.

    pieces: the derivative of the antiderivative as a line, and the two ends.
    """

    pieces: Sequence[tuple[Line, Expr, Expr]]

    @property
    def uses(self) -> Sequence[Line]:
        return tuple(line for line, _, _ in self.pieces)

    def check(self, line: Line) -> None:
        total: Expr = S.Zero
        for piece, low, high in self.pieces:
            if not isinstance(piece.by, Derivative) or piece.by.along:
                raise NotProved(f"{piece.name} is no derivative by one symbol")
            total += piece.by.of.subs(piece.by.by, high) - piece.by.of.subs(piece.by.by, low)
        if not isinstance(line.relation, Eq) or not vanishes(total - line.relation.rhs):
            raise NotProved("the right side is not the sum of the integrals")

    @property
    def words(self) -> str:
        return " + ".join(f"∫ ({line.name}) from {text(low)} to {text(high)}" for line, low, high in self.pieces)


@dataclass(frozen=True, eq=False)
class Sign:
    """The margin is a certificate: facts, each standing for its margin, and what is nonnegative of itself."""

    certificate: Expr
    facts: Sequence[Line]
    where: Sequence[Line] = ()

    @property
    def uses(self) -> Sequence[Line]:
        return (*self.facts, *self.where)

    def check(self, line: Line) -> None:
        marks = {each.fact: margin(each.relation) for each in self.facts}
        gap = margin(line.relation) - self.certificate.subs(marks)
        if not vanishes(_where(gap, self.where)):
            raise NotProved("the margin is not its certificate")
        bare = self.certificate.subs({mark: S.Zero for mark in marks if mark.is_zero})
        shown = bare.is_positive if isinstance(line.relation, Gt) else bare.is_nonnegative
        if zero := [
            text(each.base)
            for each in self.certificate.atoms(Pow)
            if each.exp.is_negative and not each.base.is_positive
        ]:
            raise NotProved(f"{zero[0]} may be zero, and is divided by")
        if isinstance(line.relation, Eq) or not shown:
            raise NotProved(f"that {text(bare)} is nonnegative is not manifest")

    @property
    def words(self) -> str:
        return f"the margin is {text(self.certificate)}{_with(self.where)}"


@dataclass(frozen=True, eq=False)
class Tends:
    """The right side is a limit from above as a symbol goes to 0, and the left side is its name."""

    of: Expr
    symbol: Symbol
    uses: Sequence[Line] = ()

    def check(self, line: Line) -> None:
        found = limit(self.of, self.symbol, 0, "+")
        named = isinstance(line.relation, Eq) and isinstance(line.relation.lhs, Symbol)
        if not named or not vanishes(found - line.relation.rhs):
            raise NotProved(f"the limit is {found}")

    @property
    def words(self) -> str:
        return f"limit of {text(self.of)} as {self.symbol} → 0"


@dataclass(frozen=True, eq=False)
class Arctangent:
    """T − ⅓T³ ≤ δ ≤ T for T = tan δ and 0 ≤ δ < π/2: an arctangent lies between partial sums of its series."""

    tangent: Line
    order: Line  # that δ ≥ 0
    acute: Line  # that cos of an angle that is at least as large is positive
    half: Line  # and that this angle is at most π, as cosines beyond are positive again

    @property
    def uses(self) -> Sequence[Line]:
        return self.tangent, self.order, self.acute, self.half

    def check(self, line: Line) -> None:
        of, T = self.tangent.relation.args
        delta = margin(self.order.relation)
        if not (isinstance(self.tangent.relation, Eq) and isinstance(self.order.relation, Ge) and of == tan(delta)):
            raise NotProved("nothing says what the tangent of an angle δ ≥ 0 is")
        larger = self.acute.relation.lhs
        bounded = isinstance(self.acute.relation, Gt) and isinstance(larger, cos) and self.acute.relation.rhs == 0
        bounded &= isinstance(self.half.relation, Ge) and margin(self.half.relation) == pi - larger.args[0]
        if not (bounded and (larger.args[0] - delta).is_nonnegative):
            raise NotProved("nothing says that δ < π/2")
        if not isinstance(line.relation, Ge) or margin(line.relation) not in (T - delta, delta - T + T**3 / 3):
            raise NotProved("the series of the arctangent gives no such bound")

    @property
    def words(self) -> str:
        return f"the series of the arctangent, with ({self.tangent.name})"


@dataclass(frozen=True, eq=False)
class Tangent:
    """Φ(h') ≥ Φ(h) + Φ'(h)(h' − h) for every h' ≥ 0 where h is small, by the mean value theorem.

    In one case Φ'' ≥ 0, in the other Φ' ≥ S; Φ' ≤ S where h is small; Φ' arrives at S and stays there. So Φ' never
    falls where it is below S. Before a small h it is then nowhere above Φ'(h); and after it nowhere below, as to get
    there it would have to fall where it is below S.
    """

    value: Line
    slope: Line
    curvature: Line
    convex: Line
    beyond: Line
    small: Line
    arrival: Line
    end: Line

    @property
    def uses(self) -> Sequence[Line]:
        return (
            *(self.value, self.slope, self.curvature),
            *(self.convex, self.beyond, self.small, self.arrival, self.end),
        )

    @property
    def discharges(self) -> frozenset[Line]:
        """The two cases, which are all that there are, and the place of arrival."""
        return self.convex.cases | self.beyond.cases | self.arrival.cases

    def check(self, line: Line) -> None:
        for of, by in ((self.value, self.slope), (self.slope, self.curvature)):
            if not (isinstance(by.by, Derivative) and by.by.of == of.relation.rhs):
                raise NotProved(f"{by.name} is not the derivative of {of.name}")
        slope, most = self.slope.relation.lhs, self.end.relation.rhs
        asked = (
            (self.convex, Ge(self.curvature.relation.lhs, 0, evaluate=False)),
            (self.beyond, Ge(slope, most, evaluate=False)),
            (self.small, Le(slope, most, evaluate=False)),
        )
        for found, relation in asked:
            if found.relation != relation:
                raise NotProved(f"{found.name} does not say that {relation}")
        arrives = isinstance(self.arrival.by, Identity) and self.arrival.relation.rhs == most
        if not (arrives and isinstance(self.end.by, Derivative)):
            raise NotProved("nothing says that the slope is S in the end, and arrives there without a jump")
        one, other = (margin(case.relation) for each in (self.convex, self.beyond) for case in each.cases)
        if expand(one + other) != 0:
            raise NotProved("the two cases are not all that there are")
        self._is_the_tangent(line, slope)

    def _is_the_tangent(self, line: Line, slope: Expr) -> None:
        at, of = self.slope.by.by, self.value.relation.lhs  # type: ignore[attr-defined]
        there, tangent = line.relation.args
        offset = expand((tangent - of) / slope + at)
        fresh = there.free_symbols | offset.free_symbols
        plain = isinstance(there, Symbol) and isinstance(offset, Symbol) and offset.is_nonnegative
        if not isinstance(line.relation, Ge) or not plain or fresh & self.value.relation.free_symbols:
            raise NotProved("what follows is that another value is at least that of the tangent")

    words = "mean value theorem"


@dataclass(frozen=True, eq=False)
class Averaged:
    """What the tangent at the mean bounds from below at each place is, on average, at least the value at the mean."""

    tangent: Line

    @property
    def uses(self) -> Sequence[Line]:
        return (self.tangent,)

    def check(self, line: Line) -> None:
        if not isinstance(self.tangent.by, Tangent):
            raise NotProved(f"{self.tangent.name} is no tangent")
        value = self.tangent.by.value.relation.lhs
        left, right = line.relation.args
        fresh = isinstance(left, Symbol) and left not in self.tangent.by.value.relation.free_symbols
        if not (isinstance(line.relation, Ge) and right == value and fresh):
            raise NotProved("what follows is that the mean of values is at least the value at the mean")

    @property
    def words(self) -> str:
        return f"({self.tangent.name}) on average, where slopes cancel"


def _where(expr: Expr, lines: Sequence[Line]) -> Expr:
    """With what symbols are known to be, in turn."""
    for line in lines:
        symbol, value = line.relation.args
        if isinstance(line.relation, Eq) and isinstance(symbol, Symbol):
            expr = expr.subs(symbol, value)
    return expr


def _with(lines: Sequence[Line]) -> str:
    return f", with {', '.join(f'({line.name})' for line in lines)}" if lines else ""


NAMING = (Derivative, Integral, Tends)  # rules that give a name to what they find


def _is_followed(tie: Line, derivative: Derivative) -> None:
    """Raise NotProved if an equality ties symbols of what is derived, and the derivative takes them for free ones."""
    inside = derivative.of.free_symbols
    tied = isinstance(tie.relation, Eq) and tie.relation.free_symbols <= inside | {derivative.by}
    if tied and derivative.by in tie.relation.free_symbols and tie not in derivative.along.values():
        moving = min(str(each) for each in tie.relation.free_symbols - {derivative.by})
        raise NotProved(
            f"{moving} moves with {derivative.by} by ({tie.name}), and the derivative leaves it where it is"
        )


@dataclass(frozen=True, eq=False)
class Calculation(Outlined):
    """A theorem by calculation: its lines, the names of those that are the theorem, and numbers that meet all of it."""

    lines: Sequence[Line]
    concludes: Sequence[str]
    example: Mapping[Symbol, Expr]

    @property
    def lemmas(self) -> tuple[Statement, ...]:
        """It rests on no statement."""
        return ()

    def prove(self) -> None:
        """Check every line, and that hypotheses can hold together. Raises NotProved, naming the fault."""
        of_own_parts(self)
        known: dict[str, Line] = {}
        for line in self.lines:
            if line.name in known:
                raise NotProved(f"two lines are called {line.name}")
            for each in line.by.uses:
                if known.get(each.name) is not each:
                    raise NotProved(f"{line.name}: {each.name} has not been found before")
            try:
                self._names_what_is_new(line, known.values())
                line.by.check(line)
            except NotProved as error:
                raise NotProved(f"{line.name}: {error}") from None
            known[line.name] = line
        if not self.concludes:
            raise NotProved("nothing is concluded")
        for name in self.concludes:
            if name not in known:
                raise NotProved(f"no line is called {name}")
            if type(known[name].by) is Assumed:
                raise NotProved(f"{name} says nothing: it is assumed")
            if known[name].cases:
                raise NotProved(f"{name} holds in one case only, {min(each.name for each in known[name].cases)}")
        self._is_met()

    def _names_what_is_new(self, line: Line, before: Iterable[Line]) -> None:
        """A name is new where it is given, and nothing is assumed of it; what moves with a symbol moves throughout."""
        left, right = line.relation.args
        spoken = right.free_symbols.union(*(each.relation.free_symbols for each in before))
        if isinstance(line.by, NAMING) and not (isinstance(left, Symbol) and left not in spoken):
            raise NotProved(f"{text(left)} is no new name")
        named = {each.relation.lhs for each in before if isinstance(each.by, NAMING)}
        if type(line.by) is Assumed and (taken := sorted(map(str, named & line.relation.free_symbols))):
            raise NotProved(f"{taken[0]} has been found, and is not to be assumed")
        moving = [line.by] if isinstance(line.by, Derivative) else []
        ties = [each for each in before if type(each.by) is Assumed]
        if isinstance(line.by, Tangent):
            moving = [each.by for each in (line.by.slope, line.by.curvature) if isinstance(each.by, Derivative)]
            ties = self._assumed
        for derivative in moving:
            for each in ties:
                _is_followed(each, derivative)

    def _is_met(self) -> None:
        for symbol, value in self.example.items():
            if not may_be(symbol, value):
                raise NotProved(f"the example has a value of {symbol} that its assumptions do not allow")
        for line in self._assumed:
            left = margin(line.relation).subs(self.example)
            if left.free_symbols:
                raise NotProved(f"the example does not say what {min(map(str, left.free_symbols))} is")
            met = left.equals(0) and not isinstance(line.relation, Gt)
            if not met and (isinstance(line.relation, Eq) or not left.evalf(DIGITS) > 0):
                raise NotProved(f"the example does not meet {line.name}: it would be vacuous")

    @property
    def _assumed(self) -> list[Line]:
        return [line for line in self.lines if type(line.by) is Assumed]

    def outline(self) -> Iterator[tuple[str, Sequence[str]]]:
        """What is assumed and found, line by line."""
        yield "Hypotheses", [f"{line.words}: {line.by.words}" for line in self._assumed]
        yield "Conclusion", [line.words for line in self.lines if line.name in self.concludes]
        found = [line for line in self.lines if line not in self._assumed]
        yield "Proof", [words for line in found for words in (line.words, f"  {line.by.words}")]
