"""Figures of the rows of one seed, of which predictions are made."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from checks.studies.common.study import Row, Rows, Value

Of = Callable[[Row], float]


def where(rows: Rows, **values: Value) -> list[Row]:
    """The rows with these values."""
    return [row for row in rows if all(row.get(name) == value for name, value in values.items())]


def one(rows: Rows, **values: Value) -> Row:
    """The only row with these values. Raises ValueError if there is none, or several."""
    (row,) = where(rows, **values)
    return row


def ratio(above: str, below: str) -> Of:
    return lambda row: float(row[above]) / float(row[below])


def column_of(rows: Rows, name: str) -> list[float]:
    return [float(row[name]) for row in rows]


def mean(rows: Rows, name: str) -> float:
    """Over rows. NaN if there are none."""
    return float(np.mean(column_of(rows, name))) if rows else float("nan")


def worst(rows: Rows, of: Of) -> float:
    """The smallest over rows."""
    return min(map(of, rows))


def slope(rows: Rows, x: str, y: str) -> float:
    """The exponent of y as a power of x, by least squares of the logarithms."""
    return float(np.polyfit(np.log(column_of(rows, x)), np.log(column_of(rows, y)), 1)[0])
