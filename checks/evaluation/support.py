"""The active codes of a block of samples as a list of entries, and sums over them: the sparse half of a pass.

Of 8192 codes some 60 are active, so that what is 0 wherever a unit is silent costs a hundredth of a dense product.
Entries are sorted by atom: what is summed for an atom stays in cache while its samples are read.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from checks.problem.arrays import is_tensor

_FAST = {"reassoc", "contract", "nsz", "arcp"}  # sums may be vectorised; NaN and infinity stay what they are
CHUNK = 1 << 22  # numbers that are gathered at once where there is no compiled loop
TOGETHER = 3  # sums that stay in cache beside a sample; each number of sums is compiled by itself


@dataclass(frozen=True, eq=False)
class Support:
    """Where codes are not 0: `rows` and `atoms` (m,) of the entries, atom by atom from `starts` (k + 1,) on."""

    rows: Any
    atoms: Any
    starts: Any


def support_of(z: Any) -> Support:
    """The support of codes z (n, k); what is not a number counts as active."""
    if is_tensor(z):
        import torch

        atoms, rows = (z != 0).T.nonzero(as_tuple=True)
        counts = torch.bincount(atoms, minlength=z.shape[1])
        return Support(rows, atoms, torch.nn.functional.pad(counts.cumsum(0), (1, 0)))
    return _support_of_array(z)


def _support_of_array(z: Any) -> Support:
    counts = np.zeros(z.shape[1], dtype=np.int64)
    _count(z, counts)
    starts = np.concatenate([[0], np.cumsum(counts)])
    rows = np.empty(starts[-1], dtype=np.int32)
    _fill(z, starts[:-1].copy(), rows)
    return Support(rows, np.repeat(np.arange(z.shape[1], dtype=np.int32), counts), starts)


def dots(support: Support, atoms: Any, samples: Any) -> Any:
    """atoms[p, j] · samples[i] of each entry (i, j): (probes, k, d), (n, d) → (m, probes)."""
    if is_tensor(samples):
        import torch

        step = max(1, CHUNK // atoms.shape[2])
        parts = list(zip(support.atoms.split(step), support.rows.split(step)))
        none = samples.new_zeros(0)
        each = [torch.cat([(own[j] * samples[i]).sum(1) for j, i in parts] or [none]) for own in atoms]
        return torch.stack(each, dim=1)
    found = np.empty((len(support.rows), len(atoms)), dtype=samples.dtype)
    _dots(support.starts, support.rows, atoms, samples, found)
    return found


def add_up(support: Support, values: Sequence[Any], columns: Any, into: Sequence[Any]) -> None:
    """into[v][j] += Σ over the entries (i, j) of values[v] · columns[i]: (m,) each, (n, c) → (k, c) each.

    Together they take little longer than one: most of the time goes into reading the columns of the samples.
    """
    if is_tensor(columns):
        for value, sums in zip(values, into):
            _add_up_tensors(support, value, columns, sums)
        return
    for some in (slice(first, first + TOGETHER) for first in range(0, len(values), TOGETHER)):
        _add_up(support.starts, support.rows, np.stack(values[some]), columns, tuple(into[some]))


def combined(support: Support, values: Any, atoms: Any, n: int) -> Any:
    """Σ over the entries (i, j) of values · atoms[j], one row per sample: (m,), (k, d) → (n, d)."""
    if is_tensor(atoms):
        total = atoms.new_zeros((n, atoms.shape[1]))
        step = max(1, CHUNK // atoms.shape[1])
        for v, j, i in zip(values.split(step), support.atoms.split(step), support.rows.split(step)):
            total.index_add_(0, i, v[:, None] * atoms[j])
        return total
    found = np.zeros((n, atoms.shape[1]), dtype=atoms.dtype)
    _combine(support.starts, support.rows, values, atoms, found)
    return found


def _add_up_tensors(support: Support, values: Any, columns: Any, into: Any) -> None:
    import torch

    shape = len(support.starts) - 1, len(columns)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparse")  # in beta state, and unchecked
        into += torch.sparse_csr_tensor(support.starts, support.rows, values, shape) @ columns


@njit(cache=True, error_model="numpy")
def _count(z: Any, counts: Any) -> None:
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            counts[j] += z[i, j] != 0


@njit(cache=True, error_model="numpy")
def _fill(z: Any, place: Any, rows: Any) -> None:
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            if z[i, j] != 0:
                rows[place[j]] = i
                place[j] += 1


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def _dots(starts: Any, rows: Any, atoms: Any, samples: Any, found: Any) -> None:
    for j in range(len(starts) - 1):
        for e in range(starts[j], starts[j + 1]):
            i = rows[e]
            for p in range(len(atoms)):
                total = found.dtype.type(0)
                for a in range(atoms.shape[2]):
                    total += atoms[p, j, a] * samples[i, a]
                found[e, p] = total


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def _add_up(starts: Any, rows: Any, values: Any, columns: Any, into: Any) -> None:
    total = np.empty((len(into), columns.shape[1]), dtype=columns.dtype)
    for j in range(len(starts) - 1):
        if starts[j] == starts[j + 1]:
            continue
        total[:] = 0
        for e in range(starts[j], starts[j + 1]):
            i = rows[e]
            for v in range(len(into)):
                value = values[v, e]
                for a in range(columns.shape[1]):
                    total[v, a] += value * columns[i, a]
        for v in range(len(into)):
            sums = into[v]
            for a in range(columns.shape[1]):
                sums[j, a] += total[v, a]


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def _combine(starts: Any, rows: Any, values: Any, atoms: Any, found: Any) -> None:
    for j in range(len(starts) - 1):
        for e in range(starts[j], starts[j + 1]):
            value, i = values[e], rows[e]
            for a in range(atoms.shape[1]):
                found[i, a] += value * atoms[j, a]
