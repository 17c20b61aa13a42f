"""Values of what claims are made "for every" value of, at sizes where there is no room for arrays of them.

As in `checks.evaluation.quantifiers` they share one axis; here there are few, signs are computed where they are asked
for, and only what laws of stationary parameters mention is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from checks.evaluation.lowering import SAMPLE, Named
from checks.evaluation.quantifiers import PROBE
from checks.problem.arrays import is_tensor
from checks.problem.instance import Array

PROBES = 2
QUANTIFIED = frozenset({"u", "s", "D_dot", "w", "room", "sigma", "x2", "r2", "z2", "w2", "room2"})
FEW = 64  # atoms
HAIR = 2.0**-20  # how far inside the unit ball its points stay, so that rounding does not put them outside


@dataclass(frozen=True, eq=False)
class Fixed:
    """Those that do not depend on the sample: a direction u (probes, d), a number s, tangent motions (probes, k, d)."""

    u: Array
    s: Array
    motion: Array

    def symbols(self, like: Callable[[Array], Any], chosen: Any = None) -> dict[str, Named]:
        """By name, as arrays of some kind. chosen: the atoms that there are, if not all."""
        motion = self.motion if chosen is None else self.motion[:, chosen]
        return {
            "u": Named(like(self.u), (PROBE,)),
            "s": Named(like(self.s), (PROBE,)),
            "D_dot": Named(like(motion).swapaxes(1, 2), (PROBE,)),  # each motion stays in one piece
        }


def fixed(D: Array, size: float, precision: np.dtype[Any]) -> Fixed:
    """For atoms D (d, k), whose codes and residuals are of about this size. precision: of the motions."""
    rng = np.random.default_rng(0)
    d, k = D.shape
    u = rng.standard_normal((PROBES, d))
    motion = np.empty((PROBES, k, d), dtype=precision)
    for first in range(0, k, FEW):  # a few atoms at a time stay in cache
        atoms = np.ascontiguousarray(D[:, first : first + FEW].T, dtype=precision)
        step = rng.standard_normal((PROBES, *atoms.shape), dtype=precision)
        step -= atoms * np.einsum("pja,ja->pj", step, atoms)[:, :, None]
        length = np.sqrt(np.einsum("pja,pja->pj", step, step)) * 2.0 ** np.arange(PROBES)[:, None]
        np.divide(step, length[:, :, None], out=motion[:, first : first + FEW])
    return Fixed(u / np.linalg.norm(u, axis=1, keepdims=True), size * np.ldexp(1.0, np.arange(PROBES)), motion)


def of_samples(x: Any, z: Any, r: Callable[[], Any], lam: float, atoms: Any = None) -> dict[str, Callable[[], Named]]:
    """Those that each sample has its own of; x (n, d) less the bias. atoms: numbers of the atoms of z, if not all.

    w is the best point of the ball for W1, and half of it; the second sample of a pair is another one of the block.
    """
    ball: dict[str, Any] = {}

    def w() -> Any:
        if not ball:
            length = (x**2).sum(1) ** 0.5
            reach = length * (length > lam) + lam * (length <= lam) + (length + lam == 0)
            best = x * ((1 - HAIR) / reach)[:, None]
            ball["w"] = _stacked([best, best / 2])
        return ball["w"]

    def room(point: Any) -> Any:
        left = 1 - (point**2).sum(-1)
        return left * (left > 0)

    def named(value: Callable[[], Any]) -> Callable[[], Named]:
        return lambda: Named(value(), (SAMPLE, PROBE))

    return {
        "w": named(w),
        "room": named(lambda: room(w())),
        "sigma": named(lambda: Signs(z, atoms)),
        "x2": named(lambda: _others(x)),
        "r2": named(lambda: _others(r())),
        "z2": named(lambda: _others(z)),
        "w2": named(lambda: _others_of_each(w())),
        "room2": named(lambda: room(_others_of_each(w()))),
    }


@dataclass(frozen=True, eq=False)
class Signs:
    """A sign for each sample, probe and atom, which looks like chance: an array that is never laid out."""

    z: Any
    atoms: Any = None

    def __getitem__(self, at: tuple[Any, Any]) -> Any:
        rows, atoms = at
        names = atoms if self.atoms is None else self.atoms[atoms]
        if is_tensor(rows):
            return _stacked([self._signs(rows, names, p) for p in range(PROBES)]).to(self.z.dtype)
        columns = [self._signs(rows.astype(np.int64), names.astype(np.int64), p) for p in range(PROBES)]
        return np.stack(columns, axis=1).astype(self.z.dtype)

    @staticmethod
    def _signs(rows: Any, atoms: Any, probe: int) -> Any:
        mixed = (rows * 1_000_003 + atoms * 7_919 + probe * 104_729) * 2_654_435_761
        return 1 - 2 * ((mixed >> 17) & 1)


def _others(values: Any) -> Any:
    """The values of another sample for each, one pairing per probe: (n, …) → (n, PROBES, …)."""
    return _stacked([_rolled(values, p) for p in range(PROBES)])


def _others_of_each(values: Any) -> Any:
    return _stacked([_rolled(values[:, p], p) for p in range(PROBES)])


def _rolled(values: Any, probe: int) -> Any:
    step = max(1, len(values) * (probe + 1) // (PROBES + 1))
    return values.roll(-step, 0) if is_tensor(values) else np.roll(values, -step, 0)


def _stacked(values: list[Any]) -> Any:
    """One axis for the probes after the first; each value stays in one piece."""
    if is_tensor(values[0]):
        import torch

        return torch.stack(values).swapaxes(0, 1)
    return np.stack(values).swapaxes(0, 1)
