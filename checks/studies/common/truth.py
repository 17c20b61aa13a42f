"""How much of a known dictionary was found."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from checks.problem.instance import Array

RECOVERED = 0.95
"""Cosine from which a feature counts as recovered: 1 − ε with the ε of problem O43 of the MAIS agenda."""

MIXED = 0.1
"""Its δ: how much of each feature is in a merge at least."""


def cosines(D: Array, truth: Array) -> Array:
    """The largest cosine of each feature, columns of `truth` (d, m), with an atom, columns of D (d, k): (m,)."""
    unit = D / np.maximum(np.linalg.norm(D, axis=0), np.finfo(float).tiny)
    return (truth.T @ unit).max(axis=1)


def recovered(D: Array, truth: Array) -> float:
    """The share of features that have an atom of their own at a cosine of RECOVERED, matched one to one."""
    near = truth.T @ D >= RECOVERED
    rows, columns = linear_sum_assignment(near, maximize=True)
    return float(near[rows, columns].sum() / truth.shape[1])


def merged(D: Array, truth: Array, pairs: NDArray[np.int_]) -> float:
    """The share of pairs of features (columns 0 and 1 of `pairs`) that an atom stands for together.

    Such an atom is within .05 of αv + βw with α, β ≥ .1, and its cosine with each at most .9, as problem O43 has it.
    """
    found = 0
    for pair in pairs:
        V = truth[:, pair]
        weights = np.linalg.lstsq(V, D, rcond=None)[0]
        near = np.linalg.norm(D - V @ weights, axis=0) <= 1 - RECOVERED
        found += bool((near & (weights >= MIXED).all(axis=0) & (V.T @ D <= 1 - MIXED).all(axis=0)).any())
    return found / len(pairs) if len(pairs) else 0.0


def correlation(Z: Array, sources: Array) -> float:
    """Mean absolute correlation of sources (n, m) with codes (n, k), matched one to one (MCC).

    Of the sources that occur in the samples; units that are silent there count 0.
    """
    sources = sources[:, sources.std(axis=0) > 0]
    a, b = _standard(sources), _standard(Z)
    found = np.abs(a.T @ b) / len(a)
    rows, columns = linear_sum_assignment(found, maximize=True)
    return float(found[rows, columns].sum() / sources.shape[1])


def _standard(values: Array) -> Array:
    centred = values - values.mean(axis=0)
    deviation = centred.std(axis=0)
    return centred / np.where(deviation > 0, deviation, 1.0)
