"""Laws found by machine: relations between moments that hold at exact optima, proved by search.

Moments of one shape (the same free indices, the same units) are evaluated at local minima of random L1 problems, each
with a λ of its own on every sample. Whatever linear combination of them vanishes there is a conjecture: the sparsest
are read off by linear programmes. What follows linearly from those found before is set apart, a certificate is searched
for each, and what has none is attacked. Nothing is said to this search about the laws that are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, combinations_with_replacement, product

import numpy as np
from scipy.optimize import linprog
from sympy import Add, Expr, Idx, Mul, Rational, S, Sum
from sympy.core.relational import Relational

from checks.campaigns.falsify import falsify
from checks.claims.find import Found, find, follows
from checks.evaluation.lowering import Env, Named, evaluate, order
from checks.evaluation.symbols import symbols
from checks.problem.instance import Array, instance
from checks.problem.point import Point
from checks.solvers.dictionary import joint
from theory.derive import DEFINED
from theory.expectation import E
from theory.normal_form import normal_form
from theory.problem import L1, D, a, c, d, j, l, lam, m, off, on, r, xhat, z
from theory.statement import Eq, Statement, Status

e = Idx("e", d)
FREE = {"d": (a, c), "k": (j, l)}  # indices that a relation may leave free
SUMMED = (e, m)
STATIONARY = 1e-9  # what a minimum is taken for
VANISHING = 1e-7  # relative to the largest singular value, and to the terms of a relation
DENOMINATOR = 4  # of the coefficients of a law
ROUNDING = 1e-5  # of the linear programme that proposes them


# --- moments ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """What the two sides of a relation have in common: free indices, and how many of r, x̂, z and λ are multiplied."""

    free: tuple[Idx, ...]
    grade: int

    def __str__(self) -> str:
        return f"{''.join(map(str, self.free)) or 'no index'}, grade {self.grade}"


SHAPES = tuple(
    Shape(free, grade)
    for free, grade in (
        *(((a,), 1), ((), 1), ((j,), 1), ((a, j), 1), ((j, l), 1)),
        *(((), 2), ((a,), 2), ((j,), 2), ((a, j), 2), ((a, c), 2), ((j, l), 2), ((), 3)),
    )
)


def moments(shape: Shape) -> list[Expr]:
    """All means of products of r, x̂, z, 1{z > 0} and λ times up to two entries of D, of one shape, each once."""
    found: dict[tuple, Expr] = {}
    for sampled in _products(shape):
        for entries in _entries(shape):
            term = _closed(shape, sampled, entries)
            if term is None:
                continue
            key = tuple(sorted(normal_form(term, DEFINED).items(), key=str))
            found.setdefault(key, term)
    return sorted(found.values(), key=lambda term: (_size(term), str(term)))


def _products(shape: Shape) -> Iterator[tuple[Expr, ...]]:
    """What is averaged: as many quantities with units as the grade says, and up to one event."""
    coordinates = [i for i in shape.free if i in FREE["d"]] + [e]
    units = [i for i in shape.free if i in FREE["k"]] + [m]
    graded: list[Expr] = [lam, *(base[i] for base in (r, xhat) for i in coordinates), *(z[i] for i in units)]
    events = [event[i] for event in (on, off) for i in shape.free if i in FREE["k"]]
    for measured in combinations_with_replacement(graded, shape.grade):
        for present in (S.One, *events):
            if not any(part.has(z) and part.indices == getattr(present, "indices", None) for part in measured):
                yield (*measured, present)


def _entries(shape: Shape) -> Iterator[tuple[Expr, ...]]:
    """Up to two entries of D, unlike ones: atoms have unit norm."""
    rows = [i for i in shape.free if i in FREE["d"]] + [e]
    columns = [i for i in shape.free if i in FREE["k"]] + [m]
    entries = [D[row, column] for row, column in product(rows, columns)]
    for number in range(3):
        yield from combinations(entries, number)


def _closed(shape: Shape, sampled: Sequence[Expr], entries: Sequence[Expr]) -> Expr | None:
    """The moment, summed over what is not free; None if a coordinate stands alone or a free index is missing."""
    places = [index for factor in (*sampled, *entries) for index in getattr(factor, "indices", ())]
    if places.count(e) not in (0, 2) or places.count(m) > 2:
        return None
    if set(shape.free) - set(places):
        return None
    if any(places.count(index) > 1 for index in FREE["d"] if index in shape.free):
        return None
    term = E(Mul(*sampled)) * Mul(*entries)
    summed = [index for index in SUMMED if index in places]
    return Sum(term, *summed) if summed else term


def _size(expr: Expr) -> int:
    """How many quantities are multiplied."""
    return sum(1 for _ in expr.atoms(Idx)) + str(expr).count("*")


# --- minima ----------------------------------------------------------------------------------------------------------


def minima(count: int, seed: int) -> list[Point]:
    """Local minima of random small problems with a bias, whose every atom is active."""
    found: list[Point] = []
    rng = np.random.default_rng(seed)
    while len(found) < count:
        n, dimension, width = int(rng.integers(12, 25)), int(rng.integers(2, 5)), int(rng.integers(2, 6))
        x = rng.standard_normal((n, dimension)) * rng.standard_exponential((n, 1))
        price = rng.uniform(0.05, 0.4, n)
        weights = rng.uniform(0.5, 1.5, n)
        best = joint(x, width, price, weights=weights, bias=True, seed=int(rng.integers(2**31)))
        if best.stationarity < STATIONARY and (best.Z.max(axis=0) > 0).all():
            problem = instance(x, width, price, weights=weights, bias=True, name=f"minimum {len(found)}")
            found.append(Point(problem, best.D, best.b, best.Z))
    return found


def table(terms: Sequence[Expr], shape: Shape, points: Sequence[Point]) -> tuple[Array, Array]:
    """The values of moments (columns) at all values of the free indices of all points (rows), and the largest sum of
    absolute values that is behind each: what they are measured by.
    """
    values, sizes = [], []
    for point in points:
        env = symbols(point)
        values.append(_columns(terms, shape, env))
        absolute = {name: Named(np.abs(value.array), value.axes) for name, value in env.arrays.items()}
        sizes.append(_columns(terms, shape, Env(absolute, env.sizes, env.weights)))
    return np.concatenate(values), np.concatenate(sizes).max(axis=0)


def _columns(terms: Sequence[Expr], shape: Shape, env: Env) -> Array:
    axes = tuple(map(str, shape.free))
    sizes = [env.sizes["d" if index in FREE["d"] else "k"] for index in shape.free]
    columns = [np.broadcast_to(order(evaluate(term, env), axes, env).array, sizes).ravel() for term in terms]
    return np.stack(columns, axis=1)


# --- relations -------------------------------------------------------------------------------------------------------


def relations(values: Array, scale: Array, cost: Sequence[float]) -> list[dict[int, Fraction]]:
    """Linear relations between columns that hold on all rows, cheap ones first, as many as are independent.

    scale: of each column, what its rounding is relative to. cost: of speaking of each column.
    """
    scaled = values / scale
    _, singular, right = np.linalg.svd(scaled, full_matrices=True)
    rank = int((singular > VANISHING * singular[0]).sum())
    kernel = right[rank:] / scale
    candidates = [found for n in range(len(scale)) if len(kernel) and (found := _cheapest(kernel, n, np.array(cost)))]
    chosen: list[dict[int, Fraction]] = []
    spanned = np.zeros((0, len(scale)))
    for candidate in sorted(candidates, key=lambda each: (sum(cost[n] for n in each), sorted(each))):
        vector = np.zeros(len(scale))
        vector[list(candidate)] = [float(value) for value in candidate.values()]
        excess, size = np.abs(values @ vector).max(), np.abs(vector * scale).max()
        extended = np.vstack([spanned, vector])
        if excess <= VANISHING * size and np.linalg.matrix_rank(extended) == len(extended):
            spanned = extended
            chosen.append(candidate)
    return chosen


def _cheapest(kernel: Array, column: int, cost: Array) -> dict[int, Fraction] | None:
    """The cheapest combination of a kernel's rows that has coefficient 1 at a column, if its numbers are simple."""
    count, width = kernel.shape
    # kernelᵀ y = plus − minus, with 1 at the column, and the cheapest plus + minus.
    equal = np.hstack([kernel.T, -np.eye(width), np.eye(width)])
    fixed = np.concatenate([kernel[:, column], np.zeros(2 * width)])[None]
    result = linprog(
        np.concatenate([np.zeros(count), cost, cost]),
        A_eq=np.vstack([equal, fixed]),
        b_eq=np.concatenate([np.zeros(width), [1.0]]),
        bounds=[(None, None)] * count + [(0, None)] * (2 * width),
        method="highs",
    )
    if not result.success:
        return None
    vector = result.x[count : count + width] - result.x[count + width :]
    entries = [int(n) for n in np.flatnonzero(np.abs(vector) > ROUNDING)]
    simple = {n: Fraction(float(vector[n])).limit_denominator(DENOMINATOR) for n in entries}
    if not np.allclose([float(simple[n]) for n in entries], vector[entries], atol=ROUNDING):
        return None
    first = simple[entries[0]]
    return {n: value / first for n, value in simple.items()}


# --- laws ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Law:
    """A relation that was seen, and what is known of it.

    follows   it is a linear consequence of relations that were found before, and needs no proof of its own
    known     the proved statement that it is a linear consequence of, if it is of one
    found     the outcome of the search for a certificate; None if none was needed
    falsified whether an attack contradicts it; None if none was needed
    """

    claim: Relational
    shape: Shape
    follows: bool
    known: str
    found: Found | None
    falsified: bool | None

    @property
    def proof(self) -> Expr | None:
        return self.found.proof if self.found else None

    @property
    def worth(self) -> tuple[int, int, int]:
        """Sorts what says most first: more free indices say more, and so do fewer and shorter terms."""
        terms = len(Add.make_args(self.claim.lhs)) + len(Add.make_args(self.claim.rhs))
        return -len(self.shape.free), terms, _size(self.claim.lhs) + _size(self.claim.rhs)


def discover(
    shapes: Sequence[Shape] = SHAPES,
    *,
    statements: Sequence[Statement] = (),
    points: int = 24,
    seed: int = 0,
    seconds: float = 10.0,
    attack: float = 5.0,
    progress: Callable[[str, float], None] = lambda what, fraction: None,
) -> list[Law]:
    """Laws of some shapes, what says most first.

    statements: those to compare with afterwards. points: how many minima to look at. seconds: for the proof of each
    relation, attack: to attack one without a proof.
    """
    seen = minima(points, seed)
    laws: list[Law] = []
    for done, shape in enumerate(shapes):
        progress(str(shape), done / len(shapes))
        terms = moments(shape)
        if not terms:
            continue
        for relation in relations(*table(terms, shape, seen), [_size(term) for term in terms]):
            claim = _claim(relation, terms)
            if not normal_form(claim.lhs - claim.rhs, DEFINED):
                continue
            laws.append(
                _judged(claim, shape, [law.claim for law in laws if not law.follows], statements, seconds, attack, seed)
            )
    return _by_worth(laws)


def _by_worth(laws: Sequence[Law]) -> list[Law]:
    """Laws that do not follow from better ones, best first, and then those that do."""
    kept: list[Law] = []
    rest = [law for law in laws if law.follows]
    for law in sorted((law for law in laws if not law.follows), key=lambda law: law.worth):
        if follows(law.claim, [each.claim for each in kept], L1):
            rest.append(replace(law, follows=True))
        else:
            kept.append(law)
    return kept + sorted(rest, key=lambda law: law.worth)


def _claim(relation: dict[int, Fraction], terms: Sequence[Expr]) -> Relational:
    """The relation with its positive terms on the left."""
    left, right = S.Zero, S.Zero
    for n, value in relation.items():
        term = Rational(abs(value.numerator), value.denominator) * terms[n]
        left, right = (left + term, right) if value > 0 else (left, right + term)
    return Eq(left, right) if left != 0 else Eq(right, left)


def _judged(
    claim: Relational,
    shape: Shape,
    before: Sequence[Relational],
    statements: Sequence[Statement],
    seconds: float,
    attack: float,
    seed: int,
) -> Law:
    proved = [each for each in statements if each.status is Status.PROVED]
    equalities = [(each.id, [own for own in each.claims if isinstance(own, type(claim))]) for each in proved]
    known = next((identifier for identifier, own in equalities if own and follows(claim, own, L1)), "")
    if follows(claim, before, L1):
        return Law(claim, shape, True, known, None, None)
    found = find(claim, objective=L1, seconds=seconds)
    falsified = None if found.proof is not None else _is_falsified(claim, attack, seed)
    return Law(claim, shape, False, known, found, falsified)


def _is_falsified(claim: Relational, seconds: float, seed: int) -> bool:
    conjecture = Statement(status=Status.OPEN, claim=claim, controls={}, about=L1, id="conjecture")
    return falsify(conjecture, seconds=seconds, seed=seed).counterexample is not None
