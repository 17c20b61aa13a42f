"""Counterexamples in exact arithmetic: stationary points at which a claim fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise, product
from math import isqrt
from operator import eq, ge, gt, le, lt, ne

from sympy import Basic, Expr, Sum, Tuple
from sympy.core.relational import Relational

from theory.certificate import NotProved, foreign_quantities, misread_claim
from theory.derive import DEFINED, TWIN, conditions, residuals
from theory.expectation import E, depends_on_sample, name_of
from theory.instantiate import Indices, World
from theory.language import NUMBERS
from theory.optimality import Level, Solved, dot, feasible_turn, in_span, level
from theory.problem import (
    ELASTIC_NET,
    L1,
    MATRYOSHKA,
    SECOND_SAMPLE,
    C,
    D,
    D_dot,
    Limit,
    M,
    Objective,
    Q,
    W,
    W_enc,
    a,
    alpha,
    amount,
    b,
    b_dot,
    b_enc,
    cost_dearer,
    cost_wider,
    dead,
    dead_dearer,
    gamma,
    j,
    kin,
    known,
    known_dearer,
    known_wider,
    lam,
    lam2,
    mu,
    norm,
    nu,
    omega,
    r,
    rise,
    room,
    room2,
    s,
    sigma,
    source,
    square,
    u,
    v,
    w,
    w2,
    x,
    y,
    z,
    z_dot,
)

WIDER, DEARER = (kin, cost_wider, known_wider), (cost_dearer, known_dearer, dead_dearer)
DRAWS = 8  # of what a claim is made for every value of
QUANTIFIED = (u, v, s, y, w, w2, room, room2, sigma, omega, D_dot, b_dot, z_dot, W, Q, C, rise, alpha, source, amount)
COMPARISONS = {"==": eq, "!=": ne, "<=": le, ">=": ge, ">": gt, "<": lt}

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

    def __post_init__(self) -> None:
        """Read all rows once: what a file puts there could give other numbers the second time."""
        for name in ("x", "D", "z", "prefixes"):
            rows = getattr(self, name)
            object.__setattr__(self, name, rows if rows is None else [list(row) for row in rows])
        object.__setattr__(self, "b", list(self.b))
        object.__setattr__(self, "lam", list(self.lam) if isinstance(self.lam, Sequence) else self.lam)

    @property
    def prices(self) -> list[Fraction]:
        """λ of each sample."""
        lam = self.lam if isinstance(self.lam, Sequence) else [self.lam] * len(self.x)
        return [_fraction(price) for price in lam]

    def verify(
        self, claims: Sequence[Relational], given: Sequence[Relational] = (), at: Level = Level.STATIONARY
    ) -> None:
        """Raise NotProved unless the point is of a level of optimality and a claim fails where all given holds."""
        self.verify_optimal(at)
        for claim in claims:
            for reason in (*misread_claim(claim, given), *foreign_quantities(self.objective, claim, given)):
                raise NotProved(reason)
        if all(self.satisfies(claim, given) for claim in claims):
            raise NotProved("the claim holds at the counterexample")

    def verify_optimal(self, at: Level = Level.STATIONARY) -> None:
        """Raise NotProved unless the point lies in the domain, is exactly stationary and of this level."""
        self._verify_shapes()
        self._verify_domain()
        for other in (self.wider, self.dearer):
            if other is not None:
                other.verify_optimal(Level.GLOBAL_MINIMUM)
        try:
            self._verify_stationary()
        except TypeError as error:
            raise NotProved(f"the counterexample cannot be checked in fractions: {error}") from None
        if at > Level.STATIONARY and self.level < at:
            raise NotProved(f"the counterexample is no {at}: it is certified as {self.level} only")
        for other, atoms, factor in ((self.wider, 1, 1), (self.dearer, 0, 2)):
            if other is not None:
                self._verify_neighbour(other, atoms, factor)

    @cached_property
    def _worlds(self) -> dict[tuple[int, int], _Explicit]:
        return {}

    def _world(self, shift: int = 0, draw: int = 0) -> _Explicit:
        """The point's world for one pairing of samples and one choice of what claims are "for every" value of."""
        if (shift, draw) not in self._worlds:
            self._worlds[shift, draw] = _Explicit(self, shift, draw)
        return self._worlds[shift, draw]

    @cached_property
    def level(self) -> Level:
        """The highest level of optimality that is certified here; the point must be stationary."""
        return level(self._world().solved)

    def satisfies(self, claim: Relational, given: Sequence[Relational] = ()) -> bool:
        """Whether a relation holds at the point, at all entries at which all conditions hold.

        What a claim is made for every value of is drawn a few times, each time within its constraints. Raises NotProved
        where a side has no value.
        """
        relations = (claim, *given)
        self._verify_spoken_of(relations)
        pairs = any(relation.has(*SECOND_SAMPLE) for relation in relations)
        draws = range(DRAWS if any(relation.has(*QUANTIFIED) for relation in relations) else 1)
        worlds = (self._world(shift, draw) for shift in (range(1, len(self.x)) if pairs else [0]) for draw in draws)
        return all(holds for world in worlds for holds in world.verdicts(claim, given))

    def meets(self, claim: Relational, given: Sequence[Relational]) -> bool:
        """Whether all that is given holds at some entry of a claim."""
        pairs = any(relation.has(*SECOND_SAMPLE) for relation in (claim, *given))
        worlds = (self._world(shift) for shift in (range(1, len(self.x)) if pairs else [0]))
        return any(world.meets(claim, given) for world in worlds)

    @property
    def represents_its_samples(self) -> bool:
        """Whether every sample, less the bias, is a combination of the atoms, of either sign."""
        return self._world().has_representations

    def _verify_spoken_of(self, relations: Sequence[Relational]) -> None:
        """Raise NotProved if relations speak of what there is not here."""
        for other, symbols in (("wider", WIDER), ("dearer", DEARER)):
            if getattr(self, other) is None and any(relation.has(*symbols) for relation in relations):
                raise NotProved(
                    f"the claim speaks of a {other} dictionary, and the counterexample has none: set {other}="
                )
        if any(relation.has(W_enc, b_enc) for relation in relations):
            raise NotProved("the claim speaks of an encoder, and the counterexample has none: its codes are free")
        if any(relation.has(alpha) for relation in relations) and not self.represents_its_samples:
            raise NotProved("the claim speaks of coefficients α with x − b = Dα, and a sample is not in the span of D")

    def _verify_shapes(self) -> None:
        if not (self.x and self.D and self.D[0]):
            raise NotProved("the counterexample is no point of the problem: it has no sample, coordinate or atom")
        d, k, n = len(self.D), len(self.D[0]), len(self.x)
        shapes = {"x": (self.x, n, d), "D": (self.D, d, k), "z": (self.z, n, k), "b": ([self.b], 1, d)}
        if self.prefixes is not None:
            shapes["prefixes"] = (self.prefixes, len(self.prefixes), k)
        for name, (rows, height, width) in shapes.items():
            if len(rows) != height or any(len(row) != width for row in rows):
                raise NotProved(f"the counterexample's {name} has another shape than {height} rows of {width}")
            for row in rows:
                for value in row:
                    _fraction(value)
        if len(self.prices) != n:
            raise NotProved(f"the counterexample has {len(self.prices)} values of λ for {n} samples")

    def _verify_domain(self) -> None:
        if any(price < 0 for price in self.prices):
            raise NotProved("the counterexample is no point of the problem: λ is negative")
        if (self.prefixes is not None) != (self.objective is MATRYOSHKA):
            raise NotProved(
                "the counterexample is no point of the problem: prefixes are of nested dictionaries, all have them"
            )
        if self.objective.has_free_norms and not all(map(any, zip(*self.D, strict=True))):
            raise NotProved("the counterexample has an atom of norm 0, at which its objective has no slope")
        for row, longer in pairwise(self.prefixes or []):
            if any(one > other for one, other in zip(row, longer, strict=True)):
                raise NotProved("the counterexample is no point of the problem: its prefixes are not nested")
        if any(value not in (0, 1) for row in self.prefixes or [] for value in row):
            raise NotProved("the counterexample is no point of the problem: prefixes are rows of 0 and 1")

    def _verify_stationary(self) -> None:
        world = self._world()
        for name in (*CODES, *PARAMETERS, *(["bias"] if self.bias else [])):
            if name in conditions(self.objective) and any(world.values(conditions(self.objective)[name].residual)):
                raise NotProved(f"the counterexample is no optimum: {name} does not vanish")
        multipliers = world.values(mu[j]) if self.objective.prices_silent_units else []
        if any(value < 0 for value in (*multipliers, *world.values(z[j]))):
            raise NotProved("the counterexample is no optimum: a code or multiplier is negative")
        if not self._is_within_limit():
            raise NotProved("the counterexample is no optimum: too many units are active")

    def _verify_neighbour(self, other: Counterexample, atoms: int, factor: int) -> None:
        same = (other.x, other.bias, other.objective, other.limit) == (self.x, self.bias, self.objective, self.limit)
        if not same or other.prices != [factor * price for price in self.prices]:
            raise NotProved(
                "the neighbour of the counterexample is of another problem: data, bias, objective or λ differ"
            )
        if not other.bias and [*map(_fraction, other.b)] != [*map(_fraction, self.b)]:
            raise NotProved("the neighbour of the counterexample has another fixed bias")
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

    The second sample of a pair comes `shift` after the first; `draw` numbers the values of what a claim is "for every".
    """

    def __init__(self, point: Counterexample, shift: int = 0, draw: int = 0) -> None:
        self._point, self.has_representations = point, True
        self._objective = point.objective
        definitions = DEFINED | residuals(point.objective)
        super().__init__(len(point.x), len(point.D), len(point.D[0]), seed=draw, definitions=definitions)
        self.weights = [Fraction(1, self.n)] * self.n
        self.sizes["p"] = self.sizes["d"]
        n, d, k = self.n, self.sizes["d"], self.sizes["k"]
        x, z_, D_, M_ = (
            [[_fraction(value) for value in row] for row in rows]
            for rows in (point.x, point.z, point.D, point.prefixes or [[1] * k])
        )
        self.sizes["g"] = len(M_)
        b_, price = [_fraction(value) for value in point.b], point.prices
        r_ = [[x[i][a] - b_[a] - sum(D_[a][j] * z_[i][j] for j in range(k)) for a in range(d)] for i in range(n)]
        self._drawn |= {(name_of(lam), i): price[i] for i in range(n)}
        self._drawn |= {(name_of(b), (a,), None): b_[a] for a in range(d)}
        self._drawn |= {(name_of(D), (a, j), None): D_[a][j] for a in range(d) for j in range(k)}
        self._drawn |= {(name_of(M), (g, j), None): M_[g][j] for g in range(len(M_)) for j in range(k)}
        self._drawn |= {(name_of(r), (a,), i): r_[i][a] for i in range(n) for a in range(d)}
        self._drawn |= {(name_of(z), (j,), i): z_[i][j] for i in range(n) for j in range(k)}
        self._drawn |= {(name_of(norm), (at,), None): Fraction(1) for at in range(k)}
        if point.objective.has_free_norms:
            lengths = ((at, sum((row[at] ** 2 for row in D_), Fraction(0))) for at in range(k))
            self._drawn |= {(name_of(norm), (at,), None): _root(length) for at, length in lengths}
        slack = point.objective.specialise(conditions(point.objective)["code"].residual.subs(mu[j], 0))
        pull = conditions(point.objective)["atom"].residual.subs(nu[j], 0)
        pull = point.objective.specialise(-Sum(D[a, j] * pull, a))
        for at in range(k):
            self._drawn |= {(name_of(mu), (at,), i): self.value(slack, {j: at}, i) for i in range(n)}
            # The atom's component along itself, which stationarity of norm 1 leaves to ν.
            self._drawn[(name_of(nu), (at,), None)] = self.value(pull, {j: at})
        self._drawn |= {
            (name_of(TWIN[base]), places, i): self._drawn[name_of(base), places, (i + shift) % n]
            for base, size in ((z, k), (mu, k), (r, d))
            for places in ((at,) for at in range(size))
            for i in range(n)
        }
        self._drawn |= {(name_of(lam2), i): price[(i + shift) % n] for i in range(n)}
        self._drawn |= self._beside(point)
        self._drawn |= self._quantified()

    @property
    def solved(self) -> Solved:
        """The point in numbers."""
        n, d, k, g = self.n, self.sizes["d"], self.sizes["k"], self.sizes["g"]
        of = self._drawn
        lam_ = [of[name_of(lam), i] for i in range(n)]
        return Solved(
            objective=self._objective,
            x=[[self.value(x[a], {a: row}, i) for row in range(d)] for i in range(n)],
            b=[of[name_of(b), (row,), None] for row in range(d)],
            D=[[of[name_of(D), (row, at), None] for at in range(k)] for row in range(d)],
            z=[[of[name_of(z), (at,), i] for at in range(k)] for i in range(n)],
            lam=lam_,
            weights=list(self.weights),
            slack=[[of[name_of(mu), (at,), i] for at in range(k)] for i in range(n)],
            masks=[[of[name_of(M), (prefix, at), None] for at in range(k)] for prefix in range(g)],
            bias=self._point.bias,
            limit=self._point.limit,
            curvature=self._gamma if self._objective is ELASTIC_NET else Fraction(0),
        )

    @property
    def _gamma(self) -> Fraction:
        return self.value(gamma, {})

    def _quantified(self) -> dict[tuple, Fraction]:
        """What claims are made "for every" value of, where its values are tied to the point's or to each other."""
        n, d, k = self.n, self.sizes["d"], self.sizes["k"]
        D_ = [self._atom(at) for at in range(k)]
        codes = [[self._drawn[name_of(z), (at,), i] for at in range(k)] for i in range(n)]
        values: dict[tuple, Fraction] = {}
        for at, atom in enumerate(D_):
            motion = self._some(d)
            along = dot(motion, atom) / (dot(atom, atom) or 1)
            values |= {(name_of(D_dot), (row, at), None): motion[row] - along * atom[row] for row in range(d)}
            for i in range(n):
                values[name_of(z_dot), (at,), i] = self._some(1)[0] * (codes[i][at] > 0)
                values[name_of(sigma), (at,), i] = Fraction(self._rng.choice((-1, 1)))
        C_ = feasible_turn([self._some(k) for _ in range(k)], D_, codes)
        values |= {(name_of(C), (at, other), None): C_[at][other] for at in range(k) for other in range(k)}
        for i, row in enumerate(codes):
            for at in range(k):
                values[name_of(rise), (at,), i] = -dot(C_[at], row) * (row[at] == 0)
        for axis in range(d):
            for other in range(d):
                values[name_of(Q), (axis, other), None] = _turned(axis, other, d)
                values[name_of(source), (axis, other), None] = Fraction(int(axis == other))
            for i in range(n):
                values[name_of(amount), (axis,), i] = self.value(x[a] - b[a], {a: axis}, i)
        for i in range(n):
            found = self._representation(i, D_)
            self.has_representations &= found is not None
            values |= {(name_of(alpha), (at,), i): value for at, value in enumerate(found or [])}
        return values

    def _some(self, size: int) -> list[Fraction]:
        return [Fraction(self._rng.randint(-9, 9), self._rng.randint(1, 9)) for _ in range(size)]

    def _representation(self, sample: int, atoms: list[list[Fraction]]) -> list[Fraction] | None:
        """Coefficients of a sample in independent atoms that span it; none if it lies outside of their span."""
        target = [self.value(x[a] - b[a], {a: row}, sample) for row in range(self.sizes["d"])]
        return in_span(target, atoms)

    def _beside(self, point: Counterexample) -> dict[tuple, Fraction]:
        """What claims about neighbouring problems speak of."""
        values: dict[tuple, Fraction] = {(name_of(known), None): self.known, (name_of(dead), None): self.dead}
        if point.wider is not None:
            wider = point.wider._world()
            values |= {(name_of(known_wider), None): wider.known, (name_of(cost_wider), None): wider.cost}
            for place in range(self.sizes["k"]):
                nearest = wider.nearest(self._atom(place))
                values |= {(name_of(kin), (a, place), None): value for a, value in enumerate(nearest)}
        if point.dearer is not None:
            dearer = point.dearer._world()
            values |= {(name_of(known_dearer), None): dearer.known, (name_of(cost_dearer), None): dearer.cost}
            values[(name_of(dead_dearer), None)] = dearer.dead
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
        return [self._drawn[(name_of(D), (a, place), None)] for a in range(self.sizes["d"])]

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
            if self._all_hold(conditions, at, i):
                try:
                    yield self._holds(claim, at, i)
                except ZeroDivisionError:
                    raise NotProved("the claim has no value at the counterexample: it divides by zero") from None

    def meets(self, claim: Relational, given: Sequence[Relational]) -> bool:
        """Whether all that is given holds at some entry of a claim."""
        conditions = [
            relation.func(*map(self._objective.specialise, relation.args), evaluate=False) for relation in given
        ]
        return any(self._all_hold(conditions, at, i) for at, i in self._places([claim, *conditions]))

    def _all_hold(self, conditions: Sequence[Relational], at: Indices, sample: int | None) -> bool:
        """Whether all conditions hold at an entry; one without a value does not."""
        try:
            return all(self._holds(condition, at, sample) for condition in conditions)
        except ZeroDivisionError:
            return False

    def _places(self, parts: Sequence[Basic]) -> Iterator[tuple[Indices, int | None]]:
        """All values of the free indices of several expressions, and all samples if one depends on them."""
        samples = range(self.n) if any(map(depends_on_sample, parts)) else (None,)
        return product(self.assignments(Tuple(*parts)), samples)

    def _holds(self, relation: Relational, at: Indices, sample: int | None) -> bool:
        left, right = (self.value(side, at, sample) for side in relation.args)
        return COMPARISONS[relation.rel_op](left, right)


def _turned(row: int, column: int, d: int) -> Fraction:
    """An entry of a rotation: by an angle of cosine 3/5 in the plane of the first two coordinates."""
    if d > 1 and max(row, column) < 2:
        return Fraction(3, 5) if row == column else Fraction(4, 5) * (1 if row > column else -1)
    return Fraction(int(row == column))


def _root(square: Fraction) -> Fraction:
    """The root of a square of a fraction. Raises NotProved for other numbers."""
    root = Fraction(isqrt(square.numerator), isqrt(square.denominator))
    if root**2 != square:
        raise NotProved(f"the counterexample has an atom of norm √({square}), which is no fraction")
    return root


def _fraction(value: Number) -> Fraction:
    """Of a whole number, a fraction, or one of SymPy's rationals, which are handy in a statement.

    Raises NotProved for anything else: a decimal is no exact number.
    """
    if type(value) not in (int, Fraction, *NUMBERS):
        raise NotProved(f"the counterexample has the entry {value!r}: write it as a whole number or a fraction")
    return Fraction(str(value))
