"""Counterexamples in exact arithmetic: stationary points at which a claim fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from operator import eq, ge, gt, le, ne

from sympy import Basic, Expr, Sum, Tuple
from sympy.core.relational import Relational

from theory.certificate import NotProved
from theory.derive import DEFINED, TWIN, conditions, residuals
from theory.expectation import E, depends_on_sample
from theory.instantiate import Indices, World
from theory.problem import (
    L1,
    D,
    Limit,
    M,
    Objective,
    a,
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
    mu,
    nu,
    r,
    square,
    w2,
    x2,
    xhat2,
    z,
)

PAIRED = (*TWIN.values(), lam2, w2, xhat2, x2)  # what a second sample has
COMPARISONS = {"==": eq, "!=": ne, "<=": le, ">=": ge, ">": gt}

Number = Fraction | int
Rows = Sequence[Sequence[Number]]
CODES, PARAMETERS = ("code", "comp"), ("scale", "atom", "unit")


@dataclass(frozen=True)
class Counterexample:
    """A point of an objective: samples x (n rows of d), atoms as columns of D (d rows of k), codes z (n rows of k).

    lam is one number, or one for each sample. bias says whether b is free, so that stationarity of b is part of the
    claim that the point is an optimum. limit is that of a top-k objective, prefixes are the rows of the mask M of a
    nested one. wider and dearer are the best points with one atom more, and at twice the λ, for claims that speak of
    them.
    """

    x: Rows
    D: Rows
    z: Rows
    lam: Number | Sequence[Number]
    b: Sequence[Number]
    bias: bool = True
    objective: Objective = L1
    limit: int | None = None
    prefixes: Rows | None = None
    wider: Counterexample | None = None
    dearer: Counterexample | None = None

    @property
    def prices(self) -> list[Fraction]:
        """λ of each sample."""
        lam = self.lam if isinstance(self.lam, Sequence) else [self.lam] * len(self.x)
        return [_fraction(price) for price in lam]

    def verify(self, claims: Sequence[Relational], given: Sequence[Relational] = ()) -> None:
        """Raise NotProved unless the point is exactly stationary and a claim fails there, where all given holds."""
        self._verify_stationary()
        for other, atoms, factor in ((self.wider, 1, 1), (self.dearer, 0, 2)):
            if other is not None:
                other._verify_stationary()
                self._verify_neighbour(other, atoms, factor)
        if all(self.satisfies(claim, given) for claim in claims):
            raise NotProved("the claim holds at the counterexample")

    def satisfies(self, claim: Relational, given: Sequence[Relational] = ()) -> bool:
        """Whether a relation holds at the point, at all entries at which all conditions hold."""
        pairs = any(relation.has(*PAIRED) for relation in (claim, *given))
        worlds = (_Explicit(self, shift) for shift in (range(1, len(self.x)) if pairs else [0]))
        return all(holds for world in worlds for holds in world.verdicts(claim, given))

    def _verify_stationary(self) -> None:
        world = _Explicit(self)
        for name in (*CODES, *PARAMETERS, *(["bias"] if self.bias else [])):
            if any(world.values(conditions(self.objective)[name].residual)):
                raise NotProved(f"the counterexample is no optimum: {name} does not vanish")
        multipliers = world.values(mu[j]) if self.objective.prices_silent_units else []
        if any(value < 0 for value in (*multipliers, *world.values(z[j]))):
            raise NotProved("the counterexample is no optimum: a code or multiplier is negative")
        if not self._is_within_limit():
            raise NotProved("the counterexample is no optimum: too many units are active")

    def _verify_neighbour(self, other: Counterexample, atoms: int, factor: int) -> None:
        if (other.x, other.bias) != (self.x, self.bias) or other.prices != [factor * price for price in self.prices]:
            raise NotProved("the neighbour of the counterexample is of other data or another λ")
        if len(other.D[0]) != len(self.D[0]) + atoms:
            raise NotProved("the neighbour of the counterexample has another number of atoms")

    def _is_within_limit(self) -> bool:
        active = [sum(bool(value > 0) for value in row) for row in self.z]
        match self.objective.limit:
            case None:
                return True
            case Limit.SAMPLE:
                return self.limit is not None and max(active) <= self.limit
            case Limit.BATCH:
                return self.limit is not None and sum(active) <= self.limit * len(active)


class _Explicit(World):
    """The world of one point: nothing is random. μ and ν are what stationarity of code and atoms leaves for them.

    The second sample of a pair comes `shift` after the first.
    """

    def __init__(self, point: Counterexample, shift: int = 0) -> None:
        self._objective = point.objective
        definitions = DEFINED | residuals(point.objective)
        super().__init__(len(point.x), len(point.D), len(point.D[0]), seed=0, definitions=definitions)
        n, d, k = self.n, self.sizes["d"], self.sizes["k"]
        x, z_, D_, M_ = (
            [[_fraction(value) for value in row] for row in rows]
            for rows in (point.x, point.z, point.D, point.prefixes or [[1] * k])
        )
        self.sizes["g"] = len(M_)
        b_, price = [_fraction(value) for value in point.b], point.prices
        r_ = [[x[i][a] - b_[a] - sum(D_[a][j] * z_[i][j] for j in range(k)) for a in range(d)] for i in range(n)]
        self._drawn |= {(str(lam), i): price[i] for i in range(n)}
        self._drawn |= {(str(b), (a,), None): b_[a] for a in range(d)}
        self._drawn |= {(str(D), (a, j), None): D_[a][j] for a in range(d) for j in range(k)}
        self._drawn |= {(str(M), (g, j), None): M_[g][j] for g in range(len(M_)) for j in range(k)}
        self._drawn |= {(str(r), (a,), i): r_[i][a] for i in range(n) for a in range(d)}
        self._drawn |= {(str(z), (j,), i): z_[i][j] for i in range(n) for j in range(k)}
        slack = point.objective.specialise(conditions(point.objective)["code"].residual.subs(mu[j], 0))
        pull = conditions(point.objective)["atom"].residual.subs(nu[j], 0)
        pull = point.objective.specialise(-Sum(D[a, j] * pull, a))
        for at in range(k):
            self._drawn |= {(str(mu), (at,), i): self.value(slack, {j: at}, i) for i in range(n)}
            # The atom's component along itself, which stationarity of norm 1 leaves to ν.
            self._drawn[(str(nu), (at,), None)] = self.value(pull, {j: at})
        self._drawn |= {
            (str(TWIN[base]), places, i): self._drawn[str(base), places, (i + shift) % n]
            for base, size in ((z, k), (mu, k), (r, d))
            for places in ((at,) for at in range(size))
            for i in range(n)
        }
        self._drawn |= {(str(lam2), i): price[(i + shift) % n] for i in range(n)}
        self._drawn |= self._beside(point)

    def _beside(self, point: Counterexample) -> dict[tuple, Fraction]:
        """What claims about neighbouring problems speak of."""
        values: dict[tuple, Fraction] = {(str(known), None): self.known, (str(dead), None): self.dead}
        if point.wider is not None:
            wider = _Explicit(point.wider)
            values |= {(str(known_wider), None): wider.known, (str(cost_wider), None): wider.cost}
            for place in range(self.sizes["k"]):
                nearest = wider.nearest(self._atom(place))
                values |= {(str(kin), (a, place), None): value for a, value in enumerate(nearest)}
        if point.dearer is not None:
            dearer = _Explicit(point.dearer)
            values |= {(str(known_dearer), None): dearer.known, (str(cost_dearer), None): dearer.cost}
            values[(str(dead_dearer), None)] = dearer.dead
        return values

    @property
    def known(self) -> Fraction:
        """1 if no residual is longer than λ, so that no dictionary is better (W3), else 0."""
        return Fraction(all(excess <= 0 for excess in self.values(square(r) - lam**2)))

    @property
    def cost(self) -> Fraction:
        """The objective."""
        return self.values(E(self._objective.loss()))[0]

    @property
    def dead(self) -> Fraction:
        """How many atoms are never active, or copies of another."""
        return Fraction(self.sizes["k"] - len({tuple(atom) for atom in self.live}))

    @property
    def live(self) -> list[list[Fraction]]:
        """The atoms that are active on some sample."""
        return [self._atom(place) for place, use in enumerate(self.values(E(z[j]))) if use]

    def nearest(self, atom: Sequence[Fraction]) -> list[Fraction]:
        """The live atom here with the largest cosine to another one."""
        return max(self.live, key=lambda own: sum(left * right for left, right in zip(own, atom, strict=True)))

    def _atom(self, place: int) -> list[Fraction]:
        return [self._drawn[(str(D), (a, place), None)] for a in range(self.sizes["d"])]

    def values(self, expr: Expr) -> list[Fraction]:
        """expr of the objective at all its indices and samples."""
        expr = self._objective.specialise(expr)
        return [self.value(expr, at, i) for at, i in self._places([expr])]

    def verdicts(self, claim: Relational, given: Sequence[Relational]) -> Iterator[bool]:
        """Whether a claim holds, at all indices and samples at which all that is given holds."""
        claim, *conditions = (
            relation.func(*map(self._objective.specialise, relation.args), evaluate=False)
            for relation in (claim, *given)
        )
        for at, i in self._places([claim, *conditions]):
            if all(self._holds(condition, at, i) for condition in conditions):
                yield self._holds(claim, at, i)

    def _places(self, parts: Sequence[Basic]) -> Iterator[tuple[Indices, int | None]]:
        """All values of the free indices of several expressions, and all samples if one depends on them."""
        samples = range(self.n) if any(map(depends_on_sample, parts)) else (None,)
        return product(self.assignments(Tuple(*parts)), samples)

    def _holds(self, relation: Relational, at: Indices, sample: int | None) -> bool:
        left, right = (self.value(side, at, sample) for side in relation.args)
        return COMPARISONS[relation.rel_op](left, right)


def _fraction(value: Number) -> Fraction:
    """Of a whole number, a fraction, or one of SymPy's rationals, which are handy in a statement."""
    return Fraction(str(value))
