"""Classical facts as rules of inference: each is named, and each checks that its instance is one.

Pigeonhole, Farkas' lemma, Cauchy–Schwarz, and what is known of numbers: sums of nonnegative terms, roots, positive
factors, positive and negative parts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from sympy import Basic, Eq, Expr, Ge, Gt, Idx, IndexedBase, Le, S, Sum

from theory.certificate import NotProved, factor_between
from theory.derive import DEFINED
from theory.expectation import E, SampledBase, depends_on_sample
from theory.inference import (
    Known,
    Property,
    are_new,
    excess,
    nothing_divides_by_zero,
    one_of,
    rays,
    readable,
    same,
)
from theory.manifest import is_nonnegative
from theory.normal_form import is_zero
from theory.plain import read_once
from theory.printing import text
from theory.problem import C, G, a, b, c, j, k, l, lam, m, neg, off, omega, pos, rise, room, u, w, w2, x, z, z2
from theory.stated import Stated

# What ties w and e to the ray of a sample, and to what it has beyond λ.
POLAR = (
    Eq(x[a] - b[a], (lam + excess) * w[a], evaluate=False),
    Eq(excess * room, 0, evaluate=False),
    Ge(1 - Sum(w[a] ** 2, a), 0, evaluate=False),
)


def _are_rays(known: Known) -> None:
    """Raise NotProved unless w and e are those of Polar: R counts their directions, and those of nothing else."""
    if not known.has(Gt(lam, 0, evaluate=False)) or not all(map(known.has, POLAR)):
        raise NotProved("that w and e are the ray of a sample and what it has beyond λ is not known")


@dataclass(frozen=True, eq=False)
class Polar:
    """x − b = (λ + e) w with ‖w‖ ≤ 1 and e ≥ 0, where e = 0 or ‖w‖ = 1: w = (x−b)/max(‖x−b‖, λ), e = (‖x−b‖ − λ)₊."""

    fresh = frozenset({w, excess})

    def check(self, given: Property, known: Known) -> None:
        if not known.has(Gt(lam, 0, evaluate=False)):
            raise NotProved("x − b is divided by λ, which may be zero")
        one_of(given.relation, POLAR)

    words = "definition: w = (x−b)/max(‖x−b‖, λ) and e = (‖x−b‖ − λ)₊"


@dataclass(frozen=True, eq=False)
class Parts:
    """The positive and the negative part of a number: one of them is 0."""

    of: Expr

    def check(self, given: Property, known: Known) -> None:
        same(given.relation, Eq(pos(self.of) * neg(self.of), 0, evaluate=False))

    words = "of the positive and the negative part of a number one is 0"


@dataclass(frozen=True, eq=False)
class Vanishing:
    """A sum, or mean, of nonnegative terms that is at most 0 has all terms 0: this one beside the rest."""

    total: Property
    rest: Expr = S.Zero

    def check(self, given: Property, known: Known) -> None:
        known.need(self.total)
        whole, term = self.total.relation, given.relation
        readable(term.lhs, whole.lhs, self.rest)
        if not (given.is_equality and term.rhs == 0 and whole.rhs == 0 and isinstance(whole, (Eq, Le))):
            raise NotProved("a sum that is at most 0 has terms that are 0: no other form is read")
        if not (is_nonnegative(term.lhs) and is_nonnegative(self.rest)):
            raise NotProved("its terms are not manifestly nonnegative")
        summed = Sum(term.lhs, *given.indices) if given.indices else term.lhs
        parts = summed + self.rest if depends_on_sample(whole.lhs) else E(summed) + E(self.rest)
        if self.total.indices or not is_zero(whole.lhs - parts, DEFINED):
            raise NotProved(f"it is no term of {self.total.name}")

    @property
    def words(self) -> str:
        return f"a sum of nonnegative terms that is 0 has all terms 0: ({self.total.name})"


@dataclass(frozen=True, eq=False)
class Root:
    """A number whose square is 0, as a multiple of what is 0, is 0."""

    square: Property
    multiplier: Expr = S.One

    def check(self, given: Property, known: Known) -> None:
        known.need(self.square)
        if not (self.square.is_equality and given.is_equality):
            raise NotProved("only what is 0 has the root 0")
        readable(given.margin, self.multiplier)
        nothing_divides_by_zero((self.multiplier,), known)
        if not is_zero(given.margin**2 - self.multiplier * self.square.meaning()(*self.square.indices), DEFINED):
            raise NotProved(f"its square is not that multiple of {self.square.name}")

    @property
    def words(self) -> str:
        return f"a number whose square is 0 is 0: ({self.square.name})"


@dataclass(frozen=True, eq=False)
class Cancelling:
    """A factor that is positive may be left out of what is 0, or of what is at least 0."""

    factor: Property
    product: Property

    def check(self, given: Property, known: Known) -> None:
        known.need(self.factor)
        known.need(self.product)
        if not isinstance(self.factor.relation, Gt):
            raise NotProved(f"{self.factor.name} does not say that something is positive")
        if given.is_equality != self.product.is_equality or isinstance(given.relation, Gt):
            raise NotProved(f"{self.product.name} is of another kind")
        if factor_between(given.margin * self.factor.margin, self.product.margin) <= 0:
            raise NotProved(f"{self.product.name} is not that times {self.factor.name}")

    @property
    def words(self) -> str:
        return f"({self.product.name}) divided by what is positive: ({self.factor.name})"


@dataclass(frozen=True, eq=False)
class Both:
    """Numbers are equal if neither is larger."""

    one: Property
    other: Property

    def check(self, given: Property, known: Known) -> None:
        known.need(self.one)
        known.need(self.other)
        factors = [factor_between(each.margin, given.margin) for each in (self.one, self.other)]
        if not given.is_equality or not factors[0] * factors[1] < 0:
            raise NotProved(f"{self.one.name} and {self.other.name} do not say that neither side is larger")

    @property
    def words(self) -> str:
        return f"neither side is larger: ({self.one.name}), ({self.other.name})"


@dataclass(frozen=True, eq=False)
class EveryDirection:
    """A vector whose component along every unit vector u is at most t is no longer than t: take u along it."""

    component: Property
    vector: Callable[[Idx], Expr]
    most: Expr

    ranging = frozenset({u})

    def __post_init__(self) -> None:
        object.__setattr__(self, "vector", read_once(self.vector, a))

    def check(self, given: Property, known: Known) -> None:
        known.need(self.component)
        if u not in known.arbitrary or not known.has(Eq(Sum(u[a] ** 2, a), 1, evaluate=False)):
            raise NotProved("u is not any unit vector")
        if not is_nonnegative(self.most):
            raise NotProved(f"{text(self.most)} may be negative")
        along = Sum(u[c] * self.vector(c), c)
        if self.vector(c).has(u) or self.most.has(u):
            raise NotProved("the vector depends on u")
        same(self.component.relation, Le(along, self.most, evaluate=False))
        same(given.relation, Le(Sum(self.vector(a) ** 2, a), self.most**2, evaluate=False))

    @property
    def words(self) -> str:
        return f"Cauchy–Schwarz, with equality along the vector itself: ({self.component.name}) holds for every unit u"


@dataclass(frozen=True, eq=False)
class Pigeonhole:
    """If every sample beyond λ uses an atom, and no atom is used by samples on two rays, atoms are as many as rays."""

    uses: Property
    alone: Property

    def check(self, given: Property, known: Known) -> None:
        known.need(self.uses)
        known.need(self.alone)
        _are_rays(known)
        same(self.uses.relation, Eq(Sum(z[m], m), excess, evaluate=False))
        same(self.alone.relation, Eq(z[j] * z2[j] * (w[a] - w2[a]), 0, evaluate=False))
        same(given.relation, Ge(k, rays, evaluate=False))

    @property
    def words(self) -> str:
        return f"pigeonhole: each of R rays has an atom ({self.uses.name}), and no two the same ({self.alone.name})"


@dataclass(frozen=True, eq=False)
class OneAtomPerRay:
    """If k ≥ R there are k unit vectors that hold all R rays, and a choice h_j ∈ {0, 1} of one for samples on a ray.

    The construction is carried out in exact arithmetic on small instances, and what is claimed of it is checked there.
    """

    enough: Property
    atoms: IndexedBase
    choice: SampledBase

    @property
    def fresh(self) -> frozenset[Basic]:
        return frozenset({self.atoms, self.choice})

    def check(self, given: Property, known: Known) -> None:
        known.need(self.enough)
        _are_rays(known)
        are_new(self.atoms, self.choice)
        same(self.enough.relation, Ge(k, rays, evaluate=False))
        if isinstance(self.atoms, SampledBase) or not (
            isinstance(self.choice, SampledBase) and self.choice.label.is_nonnegative
        ):
            raise NotProved(f"{self.choice} is to be a nonnegative number for each sample and atom")
        unit = Eq(Sum(self.atoms[a, j] ** 2, a), 1, evaluate=False)
        along = Eq(self.choice[j] * (self.atoms[a, j] - w[a]), 0, evaluate=False)
        covered = Eq(excess * (Sum(self.choice[m], m) - 1), 0, evaluate=False)
        one_of(given.relation, (unit, along, covered))
        for seed in range(5):
            if not all(value == 0 for value in self._world(seed).values_of(given.margin)):
                raise NotProved("the construction fails at an explicit small instance")

    def _world(self, seed: int) -> Stated:
        """Five samples in the plane on two rays, or within λ, with three atoms."""
        slopes = [Fraction(seed + 1, 3), Fraction(seed + 2, 7)]
        ends = [((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)) for t in slopes]
        values: dict[tuple, Fraction] = {}
        for sample, ray in enumerate((0, 1, None, 1, 0)):
            values[str(excess), sample] = Fraction(0 if ray is None else sample + 1)
            for i in range(2):
                values[str(w), (i,), sample] = ends[ray][i] if ray is not None else Fraction(1, 5)
            for o in range(3):
                values[str(self.choice), (o,), sample] = Fraction(int(o == ray))
        for o, end in enumerate((*ends, (Fraction(1), Fraction(0)))):
            for i in range(2):
                values[str(self.atoms), (i, o), None] = end[i]
        return Stated(5, 2, 3, values)

    @property
    def words(self) -> str:
        return f"witness: the rays, any further unit vectors up to k, and for each sample its own ({self.enough.name})"


@dataclass(frozen=True, eq=False)
class Farkas:
    """A vector is in the cone of some others iff no c that is at an obtuse angle to none of them is to the vector.

    Here for each l, of v = ((1 − G_lj)E[z_j])_j and the codes of samples where l is silent, with c_j = −C_lj: a turn C
    of the one row l, whose diagonal keeps the norms, lets codes rise iff c is at an obtuse angle to none of them.
    """

    first_order: Property
    no_descent: Property

    fresh = frozenset({omega})
    ranging = frozenset({C, rise})

    def check(self, given: Property, known: Known) -> None:
        known.need(self.first_order)
        known.need(self.no_descent)
        known.leaves_open(self.ranging, (self.no_descent,))
        change = -Sum(C[l, j] * E(z[j]), l, j)
        weighed = -Sum(C[l, j] * (1 - G[l, j]) * E(z[j]), l, j)
        same(self.first_order.relation, Eq(change, weighed, evaluate=False))
        same(self.no_descent.relation, Ge(change, 0, evaluate=False))
        cone = Eq((1 - G[l, j]) * E(z[j]), E(omega[l] * z[j] * off[l]), evaluate=False)
        same(given.relation, cone)

    @property
    def words(self) -> str:
        turns = f"({self.no_descent.name}) for turns of one row, weighed by ({self.first_order.name})"
        return f"Farkas' lemma for each l: {turns}"
