"""The search for a certificate of a claim.

A certificate is sought as Σ coefficient · column, with columns of `checks.claims.columns`: multiples of conditions,
and terms ≥ 0 if the claim is an inequality. Columns are made backwards from the claim: those that can cancel one of its
monomials, then those that can cancel a monomial of these, and so on; `degree` counts these rounds. Coefficients come
from a linear programme, which looks for few and cheap columns; they are then solved for exactly. What is found is
verified by the kernel, `theory.certificate`, before anybody sees it.

It is here and not in `theory` because a linear programme needs SciPy.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations

import numpy as np
from sympy import Eq, Expr, Idx, Rational, S
from sympy.core.relational import Relational

from checks.claims.coefficients import ZERO, Solution, cheapest, matrix_of, shortfall, solved, vector_of
from checks.claims.columns import Column, Multiple, Square, multiples
from checks.claims.monomials import Context, Monomial, Polynomial, indices
from checks.claims.signs import cost_of_sign, has_sign
from checks.claims.sources import (
    Source,
    divisors_of,
    nonnegative_sources,
    of_equality,
    polynomial,
    sources,
)
from checks.claims.squares import (
    Grading,
    cofactors,
    entry,
    exchanged,
    opens,
    silenced,
    splits,
    stripped,
)
from checks.claims.written import written
from theory.certificate import NotProved, margin, slack, triviality, verify
from theory.derive import PREMISES
from theory.normal_form import Leaf
from theory.problem import FAMILY, Objective, mu
from theory.statement import Statement

DEGREE = 6  # rounds of columns
COLUMNS = 12000  # more are not tried
SECONDS = 60.0


@dataclass(frozen=True)
class Found:
    """The outcome of a search: a certificate, verified, or None.

    degree: after how many rounds of columns it was found, or how many were tried.
    columns: how many there were. seconds: of processor time. stopped: whether time or room ran out.
    """

    proof: Expr | None
    degree: int
    columns: int
    seconds: float
    stopped: bool = False


def find(
    claim: Relational,
    given: Sequence[Relational] = (),
    objective: Objective | None = None,
    *,
    degree: int = DEGREE,
    seconds: float = SECONDS,
) -> Found:
    """Search a certificate of a claim, for all dimensions.

    objective: the member of the family that the claim is about; None if it is about all of them.
    degree: how many rounds of columns to try. seconds: of processor time, after which no other round is started; what
    is found does not depend on what else the machine does.
    """
    start = time.process_time()
    if triviality(claim, given):  # the kernel accepts no certificate of it
        return Found(None, 0, 0, 0.0)

    def accepted(proof: Expr) -> bool:
        return _is_proved(claim, proof, objective, given)

    # Squares are many, so that an inequality is tried without them first.
    stages = [(1.0, False)] if isinstance(claim, Eq) else [(0.25, False), (1.0, True)]
    for share, squares in stages:
        search = _Search.of(claim, given, objective or FAMILY, until=start + share * seconds)
        proof = search.run(degree, accepted, squares=squares)
        if proof is not None:
            break
    stopped = proof is None and search.is_over()
    return Found(proof, search.rounds, len(search.columns), time.process_time() - start, stopped)


@dataclass(frozen=True)
class Attempt:
    """The search for the certificates of all relations of a statement, up to the first that has none."""

    statement: Statement
    found: tuple[Found, ...]

    @property
    def proofs(self) -> tuple[Expr, ...]:
        return tuple(each.proof for each in self.found if each.proof is not None)

    @property
    def is_complete(self) -> bool:
        return len(self.proofs) == len(self.statement.claims)

    @property
    def seconds(self) -> float:
        return sum(each.seconds for each in self.found)

    @property
    def degree(self) -> int:
        return max(each.degree for each in self.found)


def attempt(statement: Statement, *, degree: int = DEGREE, seconds: float = SECONDS) -> Attempt:
    """Search certificates of a statement, whether it has some or not. seconds: of processor time, for all its
    relations together."""
    found: list[Found] = []
    for claim in statement.claims:
        left = seconds - sum(each.seconds for each in found)
        found.append(find(claim, statement.given, statement.about, degree=degree, seconds=left))
        if found[-1].proof is None:
            break
    return Attempt(statement, tuple(found))


def follows(claim: Relational, known: Sequence[Relational], objective: Objective, *, degree: int = 3) -> bool:
    """Whether an equality is a sum of multiples of known ones, their free indices renamed or summed over."""
    conditions = [of_equality(f"known{n}", each, objective) for n, each in enumerate(known)]
    search = _Search.of(claim, (), objective, until=time.process_time() + 5.0, conditions=conditions)
    for _ in range(degree):
        before = len(search.columns)
        search.extend()
        if any(True for _ in search.solutions()):
            return True
        if search.is_over() or len(search.columns) == before:
            break
    return False


def _is_proved(claim: Relational, proof: Expr, objective: Objective | None, given: Sequence[Relational]) -> bool:
    """Whether the kernel accepts a certificate."""
    try:
        verify(claim, proof, objective, given)
    except NotProved:
        return False
    return True


@dataclass
class _Group:
    """Vectors of which squares with one weight are made."""

    weight: Context
    vectors: list[Monomial] = field(default_factory=list)
    products: dict[tuple[int, int], Polynomial] = field(default_factory=dict)

    def product(self, first: int, second: int) -> Polynomial:
        key = (min(first, second), max(first, second))
        if key not in self.products:
            self.products[key] = entry(self.weight, self.vectors[key[0]], self.vectors[key[1]])
        return self.products[key]


@dataclass
class _Search:
    """The columns so far, and what is needed to make more.

    target      the margin of the claim, as a polynomial. per_sample: whether it is one for each sample
    letters     its free indices by axis. names: the index that each letter is
    conditions  what it may be multiples of. grading: units that it and they have; divisors: what it may be divided by
    known       monomials by the round that they came up in: the last ones are what the next round is to cancel
    groups      vectors for squares, by weight and open indices; of the candidates those are accepted whose own square
                can be cancelled. read, divided: what vectors were looked for in
    """

    target: Polynomial
    per_sample: bool
    letters: dict[str, list[str]]
    names: dict[str, Idx]
    conditions: list[Source]
    grading: Grading
    divisors: frozenset[Leaf]
    is_equality: bool
    until: float
    columns: dict[Multiple | Square, Column] = field(default_factory=dict)
    known: dict[Monomial, int] = field(default_factory=dict)
    rounds: int = 0
    groups: dict[tuple[Context, tuple[str, ...]], _Group] = field(default_factory=dict)
    candidates: dict[tuple[Context, tuple[str, ...], Monomial], frozenset[Monomial] | None] = field(
        default_factory=dict
    )
    accepted: set[tuple[Context, tuple[str, ...], Monomial]] = field(default_factory=set)
    read: set[Monomial] = field(default_factory=set)
    divided: set[tuple[Context, Monomial, Monomial]] = field(default_factory=set)

    @classmethod
    def of(
        cls,
        claim: Relational,
        given: Sequence[Relational],
        objective: Objective,
        until: float,
        conditions: list[Source] | None = None,
    ) -> _Search:
        special, *given = (
            relation.func(*map(objective.specialise, relation.args), evaluate=False) for relation in (claim, *given)
        )
        target = polynomial(margin(special))
        spoken = (*(premise.residual for premise in PREMISES.values()), *given, special)
        names = {str(index): index for expr in spoken for index in expr.atoms(Idx)}
        letters: dict[str, list[str]] = {}
        for name in sorted(set().union(*map(indices, target)) if target else ()):
            if name in names:
                letters.setdefault(str(names[name].upper + 1), []).append(name)
        per_sample = any(leaf[1] for monomial in target for leaf, _ in monomial)
        found = sources(special, given, objective) if conditions is None else conditions
        grading = Grading.of([target, *(source.polynomial for source in found)])
        search = cls(
            target, per_sample, letters, names, found, grading, divisors_of(given), isinstance(claim, Eq), until
        )
        search.known = dict.fromkeys(target, 0)
        return search

    def is_over(self) -> bool:
        return time.process_time() > self.until or len(self.columns) > COLUMNS

    @property
    def left(self) -> float:
        """Seconds for one more linear programme."""
        return max(1.0, self.until - time.process_time())

    def run(self, degree: int, accepted: Callable[[Expr], bool], *, squares: bool) -> Expr | None:
        """The first certificate that is accepted, after up to so many rounds of columns."""
        for _ in range(degree):
            before = len(self.columns)
            for step in (self.extend, self.add_squares) if squares else (self.extend,):
                step()
                for proof in filter(accepted, self.certificates()):
                    return self._cheaper(proof, accepted)
            if self.is_over() or len(self.columns) == before:
                break
        return None

    # --- columns -----------------------------------------------------------------------------------------------------

    def extend(self) -> None:
        """Add the multiples that can cancel what came up in the last round."""
        frontier = [monomial for monomial, born in self.known.items() if born == self.rounds]
        self.rounds += 1
        for monomial in frontier:
            for source in self.conditions:
                if self.is_over():
                    break
                self._add_multiples(source, monomial)
        if not self.is_equality:
            self._add_nonnegative(frontier)

    def _add_multiples(self, source: Source, monomial: Monomial) -> None:
        constants = monomial in self.target
        found = multiples(source, monomial, per_sample=self.per_sample, letters=self.letters, constants=constants)
        for column in found:
            self._add(column)

    def _add(self, column: Column) -> None:
        if column.part not in self.columns:
            self.columns[column.part] = column
            for monomial in column.polynomial:
                self.known.setdefault(monomial, self.rounds)

    def _add_nonnegative(self, frontier: list[Monomial]) -> None:
        axes = {name: str(index.upper + 1) for name, index in self.names.items()}
        found = nonnegative_sources(self.target, axes)
        fresh = [monomial for monomial, born in self.known.items() if born == self.rounds]
        for monomial in (*frontier, *fresh):
            for source in found:
                self._add_multiples(source, monomial)
        for monomial in list(self.known):
            if has_sign(monomial):
                part, stands_for = Multiple(((monomial, Fraction(1)),)), {monomial: Fraction(1)}
                self._add(Column(part, stands_for, nonnegative=True, cost=cost_of_sign([monomial])))

    def add_squares(self) -> None:
        """Add the squares with a mixed term, or a square of one vector, that came up before this round."""
        read = [monomial for monomial, born in self.known.items() if born < self.rounds]
        for monomial in read:
            if monomial in self.read:
                continue
            if self.is_over():
                return
            self.read.add(monomial)
            for split in splits(monomial, self.grading):
                for weight in filter(None, (split.weight, silenced(split.weight))):
                    self._note_vectors(weight, (split.left, split.right))
        self._accept_vectors()
        for group in list(self.groups.values()):
            for vector in list(group.vectors):
                for monomial in read:
                    if self.is_over():
                        return
                    if (group.weight, vector, monomial) not in self.divided:
                        self.divided.add((group.weight, vector, monomial))
                        for q in self._cofactors(group.weight, vector, monomial):
                            self._note_vectors(group.weight, (vector, q))
        self._accept_vectors()
        for group in self.groups.values():
            if not self.is_over():
                self._add_pairs(group)

    def _cofactors(self, weight: Context, vector: Monomial, monomial: Monomial) -> Iterator[Monomial]:
        return cofactors(weight, vector, monomial, per_sample=self.per_sample, divisors=self.divisors)

    def _note_vectors(self, weight: Context, vectors: tuple[Monomial, Monomial]) -> None:
        """Vectors that squares with a weight may be made of, if the squares of each by itself can be cancelled."""
        names = tuple(opens(weight, vectors))
        if any(set(names) - weight.indices - indices(vector) for vector in vectors):
            return
        for vector in vectors:
            for version in filter(None, (vector, exchanged(vector, weight))):
                if (weight, names, version) not in self.accepted:
                    self.candidates.setdefault((weight, names, version), None)

    def _accept_vectors(self) -> None:
        reachable = {stripped(monomial) for monomial in self.known}
        for key, squares in list(self.candidates.items()):
            weight, names, vector = key
            if self.is_over():
                return
            if squares is None:
                squares = frozenset(map(stripped, entry(weight, vector, vector)))
                self.candidates[key] = squares
            if squares <= reachable:
                self.groups.setdefault((weight, names), _Group(weight)).vectors.append(vector)
                self.accepted.add(key)
                del self.candidates[key]

    def _add_pairs(self, group: _Group) -> None:
        for n in range(len(group.vectors)):
            self._add(self._square(group, {n: 1}))
        for first, second in combinations(range(len(group.vectors)), 2):
            if any(monomial in self.known for monomial in group.product(first, second)):
                for sign in (1, -1):
                    self._add(self._square(group, {first: 1, second: sign}))

    def _square(self, group: _Group, coefficients: dict[int, int]) -> Column:
        total: Polynomial = {}
        for first, one in coefficients.items():
            for second, other in coefficients.items():
                for monomial, value in group.product(first, second).items():
                    total[monomial] = total.get(monomial, Fraction(0)) + value * one * other
        total = {monomial: value for monomial, value in total.items() if value}
        vectors = tuple((group.vectors[n], value) for n, value in sorted(coefficients.items()))
        return Column(
            Square(group.weight, vectors),
            total,
            nonnegative=True,
            cost=sum(0.5 * abs(value) + 0.1 * len(vector) for vector, value in vectors),
        )

    # --- coefficients ------------------------------------------------------------------------------------------------

    def certificates(self) -> Iterator[Expr]:
        """Certificates that the columns admit, if they do."""
        return map(self._written, self.solutions())

    def solutions(self) -> Iterator[Solution]:
        """The columns that add up to the target, with their coefficients, if any do."""
        priced = True  # also before there are columns
        while priced and self.columns:
            columns = list(self.columns.values())
            rows = {monomial: n for n, monomial in enumerate(dict.fromkeys([*self.target, *self.known]))}
            matrix, right = matrix_of(columns, rows), vector_of(self.target, rows)
            reach, dual = shortfall(matrix, right, columns, self.left)
            if reach > ZERO * (1 + np.abs(right).sum()):
                priced = not self.is_equality and not self.is_over() and self._price(rows, dual)
                continue
            chosen = cheapest(matrix, right, columns, self.left)
            solution = solved([columns[n] for n in chosen], self.target)
            if solution is not None:
                yield solution
            return

    def _cheaper(self, proof: Expr, accepted: Callable[[Expr], bool]) -> Expr:
        """A certificate that does without the price of silent units, if one is a round away; else this one."""
        if not slack(proof).has(mu):
            return proof
        self.extend()
        return next(filter(accepted, self.certificates()), proof)

    def _price(self, rows: dict[Monomial, int], dual: np.ndarray) -> bool:
        """Add the squares that the linear programme lacks most, by the eigenvectors of its dual. Whether there are."""
        before = len(self.columns)
        for group in self.groups.values():
            size = len(group.vectors)
            if size < 2:
                continue
            gram = np.zeros((size, size))
            for first in range(size):
                for second in range(size):
                    product = group.product(first, second)
                    if all(monomial in rows for monomial in product):
                        gram[first, second] = sum(float(v) * dual[rows[m]] for m, v in product.items())
            values, vectors = np.linalg.eigh(gram)
            for value, vector in zip(values, vectors.T, strict=True):
                coefficients = _rounded(vector)
                if value > 1e-6 and len(coefficients) > 1:
                    self._add(self._square(group, coefficients))
        return len(self.columns) > before

    def _written(self, solution: Solution) -> Expr:
        terms = (
            Rational(value.numerator, value.denominator) * written(part.part, self.names) for part, value in solution
        )
        return sum(terms, S.Zero)


def _rounded(vector: np.ndarray) -> dict[int, int]:
    """Small whole numbers in nearly the proportions of a vector."""
    scaled = vector / np.abs(vector).max()
    best = min((1, 2, 3), key=lambda n: (np.abs(n * scaled - np.round(n * scaled)).max() / n > 0.1, n))
    return {n: int(value) for n, value in enumerate(np.round(best * scaled)) if value}
