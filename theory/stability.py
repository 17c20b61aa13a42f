"""Nearly stationary is nearly lawful: what a certificate says where its residuals do not vanish (THEORY T8, §6).

A certificate writes the margin of a claim as a combination of residuals and a slack that is nonnegative. By the
triangle inequality the claim fails by at most the sum of |multiplier| · |residual|, at any point at all: stationary or
not, and whatever found it. Checks allow that much and no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import prod

from sympy import Add, Eq, Expr, Mul, Pow, Sum, Tuple, expand

from theory.certificate import NotProved, allowance, margin, specialised
from theory.derive import RESIDUALS, assumed, nowhere
from theory.expectation import E, depends_on_sample
from theory.inference import is_proved
from theory.instantiate import Indices, World
from theory.printing import text
from theory.statement import Statement, Status, discover
from theory.theorem import Outlined

SHAPES = ((3, 2, 2), (2, 3, 2))  # (n, d, k) of points of no merit, at which every bound is evaluated


def violation_bound(statement: Statement, part: int = 0) -> Expr:
    """The residuals of a certificate with their multipliers: with absolute values throughout, the most it fails by."""
    return allowance(statement.proofs[part], statement.given)


def unsigned(bound: Expr) -> Expr:
    """A bound as it is read, with absolute values throughout: signs of terms do not matter, and like ones add up."""
    match bound:
        case Add():
            return Add(*map(unsigned, bound.args))
        case Mul():
            number, factors = bound.as_coeff_mul()
            return Mul(abs(number), *map(unsigned, factors))
        case Pow():
            return Pow(unsigned(bound.base), bound.exp)
        case Sum():
            return Add(*(Sum(term, *bound.limits) for term in Add.make_args(expand(unsigned(bound.function)))))
        case E():
            return E(unsigned(bound.args[0]))
        case _:
            return bound


@dataclass(frozen=True, eq=False)
class Stability(Outlined):
    """Of every proved statement: its margin is at least −Σ|multiplier|·|residual|, and for equalities at most that too.

    statements: those that it is about; all proved ones if none are named.
    """

    statements: Sequence[Statement] = ()

    @property
    def lemmas(self) -> tuple[Statement, ...]:
        return tuple(self.statements) or _all_proved()

    def prove(self) -> None:
        """Check that every certificate is verified and bounds violations. Raises NotProved, naming the fault."""
        for statement in self.lemmas:
            is_proved(statement)
            for part in range(len(statement.claims)):
                try:
                    is_bounded(statement, part)
                except NotProved as error:
                    raise NotProved(f"{statement.id}: {error}") from None

    def outline(self) -> Iterator[tuple[str, Sequence[str]]]:
        """The bound of every claim."""
        yield "Hypotheses", ["codes are nonnegative, and what is given holds; the point need not be stationary"]
        yield "Conclusion", ["every claim fails by at most Σ |multiplier| · |residual|, as in its certificate:"]
        bounds = [(each.id, violation_bound(each, part)) for each in self.lemmas for part in range(len(each.claims))]
        yield "", [f"({name}) {text(unsigned(bound))}" for name, bound in bounds if bound != 0]
        if free := list(dict.fromkeys(name for name, bound in bounds if bound == 0)):
            yield "", [f"parts of {', '.join(free)} spend no residual, and hold at any such point"]
        yield "Proof", ["its certificate is an identity, its slack is nonnegative: the triangle inequality"]


@cache
def _all_proved() -> tuple[Statement, ...]:
    return tuple(each for each in discover() if each.status is Status.PROVED)


def is_bounded(statement: Statement, part: int) -> None:
    """Raise NotProved unless each term of a certificate is a residual times something, or slack that is nonnegative.

    What is found is then evaluated at points of no merit, in exact arithmetic. What is given counts as a residual.
    """
    claim, proof, given, definitions = specialised(
        statement.claims[part], statement.proofs[part], statement.about, statement.given
    )
    terms = Add.make_args(expand(proof))
    spent = Add(*(term for term in terms if term.has(*RESIDUALS, assumed, nowhere)))
    gap, met = margin(claim), 0
    for seed, shape in enumerate(SHAPES):
        point = World(*shape, seed=seed, definitions=definitions)
        most = Magnitude(point)
        for at in point.assignments(Tuple(gap, spent, *given)):
            for sample in range(point.n) if any(map(depends_on_sample, (gap, spent))) else (None,):
                with suppress(ZeroDivisionError):
                    value, bound = point.value(gap, at, sample), most.value(spent, at, sample)
                    met += 1
                    if value < -bound or (isinstance(claim, Eq) and value > bound):
                        raise NotProved(f"it fails by {value} where its residuals allow {bound}")
    if not met:
        raise NotProved("it could be evaluated at no point")


class Magnitude(World):
    """A point at which sums count with absolute values throughout, and each quantity with that of its own value."""

    def __init__(self, point: World) -> None:
        self._point, self.n, self.sizes, self.weights = point, point.n, point.sizes, point.weights
        self._totals: dict[tuple, Fraction] = {}

    def value(self, expr: Expr, at: Indices, sample: int | None = None) -> Fraction:
        match expr:
            case Add():
                return sum((self.value(part, at, sample) for part in expr.args), Fraction(0))
            case Mul():
                return prod((self.value(part, at, sample) for part in expr.args), start=Fraction(1))
            case Sum() | E():
                return self._total(expr, at, sample)
            case _:
                return abs(self._point.value(expr, at, sample))
