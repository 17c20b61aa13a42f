"""Coefficients with which columns add up to a target: by linear programmes, then exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csc_matrix, hstack, identity

from checks.claims.columns import Column
from checks.claims.monomials import Monomial, Polynomial

ZERO = 1e-9  # of the linear programmes alone: what they find is solved for exactly
Solution = list[tuple[Column, Fraction]]


def matrix_of(columns: Sequence[Column], rows: dict[Monomial, int]) -> csc_matrix:
    places = [
        (rows[monomial], n, float(value))
        for n, column in enumerate(columns)
        for monomial, value in column.polynomial.items()
    ]
    row, column, value = zip(*places, strict=True)
    return csc_matrix((value, (row, column)), shape=(len(rows), len(columns)))


def vector_of(target: Polynomial, rows: dict[Monomial, int]) -> NDArray[np.float64]:
    right = np.zeros(len(rows))
    for monomial, value in target.items():
        right[rows[monomial]] = float(value)
    return right


def _signed(matrix: csc_matrix, columns: Sequence[Column]) -> tuple[csc_matrix, NDArray[np.float64]]:
    """The same with a negative copy of each column whose coefficient may have either sign, and which they are of."""
    free = np.array([n for n, column in enumerate(columns) if not column.nonnegative], dtype=int)
    return hstack([matrix, -matrix[:, free]], format="csc"), np.concatenate([np.arange(len(columns)), free])


def shortfall(
    matrix: csc_matrix, right: NDArray[np.float64], columns: Sequence[Column], seconds: float
) -> tuple[float, NDArray[np.float64]]:
    """How far from the target the columns stay, in sum, and the dual that says so."""
    signed, _ = _signed(matrix, columns)
    rows = len(right)
    whole = hstack([signed, identity(rows), -identity(rows)], format="csc")
    cost = np.concatenate([np.zeros(signed.shape[1]), np.ones(2 * rows)])
    result = linprog(cost, A_eq=whole, b_eq=right, bounds=(0, None), method="highs", options={"time_limit": seconds})
    if not result.success:
        return float("inf"), np.zeros(rows)
    return float(result.fun), np.asarray(result.eqlin.marginals)


def cheapest(matrix: csc_matrix, right: NDArray[np.float64], columns: Sequence[Column], seconds: float) -> list[int]:
    signed, of = _signed(matrix, columns)
    cost = np.array([columns[n].cost for n in of])
    result = linprog(cost, A_eq=signed, b_eq=right, bounds=(0, None), method="highs", options={"time_limit": seconds})
    return sorted({int(of[n]) for n in np.flatnonzero(result.x > ZERO)}) if result.success else []


def solved(columns: Sequence[Column], target: Polynomial) -> Solution | None:
    """Exact coefficients with which the columns add up to the target; None if there are none, or of the wrong sign."""
    monomials = list(dict.fromkeys([*target, *(m for column in columns for m in column.polynomial)]))
    system = [
        [column.polynomial.get(monomial, Fraction(0)) for column in columns] + [target.get(monomial, Fraction(0))]
        for monomial in monomials
    ]
    pivots: list[int] = []
    for n in range(len(columns)):
        done = len(pivots)
        pivot = next((row for row in range(done, len(system)) if system[row][n]), None)
        if pivot is None:
            continue
        system[done], system[pivot] = system[pivot], system[done]
        leading = system[done]
        for row, values in enumerate(system):
            if row != done and values[n]:
                ratio = values[n] / leading[n]
                system[row] = [value - ratio * other for value, other in zip(values, leading, strict=True)]
        pivots.append(n)
    if any(row[-1] for row in system[len(pivots) :]):
        return None
    solution = [(columns[n], system[row][-1] / system[row][n]) for row, n in enumerate(pivots)]
    if any(value < 0 and column.nonnegative for column, value in solution):
        return None
    return [(column, value) for column, value in solution if value]
