"""Counterexamples in exact arithmetic: stationary points at which a claim fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from sympy import Expr, Idx, Rational
from sympy.core.relational import Relational

from theory.certificate import NotProved
from theory.derive import DEFINED, PREMISES, RESIDUALS, TWIN
from theory.expectation import depends_on_sample
from theory.instantiate import Indices, World
from theory.problem import L1, D, b, lam, lam2, mu, nu, r, x2, xhat2, z

Number = Fraction | int
Rows = Sequence[Sequence[Number]]
CODES, PARAMETERS = ("code", "comp"), ("scale", "atom", "unit")
PAIRED = (*TWIN.values(), x2, xhat2, lam2)  # what a second sample has


@dataclass(frozen=True)
class Counterexample:
    """A point of the L1 problem: samples x (n rows of d), atoms as columns of D (d rows of k), codes z (n rows of k).

    lam is one number, or one for each sample. bias says whether b is free, so that stationarity of b is part of the
    claim that the point is an optimum.
    """

    x: Rows
    D: Rows
    z: Rows
    lam: Number | Sequence[Number]
    b: Sequence[Number]
    bias: bool = True

    def verify(self, claims: Sequence[Relational], given: Sequence[Relational] = ()) -> None:
        """Raise NotProved unless the point is exactly stationary and a claim fails there, where its conditions hold."""
        world = _Explicit(self)
        conditions = [*CODES, *PARAMETERS, *(["bias"] if self.bias else [])]
        for name in conditions:
            if any(world.values(PREMISES[name].residual)):
                raise NotProved(f"the counterexample is no optimum: {name} does not vanish")
        if any(
            value < 0
            for value in (*world.values(mu[PREMISES["code"].indices]), *world.values(z[PREMISES["code"].indices]))
        ):
            raise NotProved("the counterexample is no optimum: a code or multiplier is negative")
        if all(self.satisfies(claim, given) for claim in claims):
            raise NotProved("the claim holds at the counterexample")

    def satisfies(self, claim: Relational, given: Sequence[Relational] = ()) -> bool:
        """Whether a relation holds at the point, at all entries at which all conditions hold."""
        pairs = any(relation.has(*PAIRED) for relation in (claim, *given))
        worlds = [_Explicit(self, shift) for shift in range(1, len(self.x))] if pairs else [_Explicit(self)]
        return all(
            world.holds(claim, at, sample)
            for world in worlds
            for at, sample in world.entries([claim, *given])
            if all(world.holds(condition, at, sample) for condition in given)
        )


class _Explicit(World):
    """The world of one point: nothing is random. μ and ν are what stationarity of code and atoms leaves for them.

    The second sample of each is the one `shift` places on.
    """

    def __init__(self, point: Counterexample, shift: int = 0) -> None:
        super().__init__(len(point.x), len(point.D), len(point.D[0]), seed=0, definitions=DEFINED | RESIDUALS)
        n, d, k = self.n, self.sizes["d"], self.sizes["k"]
        x, z_, D_ = ([[_fraction(value) for value in row] for row in rows] for rows in (point.x, point.z, point.D))
        b_ = [_fraction(value) for value in point.b]
        price = [_fraction(value) for value in (point.lam if isinstance(point.lam, Sequence) else [point.lam] * n)]
        r_ = [[x[i][a] - b_[a] - sum(D_[a][j] * z_[i][j] for j in range(k)) for a in range(d)] for i in range(n)]
        along = [[sum(D_[a][j] * r_[i][a] for a in range(d)) for j in range(k)] for i in range(n)]
        slack = [[price[i] - along[i][j] for j in range(k)] for i in range(n)]
        self._drawn |= {(str(b), (a,), None): b_[a] for a in range(d)}
        self._drawn |= {(str(D), (a, j), None): D_[a][j] for a in range(d) for j in range(k)}
        for i in range(n):
            other = (i + shift) % n
            self._drawn |= {(str(lam), i): price[i], (str(lam2), i): price[other]}
            for symbol, rows in ((r, r_), (z, z_), (mu, slack)):
                self._drawn |= {(str(symbol), (place,), i): value for place, value in enumerate(rows[i])}
                self._drawn |= {(str(TWIN[symbol]), (place,), i): value for place, value in enumerate(rows[other])}
        for j in range(k):
            self._drawn[(str(nu), (j,), None)] = sum((along[i][j] * z_[i][j] for i in range(n)), Fraction(0)) / n

    def values(self, expr: Expr) -> list[Fraction]:
        """expr of the L1 problem at all its indices and samples."""
        expr = L1.specialise(expr)
        return [self.value(expr, at, sample) for at, sample in self.entries([expr])]

    def entries(self, parts: Sequence[Expr | Relational]) -> Iterator[tuple[Indices, int | None]]:
        """All values of the free indices of all parts, at each sample if any part depends on it."""
        samples = range(self.n) if any(map(depends_on_sample, parts)) else (None,)
        indices = {index for part in parts for index in part.free_symbols if isinstance(index, Idx)}
        return product(self._ranges(indices), samples)

    def holds(self, relation: Relational, at: Indices, sample: int | None) -> bool:
        """Whether a relation of the L1 problem holds at one entry."""
        sides = (self.value(L1.specialise(side), at, sample) for side in relation.args)
        return bool(relation.func(*(Rational(side.numerator, side.denominator) for side in sides)))


def _fraction(value: Number) -> Fraction:
    """Of a whole number, a fraction, or one of SymPy's rationals, which are handy in a statement."""
    return Fraction(str(value))
