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
from theory.expectation import E, depends_on_sample
from theory.instantiate import Indices, World
from theory.problem import (
    L1,
    D,
    b,
    cost_dearer,
    cost_wider,
    dead,
    dead_dearer,
    j,
    kin,
    known,
    known_dearer,
    known_wider,
    lam,
    lam2,
    loss,
    mu,
    nu,
    r,
    square,
    x2,
    xhat2,
    z,
)

Number = Fraction | int
Rows = Sequence[Sequence[Number]]
CODES, PARAMETERS = ("code", "comp"), ("scale", "atom", "unit")
PAIRED = (*TWIN.values(), x2, xhat2, lam2)  # what a second sample has


@dataclass(frozen=True)
class Counterexample:
    """A point of the L1 problem: samples x (n rows of d), atoms as columns of D (d rows of k), codes z (n rows of k).

    lam is one number, or one for each sample. bias says whether b is free, so that stationarity of b is part of the
    claim that the point is an optimum. wider and dearer are the best points with one atom more, and at twice the λ, for
    claims that speak of them.
    """

    x: Rows
    D: Rows
    z: Rows
    lam: Number | Sequence[Number]
    b: Sequence[Number]
    bias: bool = True
    wider: Counterexample | None = None
    dearer: Counterexample | None = None

    @property
    def prices(self) -> Sequence[Number]:
        """λ of each sample."""
        return self.lam if isinstance(self.lam, Sequence) else [self.lam] * len(self.x)

    def verify(self, claims: Sequence[Relational], given: Sequence[Relational] = ()) -> None:
        """Raise NotProved unless the point is exactly stationary and a claim fails there, where its conditions hold."""
        self._verify_stationary()
        for other, atoms, factor in ((self.wider, 1, 1), (self.dearer, 0, 2)):
            if other is not None:
                other._verify_stationary()
                own, its = ([_fraction(price) for price in point.prices] for point in (self, other))
                if (other.x, other.bias) != (self.x, self.bias) or its != [factor * price for price in own]:
                    raise NotProved("the neighbour of the counterexample is of other data or another λ")
                if len(other.D[0]) != len(self.D[0]) + atoms:
                    raise NotProved("the neighbour of the counterexample has another number of atoms")
        if all(self.satisfies(claim, given) for claim in claims):
            raise NotProved("the claim holds at the counterexample")

    def _verify_stationary(self) -> None:
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
        price = [_fraction(value) for value in point.prices]
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
        for place in range(k):
            pull = sum((along[i][place] * z_[i][place] for i in range(n)), Fraction(0)) / n
            self._drawn[(str(nu), (place,), None)] = pull
        self._drawn |= {(str(known), None): self.known, (str(dead), None): self.dead}
        if point.wider is not None:
            wider = _Explicit(point.wider)
            self._drawn |= {(str(known_wider), None): wider.known, (str(cost_wider), None): wider.cost}
            self._drawn |= {
                (str(kin), (a, place), None): value
                for place in range(k)
                for a, value in enumerate(wider.nearest(D_, place))
            }
        if point.dearer is not None:
            dearer = _Explicit(point.dearer)
            self._drawn |= {(str(known_dearer), None): dearer.known, (str(cost_dearer), None): dearer.cost}
            self._drawn[(str(dead_dearer), None)] = dearer.dead

    @property
    def known(self) -> Fraction:
        """1 if no residual is longer than λ, so that no dictionary is better (W3), else 0."""
        return Fraction(all(excess <= 0 for excess in self.values(square(r) - lam**2)))

    @property
    def cost(self) -> Fraction:
        """The objective."""
        return self.values(E(loss()))[0]

    @property
    def dead(self) -> Fraction:
        """How many atoms are never active, or copies of another."""
        return Fraction(self.sizes["k"] - len({tuple(atom) for atom in self.live}))

    @property
    def live(self) -> list[list[Fraction]]:
        """The atoms that are active on some sample."""
        used = [place for place, use in enumerate(self.values(E(z[j]))) if use]
        return [[self._drawn[(str(D), (a, place), None)] for a in range(self.sizes["d"])] for place in used]

    def nearest(self, atoms: Rows, at: int) -> list[Fraction]:
        """The live atom here with the largest cosine to one of other atoms."""
        return max(self.live, key=lambda atom: sum(own * row[at] for own, row in zip(atom, atoms, strict=True)))

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
