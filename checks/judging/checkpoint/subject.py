"""A checkpoint made ready to be judged: its arrays, what is asked of it, and the plan of the pass."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Expr, Sum

from checks.data.files import Stream
from checks.errors import BadInput
from checks.evaluation.block import Block, block, of_atoms
from checks.evaluation.lowering import Named
from checks.evaluation.moment_basis import Basis, basis
from checks.evaluation.one_pass import BLOCK, CHOSEN, Plan
from checks.evaluation.quantified import Fixed, fixed, of_samples
from checks.judging.checkpoint.asked import KNOWN, PRICE, Asked, as_asked, promised, reducers, symbols_asked
from checks.judging.subjects import OF_THE_BIAS, STATIONARY_PARAMETERS
from checks.problem.arrays import is_tensor, on_the_processor
from checks.problem.instance import Array
from checks.saes.checkpoints.plain import Checkpoint
from theory.expectation import E
from theory.problem import D, a, j, on, r, xhat, z
from theory.statement import Statement

FEW = 1 << 17  # codes, times probes, that are laid out for a law about each atom of each sample
PILOT = 1  # blocks from which λ and the busy atoms are read before the pass
mean_pull = E(Sum(D[a, j] * r[a], a) * z[j])  # E[z_j d_j·r]
paid_by_all = E(Sum(r[a] * xhat[a], a))
scatter = E(Sum((z[j] * (r[a] - PRICE * D[a, j])) ** 2, a))  # of the terms whose mean A1 says is 0


@dataclass(frozen=True, eq=False)
class Subject:
    """A checkpoint ready to be measured: its arrays in the precision of the samples, on a device, and what is asked.

    lam_given  λ that was given, else None; lam_pilot: that, or what the first blocks say
    """

    checkpoint: Checkpoint
    arrays: Mapping[str, Any]
    like: Callable[[Array], Any]
    quantified: Fixed
    asked: Sequence[Asked]
    skipped: Sequence[Statement]
    basis: Basis
    plan: Plan
    lam_given: float | None
    lam_from: str
    lam_pilot: float
    chosen: Array | None
    _rooms: list[Any] = field(default_factory=list, init=False, repr=False)

    def blocks(self, x: Array) -> tuple[Block, Block | None, Block | None]:
        """The block of these samples, its chosen atoms, and its first few samples. They hold until the next blocks."""
        y, codes = _encoded(self.arrays, self.like(x), self._room(len(x)))
        whole = self._block(y, codes)
        few = max(1, FEW // codes.shape[1])
        return whole, self._chosen(whole), None if few >= len(y) else self._block(y[:few], codes[:few])

    def _room(self, rows: int) -> Any:
        """Where codes of so many samples go: to get so much memory anew takes a tenth of the time of encoding."""
        if not self._rooms or len(self._rooms[0]) < rows:
            self._rooms[:] = [self.like(np.broadcast_to(0.0, (rows, self.checkpoint.sae.D.shape[1])))]
        return self._rooms[0][:rows]

    def _block(self, y: Any, codes: Any) -> Block:
        def residual() -> Any:
            return found.env.arrays["r"].array

        more: dict[str, Named | Callable[[], Named]] = {
            "lambda": Named(self.lam_pilot),
            **self._fixed,
            **of_samples(y, codes, residual, self.lam_pilot),
        }
        arrays = self.arrays
        ones = y[:, 0] * 0 + 1
        found = block(y, codes, arrays["D"], arrays["zero"], ones, atoms=arrays["atoms"], more=more)
        return found

    def _chosen(self, whole: Block) -> Block | None:
        if self.chosen is None:
            return None
        signs = of_samples(None, whole.env.arrays["z"].array[:, self.chosen], lambda: None, 0.0, self.chosen)["sigma"]
        return of_atoms(whole, self.chosen, {**self._fixed_of_chosen, "sigma": signs})

    @cached_property
    def _fixed(self) -> dict[str, Named]:
        return self.quantified.symbols(self.like)

    @cached_property
    def _fixed_of_chosen(self) -> dict[str, Named]:
        return self.quantified.symbols(self.like, self.chosen)


def subject_of(
    checkpoint: Checkpoint,
    samples: Stream,
    statements: Sequence[Statement],
    lam: float | None,
    device: str,
    sure: bool = False,
) -> Subject:
    """Prepare an audit: read λ and the size of things from the first blocks, and plan the pass."""
    sae = checkpoint.sae
    length, width = sae.D.shape
    if samples.d != length:
        raise BadInput(f"the samples have {samples.d} dimensions, the SAE {length}")
    first = next(samples.blocks(BLOCK))
    like = _maker(first.dtype, device)
    arrays = {
        "W": like(sae.W_enc.T),
        "c": like(sae.b_enc),
        "b": like(sae.b),
        "zero": like(np.zeros(length)),
        "D": like(sae.D),
        "atoms": like(sae.D.T),
    }
    pilot = _pilot(arrays, like, samples)
    given = lam if lam is not None else checkpoint.lam
    source = "given" if lam is not None else "of the file" if given is not None else "read off"
    price = pilot.lam if given is None else given
    chosen = None if width <= CHOSEN else _spread(pilot.rate, CHOSEN)
    premises = STATIONARY_PARAMETERS if checkpoint.bias else STATIONARY_PARAMETERS - OF_THE_BIAS
    laws, skipped = promised(statements, premises)
    if sure:
        laws, skipped = laws + skipped, []
    unknown = [law for law in laws if not symbols_asked(law) <= KNOWN]
    laws, skipped = [law for law in laws if law not in unknown], skipped + unknown
    asked = [as_asked(statement) for statement in laws]
    moments = [side for each in asked if not each.per_sample for side in each.claims.sides]
    extra = [mean_pull, E(z[j]), E(on[j]), paid_by_all, scatter, *energies()]
    found = basis([*moments, *extra], kept=[mean_pull])
    key = _fingerprint(arrays, [str(first.dtype), repr(price), *(str(moment) for moment in found.moments)])
    plan = Plan.of(found.moments, reducers(asked), key, None if chosen is None else chosen.tolist())
    return Subject(
        checkpoint,
        arrays,
        like,
        fixed(sae.D, pilot.size),
        asked,
        skipped,
        found,
        plan,
        given,
        source,
        price,
        chosen,
    )


@dataclass(frozen=True, eq=False)
class _Pilot:
    """From the first blocks: λ, how often each latent is active, and ‖r‖ relative to an active code."""

    lam: float
    rate: Array
    size: float


def _pilot(arrays: Mapping[str, Any], like: Callable[[Array], Any], samples: Stream) -> _Pilot:
    paid = total = squares = codes = 0.0
    counts: Any = 0.0
    for _, rows in zip(range(PILOT), samples.blocks(BLOCK)):
        y, code = _encoded(arrays, like(rows), like(np.broadcast_to(0.0, (len(rows), len(arrays["atoms"])))))
        found = block(y, code, arrays["D"], arrays["zero"], y[:, 0] * 0 + 1, atoms=arrays["atoms"])
        r, xhat = found.env.arrays["r"].array, found.env.arrays["xhat"].array
        paid += float((r * xhat).sum())
        total += float(code.sum())
        active = code > 0
        counts = counts + on_the_processor(active.sum(0))
        squares += float((active.sum(1) * (r**2).sum(1)).sum())
        codes += float((code**2).sum())
    return _Pilot(paid / total if total else np.nan, counts, (squares / codes) ** 0.5 if codes else 1.0)


def _encoded(arrays: Mapping[str, Any], x: Any, codes: Any) -> tuple[Any, Any]:
    """Samples less the bias, and their codes, which are written into an array of their shape."""
    y = x - arrays["b"]
    if is_tensor(codes):
        import torch

        torch.addmm(arrays["c"], y, arrays["W"], out=codes)
        return y, codes.clamp_min_(0)
    np.matmul(y, arrays["W"], out=codes)
    codes += arrays["c"]
    return y, np.maximum(codes, 0, out=codes)  # NaN stays NaN


def _maker(dtype: Any, device: str) -> Callable[[Any], Any]:
    """How arrays are put on the device, in the precision of the samples."""
    if device == "cpu":
        return lambda array: np.ascontiguousarray(array, dtype=dtype)
    import torch

    from checks.problem.tensors import usable

    kind = torch.float64 if dtype == np.float64 else torch.float32
    place = usable(device, kind)
    return lambda array: torch.from_numpy(np.array(array, order="C")).to(place, kind)  # a copy: files are read-only


def _spread(rate: Array, count: int) -> Array:
    """Atoms of all degrees of activity, live ones before dead ones, in order of number."""
    ranked = np.argsort(-rate, kind="stable")
    live = max(int((rate > 0).sum()), count)
    return np.sort(ranked[np.linspace(0, live - 1, count).astype(int)])


def _fingerprint(arrays: Mapping[str, Any], settings: Sequence[str]) -> str:
    digest = hashlib.sha256("\n".join(settings).encode())
    for name in ("W", "c", "b", "D"):
        array = arrays[name]
        digest.update(np.ascontiguousarray(array.cpu().numpy() if hasattr(array, "cpu") else array).tobytes())
    return digest.hexdigest()


def energies() -> list[Expr]:
    return [E(Sum(r[a] ** 2, a)), E(Sum((r[a] + xhat[a]) ** 2, a))]
