"""What can be known of a checkpoint from its activations: its λ, how converged it is, and whether it keeps the laws.

Everything is measured in one pass over the samples (`checks.evaluation.one_pass`), in coordinates where the decoder
bias is 0. Laws are those of the objective of its architecture which follow from what that promises. Each is judged by
its violation relative to that of its nearest control, as at trained SAEs (`checks.judging.approximate`). Beside it
stand an interval and a noise floor: what the finite sample alone would show of an SAE that is exactly converged.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from checks.data.files import Stream
from checks.errors import BadInput
from checks.evaluation.one_pass import Pass, block_length, take
from checks.judging.checkpoint.measured import Features, Measured
from checks.judging.checkpoint.subject import Subject, energies, subject_of
from checks.judging.checkpoint.verdicts import Law, interval_of
from checks.judging.verdict import Verdict
from checks.problem.instance import Array
from checks.saes.checkpoints.plain import Checkpoint
from theory.expectation import E
from theory.problem import L1, j, on
from theory.statement import Statement

EXACT = 256  # samples whose codes are optimised
SAVED_EVERY = 60.0  # seconds
GROUPS = 8  # of shards, which are left out in turn when a law is judged: a latent's λ is read without each shard
Progress = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Audit:
    """What an audit found.

    lam        λ at which laws are judged, NaN if none is known, and where it comes from
    lam_read   λ over all latents together, with its 95 % interval; NaN if active units pay none
    gap        what the encoder loses to optimal codes, relative to their objective, on `gap_samples` samples; NaN for
               another objective than L1
    skipped    laws that were not measured: no checkpoint can break them, they need a λ that is not known, or a pass has
               no room for what they mention
    """

    architecture: str
    rows: int
    d: int
    k: int
    lam: float
    lam_from: str
    lam_read: float
    lam_interval: tuple[float, float]
    features: Features
    laws: Sequence[Law]
    skipped: Sequence[Statement]
    gap: float
    gap_samples: int
    active: float
    explained: float

    @property
    def agrees(self) -> bool:
        """Whether there was a law to judge, and none that converged parameters must keep is seen to fail."""
        return self.judged and all(law.verdict is not Verdict.FALSIFIED for law in self.laws)

    @property
    def judged(self) -> bool:
        """Whether there was a law to judge: there is none where no latent is active."""
        return any(law.verdict is not Verdict.VACUOUS for law in self.laws)


def audit(
    checkpoint: Checkpoint,
    samples: Stream,
    statements: Sequence[Statement],
    *,
    lam: float | None = None,
    device: str = "cpu",
    resume: Path | None = None,
    sure: bool = False,
    progress: Progress = lambda what, fraction: None,
) -> Audit:
    """Audit an SAE on samples of any number, in one pass.

    lam: λ at which laws are judged; if None that of the file, else what the pass reads. resume: a saved pass, which is
    gone on with if it is there, and is kept up to date. sure: also measure what no checkpoint can break. Raises
    BadInput if samples and SAE do not fit, or if a sample or a residual is not finite.
    """
    subject = subject_of(checkpoint, samples, statements, lam, device, sure)
    done = Pass(subject.plan.subject)
    if resume is not None and resume.exists():
        done = Pass.load(resume)
        if done.subject != subject.plan.subject:
            raise BadInput(f"{resume}: a pass over another SAE, other activations or with other settings")
    collect(subject, samples, done, resume, progress)
    progress("optimal codes", 1.0)
    return conclude(subject, done, amortisation_gap(subject, samples, done))


def collect(subject: Subject, samples: Stream, done: Pass, saved: Path | None, progress: Progress) -> None:
    """Take all samples that a pass has not seen yet."""
    last = time.monotonic()
    for rows in samples.blocks(block_length(samples.n, subject.checkpoint.sae.D.shape[1]), done.rows):
        with uninterrupted() as interrupted:
            take(done, subject.plan, *subject.blocks(rows))
        progress(f"{done.rows} of {samples.n} samples", done.rows / samples.n)
        if saved is not None and (interrupted or time.monotonic() - last > SAVED_EVERY):
            done.save(saved)
            last = time.monotonic()
        if interrupted:
            raise KeyboardInterrupt
    if saved is not None:
        done.save(saved)


@contextmanager
def uninterrupted() -> Iterator[list[int]]:
    """Holds an interrupt back until the block is whole: half of it would be worth nothing. Only in a main thread."""
    held: list[int] = []
    try:
        before = signal.signal(signal.SIGINT, lambda number, frame: held.append(number))
    except ValueError:
        yield held
        return
    try:
        yield held
    finally:
        signal.signal(signal.SIGINT, before)


def conclude(subject: Subject, done: Pass, gap: tuple[float, int]) -> Audit:
    """Everything that a pass tells."""
    measured = Measured(subject, done)
    shards = [(shard,) for shard in done.filled]
    few = [tuple(map(int, some)) for some in np.array_split(done.filled, min(GROUPS, len(done.filled)))]
    read = measured.lam_read(())
    again = [measured.lam_read(shard) for shard in shards]
    left, whole = (float(measured.value(energy)) for energy in energies())
    return Audit(
        architecture=subject.checkpoint.sae.architecture.name,
        rows=done.rows,
        d=subject.checkpoint.sae.D.shape[0],
        k=subject.checkpoint.sae.D.shape[1],
        lam=read if subject.lam_given is None else subject.lam_given,
        lam_from=subject.lam_from,
        lam_read=read,
        lam_interval=interval_of(read, np.array(again)),
        features=measured.features(shards),
        laws=[measured.law(each, few) for each in subject.asked],
        skipped=subject.skipped,
        gap=gap[0],
        gap_samples=gap[1],
        active=float(measured.of_atoms(E(on[j])).sum()),
        explained=1 - left / whole if whole else np.nan,
    )


def amortisation_gap(subject: Subject, samples: Stream, done: Pass) -> tuple[float, int]:
    """What the encoder loses to optimal codes on a few samples from all over, relative; and on how many.

    None where no code is optimal, as λ is unknown or, read off an SAE that is far from converged, negative.
    """
    from checks.solvers.codes import codes

    sae, price = subject.checkpoint.sae, Measured(subject, done).lam_at(())
    if sae.architecture.objective is not L1 or not 0 <= price < np.inf:
        return np.nan, 0
    x = samples.spread(EXACT).astype(np.float64)
    z = sae.encode(x)

    def cost(codes: Array) -> float:
        return float(((x - sae.b - codes @ sae.D.T) ** 2).sum() / 2 + price * codes.sum())

    best = cost(codes(x - sae.b, sae.D, price).Z)
    return (cost(z) - best) / best if best > 0 else np.nan, len(x)
