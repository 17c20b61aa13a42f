"""An SAE that encodes blocks of samples, and the numbers of its objective."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from checks.evaluation.block import Block, block
from checks.evaluation.lowering import Named
from checks.problem.arrays import is_tensor
from checks.problem.instance import Array
from checks.saes.sae import SAE, Batch


@dataclass(frozen=True, eq=False)
class Coder:
    """An SAE that encodes blocks of samples in their own precision, on their own device.

    relu        its encoder as W (d, k) and c (k,) with codes ReLU((x − b)W + c), if it is one
    parameters  those of its architecture, if not
    like        how arrays are put where the samples are
    """

    sae: SAE
    b: Any
    zero: Any
    D: Any
    atoms: Any
    relu: tuple[Any, Any] | None
    parameters: Mapping[str, Any]
    like: Callable[[Array], Any]
    _rooms: list[Any] = field(default_factory=list, init=False, repr=False)

    @staticmethod
    def of(sae: SAE, like: Callable[[Array], Any]) -> Coder:
        own, parameters = sae.encoder, {}
        if own is None:
            parameters = {name: _tensor(like(array.numpy())) for name, array in sae.parameters.items()}
        relu = None if own is None else (like(own.W_enc.T), like(own.b_enc))
        return Coder(sae, like(sae.b), like(np.zeros(len(sae.b))), like(sae.D), like(sae.D.T), relu, parameters, like)

    @cached_property
    def numbers(self) -> Mapping[str, Array]:
        """The norms of the atoms and the parameters of the objective besides λ."""
        found = {"norm": np.linalg.norm(self.sae.D, axis=0), **self.sae.architecture.numbers(self.sae.D.shape[1])}
        return {name: np.asarray(value, dtype=np.float64) for name, value in found.items()}

    def __call__(self, x: Any) -> tuple[Any, Any]:
        """Samples less the bias, and their codes (n, k), which hold until the next call."""
        y = x - self.b
        if self.relu is None:
            return y, self._codes(x)
        W, c = self.relu
        codes = self._room(len(x))
        if is_tensor(codes):
            import torch

            torch.addmm(c, y, W, out=codes)
            return y, codes.clamp_min_(0)
        np.matmul(y, W, out=codes)
        codes += c
        return y, np.maximum(codes, 0, out=codes)  # NaN stays NaN

    def _room(self, rows: int) -> Any:
        """Where codes of so many samples go: to get so much memory anew takes a tenth of the time of encoding."""
        if not self._rooms or len(self._rooms[0]) < rows:
            self._rooms[:] = [self.like(np.broadcast_to(0.0, (rows, len(self.atoms))))]
        return self._rooms[0][:rows]

    def _codes(self, x: Any) -> Any:
        rows = _tensor(x)
        columns = Batch.of(rows, rows.new_ones(1)).x
        codes = self.sae.architecture.codes(dict(self.parameters), columns)[0].T.contiguous()
        return codes if is_tensor(x) else codes.numpy()

    def block(self, y: Any, codes: Any, more: Mapping[str, Named | Callable[[], Named]]) -> Block:
        """The block of samples less the bias and their codes."""
        return block(y, codes, self.D, self.zero, y[:, 0] * 0 + 1, atoms=self.atoms, more=more)


def _tensor(array: Any) -> Any:
    import torch

    return array if is_tensor(array) else torch.from_numpy(np.require(array, requirements="W"))  # files are read-only


def named(
    numbers: Mapping[str, Array], like: Callable[[Array], Any], atoms: Array | slice | None = None
) -> dict[str, Named]:
    """As symbols. atoms: which of them, if not all."""
    own = slice(None) if atoms is None else atoms
    return {name: Named(like(array[..., own]) if array.ndim else float(array)) for name, array in numbers.items()}
