"""How good a point is, certified in exact arithmetic from the point alone (THEORY §7).

A stationary point may be a saddle, and codes may be stationary but not the best. What is decided here:

    best codes       stationary codes are the best where the loss is convex in them; else the supports are enumerated
    global minimum   all residuals are within λ (W1: for L1 no dictionary of any width is better), or nothing is lost;
                     on a line with a fixed bias, where atoms are 1 or −1, no choice of them is better
    local minimum    the second variation is positive in every direction that first order leaves free, strictly silent
                     units and dead atoms apart; or atoms cannot turn (d = 1) and the rest of the problem is convex

What cannot be decided so counts as no better than stationary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from itertools import combinations

from theory.problem import ELASTIC_NET, L0, L1, MATRYOSHKA, NORM_WEIGHTED, TOP_K, Objective

Vector = list[Fraction]
Matrix = list[Vector]
CONVEX = (L1, ELASTIC_NET, MATRYOSHKA, NORM_WEIGHTED)  # in the codes, and in codes and bias together
ENUMERATED = (L0, TOP_K)  # whose codes are the best on their support, and supports are few


class Level(IntEnum):
    """How good a point must be for a claim to be made of it; each level includes those before it."""

    STATIONARY = 1  # no first-order change helps
    BEST_CODES = 2  # no other codes are better for the same dictionary and bias
    LOCAL_MINIMUM = 3  # no nearby point is better
    GLOBAL_MINIMUM = 4  # no point is better

    def __str__(self) -> str:
        return self.name.replace("_", " ").lower()


@dataclass(frozen=True, eq=False)
class Solved:
    """A stationary point in numbers: samples x (n rows of d), D (d rows of k), codes (n rows of k), λ of each sample.

    slack: how far each unit is from being worth its price, n rows of k. masks: the rows of M, of ones if there are
    none. curvature: φ'' of a unit. weights: of the samples, which sum to 1.
    """

    objective: Objective
    x: Matrix
    b: Vector
    D: Matrix
    z: Matrix
    lam: Vector
    weights: Vector
    slack: Matrix
    masks: Matrix
    bias: bool
    limit: int | None = None
    curvature: Fraction = Fraction(0)

    @property
    def atoms(self) -> Matrix:
        return [list(column) for column in zip(*self.D, strict=True)]

    def residual(self, sample: int, mask: Sequence[Fraction] | None = None) -> Vector:
        """x − b − Dz of one sample, or of one of its prefixes."""
        codes = [each * on for each, on in zip(self.z[sample], mask or self.masks[-1], strict=True)]
        return [
            value - shift - dot(row, codes) for value, shift, row in zip(self.x[sample], self.b, self.D, strict=True)
        ]


def level(point: Solved) -> Level:
    """The highest level that can be certified of a stationary point."""
    if not has_best_codes(point):
        return Level.STATIONARY
    if is_global(point):
        return Level.GLOBAL_MINIMUM
    return Level.LOCAL_MINIMUM if is_local(point) else Level.BEST_CODES


# --- codes -----------------------------------------------------------------------------------------------------------


def has_best_codes(point: Solved) -> bool:
    if point.objective in CONVEX:
        return True
    if point.objective not in ENUMERATED:
        return False
    found = (_supports(point, sample) for sample in range(len(point.x)))
    return all(own <= min(costs.values()) for own, costs in found)


def _supports(point: Solved, sample: int) -> tuple[Fraction, dict[tuple[int, ...], Fraction]]:
    """What a sample costs, and what it would cost with the best codes on every support that is allowed."""
    target = [value - shift for value, shift in zip(point.x[sample], point.b, strict=True)]
    atoms, price = point.atoms, point.lam[sample] if point.objective is L0 else Fraction(0)
    most = len(atoms) if point.limit is None else point.limit
    own = square(point.residual(sample)) / 2 + price * sum(value > 0 for value in point.z[sample])
    costs = {}
    for size in range(min(most, len(atoms)) + 1):
        for support in combinations(range(len(atoms)), size):
            chosen = [atoms[place] for place in support]
            codes = projected(target, chosen)
            if codes is not None and all(value >= 0 for value in codes):
                costs[support] = square(left_over(target, codes, chosen)) / 2 + price * size
    return own, costs


# --- minima ----------------------------------------------------------------------------------------------------------


def is_global(point: Solved) -> bool:
    """Whether nothing can be better: stationary with residuals within λ (W1, W5), no other signs, or no loss at all."""
    residuals = [square(point.residual(sample)) for sample in range(len(point.x))]
    if point.objective is L1:
        within = all(length <= price**2 for length, price in zip(residuals, point.lam, strict=True))
        return within or (len(point.D) == 1 and not point.bias and _has_best_signs(point))
    return point.objective is TOP_K and not any(residuals)


def _has_best_signs(point: Solved) -> bool:
    """Whether of the dictionaries of atoms 1 and −1 with as many atoms none has a lower objective for L1."""

    def cost(signs: set[int]) -> Fraction:
        total = Fraction(0)
        for row, price, weight in zip(point.x, point.lam, point.weights, strict=True):
            y = row[0] - point.b[0]
            spent = max(abs(y) - price, Fraction(0)) if (1 if y > 0 else -1) in signs else Fraction(0)
            total += weight * ((abs(y) - spent) ** 2 / 2 + price * spent)
        return total

    own = cost({1 if atom[0] > 0 else -1 for atom in point.atoms})
    return own <= (cost({1, -1}) if len(point.atoms) > 1 else min(cost({1}), cost({-1})))


def is_local(point: Solved) -> bool:
    """Whether second order shows a local minimum: strict, but for atoms that are dead and stay so."""
    if point.objective.has_free_norms or point.objective not in (*CONVEX, *ENUMERATED):
        return False
    if point.objective in CONVEX and len(point.D) == 1:
        return True
    if point.objective in ENUMERATED and not _supports_are_unique(point):
        return False
    return is_positive_definite(second_variation(point))


def _supports_are_unique(point: Solved) -> bool:
    """Whether on every sample any other support is worse, so that near the point the supports stay as they are."""
    for sample, codes in enumerate(point.z):
        support = tuple(place for place, value in enumerate(codes) if value > 0)
        own, costs = _supports(point, sample)
        if any(cost <= own for other, cost in costs.items() if other != support):
            return False
    return True


def second_variation(point: Solved) -> Matrix:
    """The matrix of the second variation of the loss over all free directions.

    With d_j + tδ_j − ½t²‖δ_j‖²d_j, z + tζ and b + tβ, half the second derivative of the loss of a sample is, summed
    over prefixes, ½‖Dζ + Σ_j z_jδ_j + β‖² − Σ_j ζ_j δ_j·r + ½Σ_j z_j‖δ_j‖² d_j·r, plus ½φ''‖ζ‖². Free are ζ_j where
    unit j is on or about to be, δ_j ⟂ d_j of atoms that are, and β if there is a bias.
    """
    directions = free_directions(point)
    return [[_bilinear(point, one, other) for other in directions] for one in directions]


def free_directions(point: Solved) -> list[Move]:
    """A basis of the directions that first order leaves free, silent codes among them that may only rise."""
    return [*_code_moves(point), *_turns(point), *_shifts(point)]


@dataclass(frozen=True, eq=False)
class Move:
    """A direction: how one code changes (sample, unit), or one atom (unit, its change), or the bias."""

    sample: int | None = None
    unit: int | None = None
    change: tuple[Fraction, ...] = ()

    def code(self, sample: int, unit: int) -> Fraction:
        return Fraction(int(self.sample == sample and self.unit == unit))

    def turn(self, unit: int) -> Sequence[Fraction] | None:
        return self.change if self.sample is None and self.unit == unit else None

    @property
    def shift(self) -> Sequence[Fraction] | None:
        return self.change if self.sample is None and self.unit is None else None


def _is_free(point: Solved, sample: int, unit: int) -> bool:
    """Whether first order leaves a code free: it is on, or a small amount of it costs nothing."""
    if point.z[sample][unit] > 0:
        return True
    return point.objective not in ENUMERATED and not point.slack[sample][unit] > 0


def _code_moves(point: Solved) -> list[Move]:
    places = ((sample, unit) for sample in range(len(point.x)) for unit in range(len(point.D[0])))
    return [Move(sample, unit) for sample, unit in places if _is_free(point, sample, unit)]


def _turns(point: Solved) -> list[Move]:
    """A basis of the directions at right angles to each atom that is, or is about to be, active somewhere."""
    moves = []
    for unit, atom in enumerate(point.atoms):
        if any(_is_free(point, sample, unit) for sample in range(len(point.x))):
            pivot = max(range(len(atom)), key=lambda a: abs(atom[a]))
            for axis in range(len(atom)):
                if axis != pivot:
                    change = [Fraction(0)] * len(atom)
                    change[axis], change[pivot] = atom[pivot], -atom[axis]
                    moves.append(Move(None, unit, tuple(change)))
    return moves


def _shifts(point: Solved) -> list[Move]:
    d = len(point.D)
    return [Move(change=tuple(Fraction(int(a == axis)) for a in range(d))) for axis in range(d if point.bias else 0)]


def _bilinear(point: Solved, one: Move, other: Move) -> Fraction:
    """The second derivative of the mean loss along two directions."""
    pinned = {move.sample for move in (one, other)} - {None}
    if len(pinned) == 2:
        return Fraction(0)
    samples = pinned or range(len(point.x))
    total = Fraction(0)
    for sample in samples:
        assert sample is not None
        for mask in point.masks:
            total += point.weights[sample] * _of_prefix(point, sample, mask, one, other)
        if one.sample == other.sample == sample and one.unit == other.unit:
            total += point.weights[sample] * point.curvature
    return total


def _of_prefix(point: Solved, sample: int, mask: Sequence[Fraction], one: Move, other: Move) -> Fraction:
    r = point.residual(sample, mask)
    total = dot(_moved(point, sample, mask, one), _moved(point, sample, mask, other))
    for unit, atom in enumerate(point.atoms):
        if not mask[unit]:
            continue
        turns = one.turn(unit), other.turn(unit)
        for code, turn in ((one.code(sample, unit), turns[1]), (other.code(sample, unit), turns[0])):
            total -= code * dot(turn, r) if code and turn else 0
        if turns[0] and turns[1]:
            total += point.z[sample][unit] * dot(turns[0], turns[1]) * dot(atom, r)
    return total


def _moved(point: Solved, sample: int, mask: Sequence[Fraction], move: Move) -> Vector:
    """How a direction changes the reconstruction of a prefix, bias included, to first order."""
    changed = list(move.shift or [Fraction(0)] * len(point.D))
    for unit, atom in enumerate(point.atoms):
        if mask[unit]:
            code, turn = move.code(sample, unit), move.turn(unit)
            if code or turn:
                change = turn or [Fraction(0)] * len(atom)
                changed = [
                    value + code * part + point.z[sample][unit] * side
                    for value, part, side in zip(changed, atom, change, strict=True)
                ]
    return changed


# --- linear algebra in fractions -------------------------------------------------------------------------------------


def dot(left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
    return sum((one * other for one, other in zip(left, right, strict=True)), Fraction(0))


def square(vector: Sequence[Fraction]) -> Fraction:
    return dot(vector, vector)


def solve(matrix: Matrix, right: Vector) -> Vector | None:
    """The solution of a square system; None if it is singular."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for column in range(len(rows)):
        pivot = next((n for n in range(column, len(rows)) if rows[n][column]), None)
        if pivot is None:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [value / rows[column][column] for value in rows[column]]
        for n, row in enumerate(rows):
            if n != column and row[column]:
                rows[n] = [value - row[column] * lead for value, lead in zip(row, rows[column], strict=True)]
    return [row[-1] for row in rows]


def projected(target: Vector, atoms: Matrix) -> Vector | None:
    """Coefficients of the projection of a vector onto the span of atoms; None if these are not independent."""
    return solve([[dot(one, other) for other in atoms] for one in atoms], [dot(one, target) for one in atoms])


def left_over(target: Vector, codes: Vector, atoms: Matrix) -> Vector:
    """A vector less a combination of atoms."""
    terms = list(zip(codes, atoms, strict=True))
    return [value - sum((code * atom[a] for code, atom in terms), Fraction(0)) for a, value in enumerate(target)]


def is_positive_definite(matrix: Matrix) -> bool:
    """Whether all pivots of a symmetric matrix are positive."""
    rows = [list(row) for row in matrix]
    for column in range(len(rows)):
        if not rows[column][column] > 0:
            return False
        for n in range(column + 1, len(rows)):
            factor = rows[n][column] / rows[column][column]
            if factor:
                rows[n] = [value - factor * lead for value, lead in zip(rows[n], rows[column], strict=True)]
    return True


def in_span(target: Vector, atoms: Matrix) -> Vector | None:
    """Coefficients of a vector in a choice of independent atoms that span it; None if no atoms do."""
    for size in range(len(atoms) + 1):
        for chosen in combinations(range(len(atoms)), size):
            some = [atoms[place] for place in chosen]
            found = projected(target, some)
            if found is not None and not any(left_over(target, found, some)):
                placed = dict(zip(chosen, found, strict=True))
                return [placed.get(place, Fraction(0)) for place in range(len(atoms))]
    return None


def feasible_turn(C: Matrix, atoms: Matrix, codes: Matrix) -> Matrix:
    """C, changed so that D(1 + C) keeps its norms to first order and z − Cz moves codes of silent units upwards."""
    turned = []
    for unit, row in enumerate(C):
        silent = [codes_ for codes_ in codes if not codes_[unit] and any(codes_)]
        most = max((dot(row, codes_) / sum(codes_) for codes_ in silent), default=Fraction(0))
        turned.append([Fraction(0) if other == unit else value - most for other, value in enumerate(row)])
    for unit, atom in enumerate(atoms):
        beside = (dot(atom, other) * turned[place][unit] for place, other in enumerate(atoms) if place != unit)
        turned[unit][unit] = -sum(beside, Fraction(0)) / dot(atom, atom)
    return turned
