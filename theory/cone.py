"""Farkas' lemma by linear programming in fractions: a vector is in a cone, or a direction says why not (THEORY T7).

The cone test of T7 asks whether v⁽ˡ⁾ = ((1 − G_lj)E[z_j])_{j≠l} is a nonnegative combination of codes of samples on
which l is silent. The answer comes with a witness either way, that anyone can check by multiplication.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from theory.optimality import Matrix, Solved, Vector, dot


@dataclass(frozen=True, eq=False)
class Farkas:
    """Multipliers ≥ 0 with Σ_i multipliers_i generators_i = target, or a witness c with c·target < 0 and
    c·generators_i ≥ 0 for all i. One of them is None.
    """

    multipliers: Vector | None
    witness: Vector | None

    @property
    def inside(self) -> bool:
        return self.multipliers is not None


def farkas(generators: Sequence[Sequence[Fraction]], target: Sequence[Fraction]) -> Farkas:
    """Whether a vector is in the cone of some generators: phase one of the simplex method, with Bland's rule.

    Rows are equations, made nonnegative on the right, each with an artificial variable that is to become 0.
    """
    signs = [1 if value >= 0 else -1 for value in target]
    m, n = len(target), len(generators)
    rows = [
        [
            *(sign * Fraction(each[i]) for each in generators),
            *(Fraction(int(i == o)) for o in range(m)),
            sign * Fraction(t),
        ]
        for i, (sign, t) in enumerate(zip(signs, target, strict=True))
    ]
    basis = list(range(n, n + m))
    # Reduced costs of Σ artificial variables, and less its value at the end.
    costs = [-sum((row[column] for row in rows), Fraction(0)) for column in range(n + m + 1)]
    for column in range(n, n + m):
        costs[column] += 1
    while (entering := next((column for column in range(n) if costs[column] < 0), None)) is not None:
        ratios = [(row[-1] / row[entering], basis[i], i) for i, row in enumerate(rows) if row[entering] > 0]
        _, _, leaving = min(ratios)
        rows[leaving] = [value / rows[leaving][entering] for value in rows[leaving]]
        for row in (*(each for i, each in enumerate(rows) if i != leaving), costs):
            factor = row[entering]
            if factor:
                row[:] = [value - factor * lead for value, lead in zip(row, rows[leaving], strict=True)]
        basis[leaving] = entering
    if costs[-1] == 0:
        found = [Fraction(0)] * n
        for place, row in zip(basis, rows, strict=True):
            if place < n:
                found[place] = row[-1]
        return Farkas(found, None)
    return Farkas(None, [-sign * (1 - costs[n + i]) for i, sign in enumerate(signs)])


def cone_test(point: Solved, unit: int) -> Farkas:
    """The test of one atom at a point. Multipliers are of the samples on which it is silent; the witness has k entries.

    A turn of row `unit` by −witness then lowers the total activation to first order, at λ → 0.
    """
    codes, others = point.z, [j for j in range(len(point.atoms)) if j != unit]
    mean = [sum((w * row[j] for w, row in zip(point.weights, codes, strict=True)), Fraction(0)) for j in others]
    atoms = point.atoms
    target = [(1 - dot(atoms[unit], atoms[j])) * value for j, value in zip(others, mean, strict=True)]
    silent: Matrix = [[row[j] for j in others] for row in codes if not row[unit]]
    found = farkas(silent, target)
    if found.witness is None:
        return found
    whole = [Fraction(0)] * len(atoms)
    for j, value in zip(others, found.witness, strict=True):
        whole[j] = value
    return Farkas(None, whole)


def signed_test(point: Solved, unit: int) -> Farkas:
    """The test of one atom if codes may have either sign, at λ → 0 (Gribonval and Schnass 2010).

    E[sgn(z_l) z_j] − G_lj E|z_j| over j ≠ l must be E[σ z_j 1{z_l=0}] with |σ| ≤ 1. Multipliers come three for each
    silent sample: of σ > 0, of σ < 0, and what is left of 1. The witness c has c·v + E[|c·z| 1{z_l=0}] < 0.
    """
    codes, atoms = point.z, point.atoms
    others = [j for j in range(len(atoms)) if j != unit]
    pairs = list(zip(point.weights, codes, strict=True))
    target = [
        sum(
            (w * (_sign(row[unit]) * row[j] - dot(atoms[unit], atoms[j]) * abs(row[j])) for w, row in pairs),
            Fraction(0),
        )
        for j in others
    ]
    silent = [[w * row[j] for j in others] for w, row in pairs if not row[unit]]
    generators = [
        [*(side * value for value in row), *(Fraction(int(i == o)) for o in range(len(silent)))]
        for i, row in enumerate(silent)
        for side in (1, -1, 0)
    ]
    found = farkas(generators, [*target, *(Fraction(1) for _ in silent)])
    if found.witness is None:
        return found
    placed = dict(zip(others, found.witness, strict=False))
    return Farkas(None, [placed.get(j, Fraction(0)) for j in range(len(atoms))])


def _sign(value: Fraction) -> int:
    return (value > 0) - (value < 0)
