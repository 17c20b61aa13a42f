"""A checkpoint made ready to be judged: its arrays, what is asked of it, and the plan of the pass."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Expr, Sum

from checks.data.files import Stream
from checks.errors import BadInput
from checks.evaluation.block import Block, of_atoms, while_alive
from checks.evaluation.lowering import Named
from checks.evaluation.moment_basis import Basis, basis
from checks.evaluation.one_pass import BLOCK, CHOSEN, Pass, Plan, take
from checks.evaluation.quantified import Fixed, fixed, of_samples
from checks.judging.checkpoint.asked import (
    KNOWN,
    PRICE,
    Asked,
    as_asked,
    conditions_of,
    of_an_atom,
    promised,
    reducers,
    scatter,
    symbols_asked,
)
from checks.judging.checkpoint.coder import Coder, named
from checks.judging.checkpoint.reading import Reading, ratio
from checks.problem.arrays import on_the_processor
from checks.problem.instance import Array
from checks.saes.checkpoints.plain import Checkpoint
from checks.saes.sae import SAE
from theory.expectation import E
from theory.problem import a, j, on, r, xhat, z
from theory.statement import Statement

FEW = 1 << 17  # codes, times probes, that are laid out for a law about each atom of each sample
PILOT = 1  # blocks from which λ and the busy atoms are read before the pass
ROWS = 64  # samples by which data are recognised


@dataclass(frozen=True, eq=False)
class Subject:
    """A checkpoint ready to be measured: its arrays in the precision of the samples, on a device, and what is asked.

    lam_given  λ that was given, else None; lam_pilot: that, or what the first blocks say
    """

    checkpoint: Checkpoint
    encode: Coder
    like: Callable[[Array], Any]
    reading: Reading
    quantified: Fixed
    asked: Sequence[Asked]
    skipped: Sequence[Statement]
    basis: Basis
    plan: Plan
    lam_given: float | None
    lam_from: str
    lam_pilot: float
    chosen: Array | None

    def blocks(self, x: Array) -> tuple[Block, Block | None, Block | None]:
        """The block of these samples, its chosen atoms, and its first few samples. They hold until the next blocks."""
        y, codes = self.encode(self.like(x))
        whole = self._block(y, codes)
        few = max(1, FEW // codes.shape[1])
        return whole, self._chosen(whole), None if few >= len(y) else self._block(y[:few], codes[:few])

    def _block(self, y: Any, codes: Any) -> Block:
        def residual() -> Any:
            return whole().env.arrays["r"].array

        more: dict[str, Named | Callable[[], Named]] = {
            "lambda": Named(self.lam_pilot),
            **self._fixed,
            **of_samples(y, codes, residual, self.lam_pilot),
        }
        found = self.encode.block(y, codes, more)
        whole = while_alive(found)
        return found

    def _chosen(self, whole: Block) -> Block | None:
        if self.chosen is None:
            return None
        signs = of_samples(None, whole.env.arrays["z"].array[:, self.chosen], lambda: None, 0.0, self.chosen)["sigma"]
        return of_atoms(whole, self.chosen, {**self._fixed_of_chosen, "sigma": signs})

    @cached_property
    def _fixed(self) -> dict[str, Named]:
        return {**self.quantified.symbols(self.like), **named(self.encode.numbers, self.like)}

    @cached_property
    def _fixed_of_chosen(self) -> dict[str, Named]:
        numbers = named(self.encode.numbers, self.like, self.chosen)
        return {**self.quantified.symbols(self.like, self.chosen), **numbers}


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
    kind, encode = sae.architecture, Coder.of(sae, like)
    objective = kind.objective
    reading = Reading.of(objective)
    pilot = _pilot(encode, like, reading, samples)
    given = lam if lam is not None else checkpoint.lam
    if given is None and not kind.shrinks:
        given, source = np.nan, "not in the file, and not to be read off: active units pay nothing"
    else:
        source = "given" if lam is not None else "of the file" if given is not None else "read off"
    price = pilot.lam if given is None else given
    chosen = None if width <= CHOSEN else _spread(pilot.rate, CHOSEN)
    laws, skipped = promised(statements, objective, conditions_of(checkpoint))
    if sure:
        laws, skipped = laws + skipped, []
    known = KNOWN | objective.parameters
    if given is not None and np.isnan(given):
        known -= {str(PRICE)}
    all_asked = [as_asked(statement, objective) for statement in laws]
    asked = [each for each in all_asked if symbols_asked(each) <= known]
    skipped = skipped + [each.statement for each in all_asked if each not in asked]
    moments = [side for each in asked if not each.per_sample for side in each.claims.sides]
    extra = [reading.paid, reading.pull, E(z[j]), E(on[j]), *_scatters(asked), *energies()]
    found = basis([*moments, *extra], kept=reading.kept)
    settings = [str(first.dtype), repr(price), *(str(moment) for moment in found.moments)]
    key = _fingerprint(sae, samples, settings)
    plan = Plan.of(found.moments, reducers(asked), key, None if chosen is None else chosen.tolist())
    return Subject(
        checkpoint,
        encode,
        like,
        reading,
        fixed(sae.D, pilot.size, np.result_type(first.dtype, np.float32)),
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


def _pilot(encode: Coder, like: Callable[[Array], Any], reading: Reading, samples: Stream) -> _Pilot:
    found = basis([reading.paid, reading.pull], kept=reading.kept)
    done, collected = Pass("pilot"), Plan.of(found.moments, [], "pilot")
    squares = codes = 0.0
    counts: Any = 0.0
    for _, rows in zip(range(PILOT), samples.blocks(BLOCK)):
        y, code = encode(like(rows))
        some = encode.block(y, code, named(encode.numbers, like))
        take(done, collected, some)
        active = code > 0
        counts = counts + on_the_processor(active.sum(0))
        squares += float((active.sum(1) * (some.env.arrays["r"].array ** 2).sum(1)).sum())
        codes += float((code**2).sum())
    symbols = {"D": Named(encode.sae.D), **named(encode.numbers, np.asarray)}
    pull, paid = reading.at(found, done.means(found.moments), symbols)
    return _Pilot(float(ratio(pull.sum(), paid.sum())), counts, (squares / codes) ** 0.5 if codes else 1.0)


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


def _fingerprint(sae: SAE, samples: Stream, settings: Sequence[str]) -> str:
    """What a pass is the same pass as: its SAE, its settings and its data, of which some rows stand for all."""
    digest = hashlib.sha256("\n".join([repr(sae.architecture), str(samples.n), *settings]).encode())
    for array in (*(sae.tensors[name] for name in sorted(sae.tensors)), samples.spread(ROWS)):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _scatters(asked: Sequence[Asked]) -> list[Expr]:
    law = of_an_atom(asked)
    return [] if law is None else [scatter(law)]


def energies() -> list[Expr]:
    return [E(Sum(r[a] ** 2, a)), E(Sum((r[a] + xhat[a]) ** 2, a))]
