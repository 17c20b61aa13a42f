"""What can be known of a checkpoint from its activations: its λ, how converged it is, and whether it keeps the laws.

Everything is measured in one pass over the samples (`checks.evaluation.one_pass`), in coordinates where the decoder
bias is 0. Laws are those of the objective of its architecture which follow from what that promises. Each is judged by
its violation relative to that of its nearest rival, as at trained SAEs (`checks.judging.approximate`). Beside it stand
an interval and a noise floor: what the finite sample alone would show of an SAE that is exactly converged.
"""

from __future__ import annotations

import hashlib
import signal
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from sympy import Expr, Idx, Indexed, KroneckerDelta, Sum, Symbol
from sympy.core.relational import Relational

from checks.data.files import Stream
from checks.errors import BadInput
from checks.evaluation.block import Block, block, of_atoms
from checks.evaluation.lowering import SAMPLE, Env, Named, evaluate, label, symbols_of
from checks.evaluation.moment_basis import Basis, basis, indices, per_sample_form
from checks.evaluation.one_pass import BLOCK, CHOSEN, Pass, Plan, Reducer, block_length, is_of_pairs, take
from checks.evaluation.quantified import QUANTIFIED, Fixed, fixed, of_samples
from checks.judging.approximate import NEARER, normalised, telling
from checks.judging.subjects import OF_THE_BIAS
from checks.judging.verdict import Claims, Mask, Verdict, judged_entries, sides, violation_of
from checks.problem.arrays import is_tensor, on_the_processor
from checks.problem.instance import Array
from checks.saes.checkpoints.plain import Checkpoint
from checks.saes.sae import SAE, Batch
from theory.derive import conditions
from theory.expectation import E, depends_on_sample
from theory.problem import (
    L1,
    D,
    G,
    M,
    Objective,
    R,
    a,
    amount,
    b,
    d,
    j,
    k,
    lam,
    lam2,
    norm,
    off,
    on,
    q,
    r,
    source,
    x,
    xhat,
    z,
)
from theory.statement import Statement, Status, claimed

PRICE = Symbol("lambda", nonnegative=True)  # one λ for all samples
FEW = 1 << 17  # codes, times probes, that are laid out for a law about each atom of each sample
PILOT = 1  # blocks from which λ and the busy atoms are read before the pass
TOGETHER = 512  # atoms whose laws are evaluated at once, so that arrays stay in cache
EXACT = 256  # samples whose codes are optimised
SAVED_EVERY = 60.0  # seconds

GROUPS = 8  # of shards, which are left out in turn when a law is judged: a latent's λ is read without each shard

Group = tuple[int, ...]  # shards that are left out
Progress = Callable[[str, float], None]

KNOWN = frozenset(map(str, (x, z, D, r, R, xhat, on, off, b, G, norm, PRICE, lam))) | QUANTIFIED
OF_AN_ATOM = ("A1", "N2", "M1")  # what says of each atom that it is stationary: of unit norm, of any norm, nested


@dataclass(frozen=True, eq=False)
class Law:
    """A law at a checkpoint.

    violation  normalised: 0 if the law holds exactly, 1 if it is no better than its nearest rival; NaN if not judged
    interval   of the violation, 95 %; None where the shards cannot tell
    noise      the violation that sampling alone would show of an SAE that keeps the law exactly; None as well
    of         what it is judged on
    """

    statement: Statement
    verdict: Verdict
    violation: float
    interval: tuple[float, float] | None = None
    noise: float | None = None
    of: str = "all"


@dataclass(frozen=True, eq=False)
class Features:
    """Figures of each latent, (k,). NaN for a latent that is never active.

    rate       share of samples on which it is active
    lam        λ as it reads off the latent (A5), and its standard error
    violation  of atom stationarity (A1), normalised, with what sampling alone would show; NaN where no rival tells
    """

    rate: Array
    lam: Array
    lam_error: Array
    violation: Array
    noise: Array

    @property
    def live(self) -> Mask:
        return np.asarray(self.rate > 0)


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
        """Whether no law that converged parameters must keep is seen to fail."""
        return all(law.verdict is not Verdict.FALSIFIED for law in self.laws)


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
            raise BadInput(f"{resume}: a pass over another SAE or with other settings")
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


# --- what is asked ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Asked:
    """A law as it is evaluated: its claims with one λ, and those in terms of moments."""

    statement: Statement
    claims: Claims
    per_sample: bool

    @cached_property
    def pairs(self) -> bool:
        """Whether it is about pairs of atoms."""
        relations = (*self.claims.relations, *(each for rival in self.claims.rivals.values() for each in rival))
        return any(len(_atoms_of(relation)) > 1 for relation in relations)


def promised(
    statements: Sequence[Statement], objective: Objective, premises: Collection[str]
) -> tuple[list[Statement], list[Statement]]:
    """The proved laws of an objective that these conditions imply, and those among them that hold of any SAE.

    The latter need no condition, or unit norms alone, which reading a checkpoint brings about.
    """
    own = claimed(statements, objective)
    held = [s for s in own if s.status is Status.PROVED and s.premises <= frozenset(premises)]
    return [s for s in held if s.premises - {"unit"}], [s for s in held if not s.premises - {"unit"}]


def conditions_of(checkpoint: Checkpoint) -> frozenset[str]:
    """The conditions that a checkpoint meets if it is converged."""
    promises = checkpoint.sae.architecture.promises
    return promises if checkpoint.bias else promises - OF_THE_BIAS


def _symbols_asked(asked: Asked) -> frozenset[str]:
    relations = [relation for _, relations in _sets(asked.claims) for relation in relations]
    sides = tuple(side for relation in relations for side in relation.args)
    return symbols_of(sides) - {label(index) for side in sides for index in side.atoms(Idx)} - {"d", "k", "p"}


def _asked(statement: Statement, objective: Objective) -> Asked:
    own = _mapped(telling(statement, objective), lambda relation: _with_sides(relation, _concrete))
    per_sample = any(depends_on_sample(side) for side in own.sides)
    if per_sample:
        own = _mapped(own, lambda relation: _with_sides(relation, per_sample_form))
    return Asked(statement, own, per_sample)


def _concrete(side: Expr) -> Expr:
    """One λ for all samples; the coordinates of x as the sources that make it up, as b is 0 here."""
    side = side.xreplace({lam: PRICE, lam2: PRICE, q.upper + 1: d})
    side = side.replace(
        lambda part: isinstance(part, Indexed) and part.base == amount,
        lambda part: x[part.indices],
    )
    return side.replace(
        lambda part: isinstance(part, Indexed) and part.base == source, lambda part: KroneckerDelta(*part.indices)
    )


def _mapped(claims: Claims, change: Callable[[Relational], Relational]) -> Claims:
    def all_of(relations: Sequence[Relational]) -> tuple[Relational, ...]:
        return tuple(map(change, relations))

    rivals = {name: all_of(rival) for name, rival in claims.rivals.items()}
    return replace(claims, relations=all_of(claims.relations), rivals=rivals, given=all_of(claims.given))


def _with_sides(relation: Relational, change: Callable[[Expr], Expr]) -> Relational:
    return relation.func(*map(change, relation.args), evaluate=False)


def _atoms_of(relation: Relational) -> set[Idx]:
    return {index for side in relation.args for index in indices(side) if index.upper + 1 == k}


# --- how λ reads off -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Reading:
    """Scale stationarity (A5) of an objective, E[z_j φ'(z_j)] = E[z_j d_j·r], each side as a mean: it knows λ.

    paid  the first, in terms of λ
    pull  the second, with the residuals of all prefixes that have the atom
    """

    paid: Expr
    pull: Expr

    @staticmethod
    def of(objective: Objective) -> Reading:
        residual, scale = objective.residual, conditions(objective)["scale"].residual
        of_prefix = M[residual.indices[0], j] if residual.base == R else 1
        pull = E(Sum(of_prefix * D[a, j] * residual, *residual.indices) * z[j])
        left_over = {mean: 0 for mean in scale.atoms(E) if mean.has(residual.base)}
        return Reading(_concrete(objective.specialise(scale.xreplace(left_over))), pull)

    def at(self, found: Basis, means: Mapping[E, Named], symbols: Mapping[str, Named]) -> tuple[Array, Array]:
        """Per latent, (k,): the pull beyond what is paid without a λ, and what is paid for each λ."""
        sizes = _sizes(symbols)

        def value(expression: Expr, price: float) -> Array:
            env = Env({**symbols, "lambda": Named(price)}, sizes, means=found.means(means))
            return np.broadcast_to(evaluate(found.forms[expression], env).array, (sizes["k"],))

        free = value(self.paid, 0.0)
        return value(self.pull, 0.0) - free, value(self.paid, 1.0) - free


def _ratio(part: Any, whole: Any) -> Any:
    """part / whole; NaN where there is no whole."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.asarray(whole) > 0, np.divide(part, whole), np.nan)


def _sizes(symbols: Mapping[str, Named]) -> dict[str, int]:
    length, width = symbols["D"].array.shape
    return {"d": length, "k": width, "g": len(symbols["M"].array) if "M" in symbols else 1}


def _numbers(sae: SAE, atoms: Array | slice | None = None) -> dict[str, Array]:
    """The norms of the atoms and the parameters of the objective besides λ; atoms: which of them, if not all."""
    kind = sae.architecture
    found = {"norm": np.linalg.norm(sae.D, axis=0), **kind.numbers(sae.D.shape[1])}
    arrays = {name: np.asarray(value, dtype=np.float64) for name, value in found.items()}
    return {name: array if atoms is None or array.ndim == 0 else array[..., atoms] for name, array in arrays.items()}


# --- the subject -----------------------------------------------------------------------------------------------------


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
        """The block of these samples, its chosen atoms, and its first few samples."""
        y, codes = self.encode(self.like(x))
        whole = self._block(y, codes)
        few = max(1, FEW // codes.shape[1])
        return whole, self._chosen(whole), None if few >= len(y) else self._block(y[:few], codes[:few])

    def _block(self, y: Any, codes: Any) -> Block:
        def residual() -> Any:
            return found.env.arrays["r"].array

        more: dict[str, Named | Callable[[], Named]] = {
            "lambda": Named(self.lam_pilot),
            **self._fixed,
            **of_samples(y, codes, residual, self.lam_pilot),
        }
        found = self.encode.block(y, codes, more)
        return found

    def _chosen(self, whole: Block) -> Block | None:
        if self.chosen is None:
            return None
        signs = of_samples(None, whole.env.arrays["z"].array[:, self.chosen], lambda: None, 0.0, self.chosen)["sigma"]
        return of_atoms(whole, self.chosen, {**self._fixed_of_chosen, "sigma": signs})

    @cached_property
    def _fixed(self) -> dict[str, Named]:
        return {**self.quantified.symbols(self.like), **_named(_numbers(self.checkpoint.sae), self.like)}

    @cached_property
    def _fixed_of_chosen(self) -> dict[str, Named]:
        numbers = _named(_numbers(self.checkpoint.sae, self.chosen), self.like)
        return {**self.quantified.symbols(self.like, self.chosen), **numbers}


def _named(numbers: Mapping[str, Array], like: Callable[[Array], Any]) -> dict[str, Named]:
    return {name: Named(like(array) if array.ndim else float(array)) for name, array in numbers.items()}


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
    all_asked = [_asked(statement, objective) for statement in laws]
    asked = [each for each in all_asked if _symbols_asked(each) <= known]
    skipped = skipped + [each.statement for each in all_asked if each not in asked]
    moments = [side for each in asked if not each.per_sample for side in each.claims.sides]
    extra = [reading.paid, reading.pull, E(z[j]), E(on[j]), *_scatters(asked), *_energies()]
    found = basis([*moments, *extra], kept=_kept(reading))
    key = _fingerprint(sae, [str(first.dtype), repr(price), *(str(moment) for moment in found.moments)])
    plan = Plan.of(found.moments, _reducers(asked), key, None if chosen is None else chosen.tolist())
    return Subject(
        checkpoint,
        encode,
        like,
        reading,
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


def _pilot(encode: Coder, like: Callable[[Array], Any], reading: Reading, samples: Stream) -> _Pilot:
    numbers = _numbers(encode.sae)
    found = basis([reading.paid, reading.pull], kept=_kept(reading))
    done, collected = Pass("pilot"), Plan.of(found.moments, [], "pilot")
    squares = codes = 0.0
    counts: Any = 0.0
    for _, rows in zip(range(PILOT), samples.blocks(BLOCK)):
        y, code = encode(like(rows))
        some = encode.block(y, code, _named(numbers, like))
        take(done, collected, some)
        active = code > 0
        counts = counts + on_the_processor(active.sum(0))
        squares += float((active.sum(1) * (some.env.arrays["r"].array ** 2).sum(1)).sum())
        codes += float((code**2).sum())
    symbols = {"D": Named(encode.sae.D), **_named(numbers, np.asarray)}
    pull, paid = reading.at(found, done.means(found.moments), symbols)
    return _Pilot(float(_ratio(pull.sum(), paid.sum())), counts, (squares / codes) ** 0.5 if codes else 1.0)


def _kept(reading: Reading) -> list[E]:
    """The pull as a moment of its own, of few numbers; with many prefixes it is taken from a larger one."""
    return [] if reading.pull.has(R) else [reading.pull]


@dataclass(frozen=True, eq=False)
class Coder:
    """An SAE that encodes blocks of samples in their own precision, on their own device.

    relu        its encoder as W (d, k) and c (k,) with codes ReLU((x − b)W + c), if it is one
    parameters  those of its architecture, if not
    """

    sae: SAE
    b: Any
    zero: Any
    D: Any
    atoms: Any
    relu: tuple[Any, Any] | None
    parameters: Mapping[str, Any]

    @staticmethod
    def of(sae: SAE, like: Callable[[Array], Any]) -> Coder:
        own, parameters = sae.encoder, {}
        if own is None:
            parameters = {name: _tensor(like(array.numpy())) for name, array in sae.parameters.items()}
        relu = None if own is None else (like(own.W_enc.T), like(own.b_enc))
        return Coder(sae, like(sae.b), like(np.zeros(len(sae.b))), like(sae.D), like(sae.D.T), relu, parameters)

    def __call__(self, x: Any) -> tuple[Any, Any]:
        """Samples less the bias, and their codes (n, k)."""
        y = x - self.b
        if self.relu is None:
            return y, self._codes(x)
        W, c = self.relu
        codes = y @ W
        codes += c
        return y, codes.clamp_min_(0) if is_tensor(codes) else np.maximum(codes, 0, out=codes)  # NaN stays NaN

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


def _fingerprint(sae: SAE, settings: Sequence[str]) -> str:
    digest = hashlib.sha256("\n".join([repr(sae.architecture), *settings]).encode())
    for name in sorted(sae.tensors):
        digest.update(np.ascontiguousarray(sae.tensors[name]).tobytes())
    return digest.hexdigest()


def _scatters(asked: Sequence[Asked]) -> list[Expr]:
    law = _of_an_atom(asked)
    return [] if law is None else [_scatter(law)]


def _of_an_atom(asked: Sequence[Asked]) -> Asked | None:
    """The law of the objective that is about each atom, if there is anything to set it against."""
    return next((each for each in asked if each.statement.id in OF_AN_ATOM and each.claims.rivals), None)


def _scatter(law: Asked) -> Expr:
    """How far the terms whose mean is 0 by the law of an atom are from 0: the mean of their squares."""
    relation = law.claims.relations[0]
    terms = (relation.lhs - relation.rhs).replace(E, lambda inner: inner)
    return E(Sum(terms**2, a))


def _energies() -> list[Expr]:
    return [E(Sum(r[a] ** 2, a)), E(Sum((r[a] + xhat[a]) ** 2, a))]


# --- laws of each sample ---------------------------------------------------------------------------------------------


def _reducers(asked: Sequence[Asked]) -> list[Reducer]:
    found = []
    for each in asked:
        if each.per_sample:
            for n, (_, relations) in enumerate(_sets(each.claims)):
                for m, relation in enumerate(relations):
                    of_few = any(_has_atoms(part) for part in (*each.claims.relations, relation))
                    rows = partial(_squares_of_rows, relation, each.claims.given)
                    found.append(Reducer(_name(each, n, m), rows, of_few))
    return found


def _has_atoms(relation: Relational) -> bool:
    return bool(_atoms_of(relation))


def _squares_of_rows(relation: Relational, given: Sequence[Relational], env: Env) -> Any:
    """The squared violation of each sample, over all else that a relation has entries for."""
    left, right = sides(relation, env)
    pair = [Named(on_the_processor(side.array), side.axes) for side in (left, right)]
    violation = _violation(relation, *pair)
    squares = np.where(_is_rounding(violation, pair, env), 0.0, violation**2)
    own = tuple(n for n, axis in enumerate(left.axes) if axis != SAMPLE)
    return squares.sum(axis=own)


def _violation(relation: Relational, left: Named, right: Named) -> Array:
    difference = left.array - right.array
    if relation.rel_op == "==":
        return np.abs(difference)
    return np.maximum(difference if relation.rel_op == "<=" else -difference, 0.0)


def _is_rounding(violation: Array, pair: Sequence[Named], env: Env) -> Any:
    eps = np.finfo(np.float64 if "64" in str(env.arrays["x"].array.dtype) else np.float32).eps
    size = sum(np.abs(side.array) for side in pair)
    return violation <= 16 * eps * size


def _name(asked: Asked, claim: int, relation: int) -> str:
    return f"{asked.statement.id}, claim {claim}, relation {relation}"


def _sets(claims: Claims) -> list[tuple[str, tuple[Relational, ...]]]:
    """The claim and its rivals, by name."""
    return [("", claims.relations), *claims.rivals.items()]


# --- what is concluded -----------------------------------------------------------------------------------------------


def conclude(subject: Subject, done: Pass, gap: tuple[float, int]) -> Audit:
    """Everything that a pass tells."""
    measured = Measured(subject, done)
    shards = [(shard,) for shard in done.filled]
    few = [tuple(map(int, some)) for some in np.array_split(done.filled, min(GROUPS, len(done.filled)))]
    read = measured.lam_read(())
    again = [measured.lam_read(shard) for shard in shards]
    left, whole = (float(measured.value(energy)) for energy in _energies())
    return Audit(
        architecture=subject.checkpoint.sae.architecture.name,
        rows=done.rows,
        d=subject.checkpoint.sae.D.shape[0],
        k=subject.checkpoint.sae.D.shape[1],
        lam=read if subject.lam_given is None else subject.lam_given,
        lam_from=subject.lam_from,
        lam_read=read,
        lam_interval=_interval(read, np.array(again)),
        features=measured.features(shards),
        laws=[measured.law(each, few) for each in subject.asked],
        skipped=subject.skipped,
        gap=gap[0],
        gap_samples=gap[1],
        active=float(measured.of_atoms(E(on[j])).sum()),
        explained=1 - left / whole if whole else np.nan,
    )


@dataclass(frozen=True, eq=False)
class Measured:
    """A pass over a subject, looked at law by law."""

    subject: Subject
    done: Pass

    def of_atoms(self, moment: Expr, without: Group = ()) -> Array:
        (own,) = self.subject.basis.moments_of([moment])
        return np.asarray(self.done.means([own], without=without)[own].array)

    def _read(self, without: Group) -> tuple[Array, Array]:
        found = self.subject.basis
        moments = found.moments_of([self.subject.reading.paid, self.subject.reading.pull])
        with np.errstate(invalid="ignore"):  # without the only shard there is nothing left
            means = self.done.means(moments, without=without)
            return self.subject.reading.at(found, means, self._symbols(None))

    def lam_read(self, without: Group) -> float:
        """λ over all latents: what pulls at them together over what they pay for each λ."""
        pull, paid = self._read(without)
        return float(_ratio(pull.sum(), paid.sum()))

    def lam_at(self, without: Group) -> float:
        return self.lam_read(without) if self.subject.lam_given is None else self.subject.lam_given

    def features(self, shards: Sequence[Group]) -> Features:
        read = _ratio(*self._read(()))
        again = np.array([_ratio(*self._read(shard)) for shard in shards])
        violation, noise = self._certificate()
        return Features(self.of_atoms(E(on[j])), read, _error(again), violation, noise)

    def _certificate(self) -> tuple[Array, Array]:
        """A1 for each latent: its violation relative to its nearest rival, and what sampling would show."""
        law = _of_an_atom(self.subject.asked)
        if law is None:
            unknown = np.full(self.subject.checkpoint.sae.D.shape[1], np.nan)
            return unknown, unknown
        sets = _sets(self._written(law.claims))
        parts = [
            [self._squares_by_atom(relations[0], env) for _, relations in sets] for env in self.envs(law.claims.sides)
        ]
        lengths = np.concatenate(parts, axis=1)
        own, nearest = lengths[0], np.min(lengths[1:], axis=0)
        sampling = np.maximum(np.asarray(self.value(_scatter(law))) - own, 0.0) / max(self.done.rows - 1, 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.sqrt(own / nearest), np.sqrt(sampling / nearest)

    def _squares_by_atom(self, relation: Relational, env: Env) -> Array:
        violation = violation_of(relation, env)
        return (violation.array**2).sum(axis=violation.axes.index("a"))

    def law(self, asked: Asked, shards: Sequence[Group]) -> Law:
        """One law with its interval and its noise floor."""
        if not self.of_atoms(E(on[j])).any():
            return Law(asked.statement, Verdict.VACUOUS, np.nan, of="no latent is active")
        if asked.per_sample:
            return self._law_of_samples(asked, shards)
        limited = self._limited(asked)
        squares = self._squares(asked, (), chosen=limited)
        if squares is None:
            return Law(asked.statement, Verdict.VACUOUS, np.nan, of="too wide to be judged")
        again, noise = self._jackknife(asked, shards)
        of = f"pairs among {len(self.subject.chosen)} latents" if limited and self.subject.chosen is not None else "all"
        return _law(asked.statement, squares, again, noise, of)

    def _limited(self, asked: Asked) -> bool:
        """Whether a law is judged among the chosen atoms alone."""
        return self.subject.chosen is not None and (
            asked.pairs or any(map(is_of_pairs, self.subject.basis.moments_of(asked.claims.sides)))
        )

    def _law_of_samples(self, asked: Asked, shards: Sequence[Group]) -> Law:
        def squares(without: Group) -> Array:
            return np.array(
                [
                    [self.done.reduced(_name(asked, n, m), without=without) for m in range(len(relations))]
                    for n, (_, relations) in enumerate(_sets(asked.claims))
                ]
            )

        again = [squares(shard) for shard in shards] if len(shards) > 1 else None
        few = any(_has_atoms(relation) for relation in asked.claims.relations)
        return _law(asked.statement, squares(()), again, None, "some samples" if few else "every sample")

    def env(self, expressions: Sequence[Expr], without: Group = (), *, chosen: bool = False) -> Env | None:
        """The symbols and means that expressions need; None if the pass has not kept them so."""
        moments = self.subject.basis.moments_of(expressions)
        atoms = self.subject.chosen if chosen else None
        if atoms is not None:
            means = self.done.means_of_chosen(moments, atoms.tolist(), without=without)
        else:
            means = self.done.means(moments, without=without)
        if len(means) < len(moments):
            return None
        return self._env(moments, means, self._symbols(atoms), without)

    def _env(
        self, moments: Sequence[E], means: Mapping[E, Named], symbols: Mapping[str, Named], without: Group = ()
    ) -> Env:
        price = self.subject.lam_pilot if self._has_price_inside(moments) else self.lam_at(without)
        named = {**symbols, "lambda": Named(price)}
        return Env(named, _sizes(symbols), means=self.subject.basis.means(means))

    def envs(self, expressions: Sequence[Expr]) -> Iterator[Env]:
        """Environments over all samples that have some of the atoms each, all of them together."""
        moments = self.subject.basis.moments_of(expressions)
        means = self.done.means(moments)
        width = self.subject.checkpoint.sae.D.shape[1]
        for first in range(0, width, TOGETHER):
            some = slice(first, first + TOGETHER)
            of_some = {moment: _of_atoms(mean, some) for moment, mean in means.items()}
            yield self._env(moments, of_some, self._symbols_of(some))

    def _has_price_inside(self, moments: Sequence[E]) -> bool:
        return any(moment.has(PRICE) for moment in moments)

    def value(self, expression: Expr) -> Any:
        """Of an expression that the pass was asked for."""
        env = self.env([expression])
        assert env is not None
        return evaluate(self.subject.basis.forms[expression], env).array

    def _symbols(self, atoms: Array | None) -> dict[str, Named]:
        return self._of_some if atoms is not None else self._of_all

    @cached_property
    def _of_all(self) -> dict[str, Named]:
        return self._symbols_of(None)

    @cached_property
    def _of_some(self) -> dict[str, Named]:
        return self._symbols_of(self.subject.chosen)

    def _symbols_of(self, atoms: Array | slice | None) -> dict[str, Named]:
        D = self.subject.checkpoint.sae.D
        own = D if atoms is None else D[:, atoms]
        found = {
            **self.subject.quantified.symbols(np.asarray, atoms),
            **_named(_numbers(self.subject.checkpoint.sae, atoms), np.asarray),
            "D": Named(own),
            "b": Named(np.zeros(len(D))),
        }
        if own.shape[1] <= CHOSEN:
            found["G"] = Named(own.T @ own)
        return found

    def _written(self, claims: Claims) -> Claims:
        forms = self.subject.basis.forms
        return _mapped(claims, lambda relation: _with_sides(relation, lambda side: forms[side]))

    def _squares(self, asked: Asked, without: Group, *, chosen: bool) -> Array | None:
        """Summed squared violations of the claim and its rivals, relation by relation."""
        written = self._written(asked.claims)
        by_atom = any(map(_atoms_of, asked.claims.relations)) and not any(map(sums_over_atoms, written.sides))
        if by_atom and not chosen and not without:
            return np.sum([_squares(written, env) for env in self.envs(asked.claims.sides)], axis=0)
        env = self.env(asked.claims.sides, without, chosen=chosen)
        if env is None:
            return None
        return _squares(written, env)

    def _jackknife(self, asked: Asked, shards: Sequence[Group]) -> tuple[list[Array] | None, Array | None]:
        """The squares without each shard, and the summed variance of what each relation says is 0; None if unknown."""
        written, limited = self._written(asked.claims), self.subject.chosen is not None
        squares: list[Array] = []
        differences: list[list[Array]] = [[] for _ in written.relations]
        for shard in shards:
            env = self.env(asked.claims.sides, shard, chosen=limited)
            if env is None or len(shards) < 2:
                return None, None
            squares.append(_squares(written, env))
            for relation, found in zip(written.relations, differences):
                left, right = sides(relation, env)
                apart, judged = judged_entries(written.given, Named(left.array - right.array, left.axes), env)
                found.append(np.where(judged, apart.array, 0.0))
        return squares, np.array([(_error(np.array(found)) ** 2).sum() for found in differences])


def _squares(written: Claims, env: Env) -> Array:
    return np.array(
        [[_square(relation, written.given, env) for relation in relations] for _, relations in _sets(written)]
    )


def sums_over_atoms(expression: Expr) -> bool:
    """Whether a sum over all atoms is left in an expression."""
    return any(limit[0].upper + 1 == k for total in expression.atoms(Sum) for limit in total.limits)


def _of_atoms(mean: Named, some: slice) -> Named:
    at = tuple(some if axis == "j" else slice(None) for axis in mean.axes)
    return Named(mean.array[at] if mean.axes else mean.array, mean.axes)


def _square(relation: Relational, given: Sequence[Relational], env: Env) -> float:
    violation, judged = judged_entries(given, violation_of(relation, env), env)
    return float(np.where(judged, violation.array**2, 0.0).sum())


def _law(statement: Statement, squares: Array, again: Sequence[Array] | None, noise: Array | None, of: str) -> Law:
    value = float(normalised(squares)[0])
    if np.isnan(value):
        return Law(statement, Verdict.VACUOUS, np.nan, of=of)
    if again is None:
        return Law(statement, _verdict(value, None, None), value, of=of)
    interval = _ratio_interval(value, np.array([normalised(each)[0] for each in again]))
    floor = None if noise is None else _normalised_noise(np.mean(again, axis=0), noise)
    return Law(statement, _verdict(value, interval, floor), value, interval, floor, of)


def _normalised_noise(squares: Array, noise: Array) -> float:
    """The noise in the unit of `normalised`."""
    unit = squares[1:].max(axis=0, initial=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rivals = np.where(squares[1:] == 0, 0.0, squares[1:] / unit).sum(axis=1)
        return float(np.sqrt(np.where(noise == 0, 0.0, noise / unit).sum() / rivals.min()))


def _verdict(value: float, interval: tuple[float, float] | None, noise: float | None) -> Verdict:
    """A law is broken where it is seen to be, beyond what sampling alone would show."""
    if value <= NEARER:
        return Verdict.CONFIRMED
    beyond = np.sqrt(max(0.0, value**2 - (noise or 0.0) ** 2)) > NEARER and value > 2 * (noise or 0.0)
    seen = beyond and not (interval is not None and interval[0] <= NEARER)
    return Verdict.FALSIFIED if seen or not np.isfinite(value) else Verdict.INCONCLUSIVE


def _error(again: Array) -> Array:
    """Jackknife: the standard error from values that leave out one shard each, (shards, …) → (…)."""
    count = len(again)
    if count < 2:
        return np.full(again.shape[1:], np.nan)
    return np.sqrt((count - 1) / count * ((again - again.mean(axis=0)) ** 2).sum(axis=0))


def _interval(value: float, again: Array) -> tuple[float, float]:
    half = 1.96 * float(_error(again))
    return value - half, value + half


def _ratio_interval(value: float, again: Array) -> tuple[float, float]:
    """The interval of a ratio v ≥ 0, which may be infinite, by way of v / (1 + v), which is between 0 and 1."""

    def share(ratio: Any) -> Any:
        return 1 - 1 / (1 + np.asarray(ratio))

    low, high = np.clip(_interval(float(share(value)), share(again)), 0.0, 1.0)
    with np.errstate(divide="ignore"):
        return float(1 / (1 - low) - 1), float(np.divide(1.0, 1 - high) - 1)


def amortisation_gap(subject: Subject, samples: Stream, done: Pass) -> tuple[float, int]:
    """What the encoder loses to optimal codes on a few samples from all over, relative; and on how many."""
    from checks.solvers.codes import codes

    sae, price = subject.checkpoint.sae, Measured(subject, done).lam_at(())
    if sae.architecture.objective is not L1 or not np.isfinite(price):
        return np.nan, 0
    x = samples.spread(EXACT).astype(np.float64)
    z = sae.encode(x)

    def cost(codes: Array) -> float:
        return float(((x - sae.b - codes @ sae.D.T) ** 2).sum() / 2 + price * codes.sum())

    best = cost(codes(x - sae.b, sae.D, price).Z)
    return (cost(z) - best) / best if best > 0 else np.nan, len(x)
