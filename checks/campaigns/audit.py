"""What can be known of a checkpoint from its activations: its λ, how converged it is, and whether it keeps the laws.

Everything is measured in one pass over the samples (`checks.evaluation.one_pass`), in coordinates where the decoder
bias is 0. A law that an SAE with stationary parameters must keep is judged as at trained SAEs
(`checks.judging.approximate`): its violation relative to that of its nearest rival. Beside it stand an interval and a
noise floor: what the finite sample alone would show of an SAE that is exactly converged.
"""

from __future__ import annotations

import hashlib
import signal
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
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
from checks.judging.approximate import NEARER, normalised
from checks.judging.subjects import OF_THE_BIAS, STATIONARY_PARAMETERS
from checks.judging.verdict import Claims, Mask, Verdict, claims_of, judged_entries, sides, violation_of
from checks.problem.arrays import is_tensor, on_the_processor
from checks.problem.instance import Array
from checks.saes.checkpoints.plain import Checkpoint
from theory.expectation import E, depends_on_sample
from theory.problem import L1, D, G, a, amount, b, d, j, k, lam, lam2, off, on, q, r, source, x, xhat, z
from theory.statement import Statement, Status, claimed

PRICE = Symbol("lambda", nonnegative=True)  # one λ for all samples
FEW = 1 << 17  # codes, times probes, that are laid out for a law about each atom of each sample
PILOT = 1  # blocks from which λ and the busy atoms are read before the pass
TOGETHER = 256  # atoms whose laws are evaluated at once, so that arrays stay in cache
SHARED = 1 << 20  # entries of a value that is kept, as claims, their rivals and several laws have the same sides
EXACT = 256  # samples whose codes are optimised
SAVED_EVERY = 60.0  # seconds

GROUPS = 8  # of shards, which are left out in turn when a law is judged: a latent's λ is read without each shard

Group = tuple[int, ...]  # shards that are left out
Progress = Callable[[str, float], None]

KNOWN = frozenset(map(str, (x, z, D, r, xhat, on, off, b, G, PRICE, lam))) | QUANTIFIED

mean_pull = E(Sum(D[a, j] * r[a], a) * z[j])  # E[z_j d_j·r]
paid_by_all = E(Sum(r[a] * xhat[a], a))
scatter = E(Sum((z[j] * (r[a] - PRICE * D[a, j])) ** 2, a))  # of the terms whose mean A1 says is 0


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
    violation  of atom stationarity (A1), normalised, with what sampling alone would show
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

    lam        λ at which laws are judged, and where it comes from
    lam_read   λ over all latents together, with its 95 % interval
    gap        what the encoder loses to optimal codes, relative to their objective, on `gap_samples` samples
    skipped    laws that were not measured: no checkpoint can break them, or a pass has no room for what they mention
    """

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


def promised(statements: Sequence[Statement], premises: Collection[str]) -> tuple[list[Statement], list[Statement]]:
    """The proved laws of L1 that these conditions imply, and those among them that hold of any SAE.

    The latter need no condition, or unit norms alone, which reading a checkpoint brings about.
    """
    held = [s for s in claimed(statements, L1) if s.status is Status.PROVED and s.premises <= frozenset(premises)]
    return [s for s in held if s.premises - {"unit"}], [s for s in held if not s.premises - {"unit"}]


def _symbols_asked(statement: Statement) -> frozenset[str]:
    relations = [relation for _, relations in _sets(_asked(statement).claims) for relation in relations]
    sides = tuple(side for relation in relations for side in relation.args)
    return symbols_of(sides) - {label(index) for side in sides for index in side.atoms(Idx)} - {"d", "k", "p"}


@lru_cache(maxsize=1024)
def _asked(statement: Statement) -> Asked:
    own = _mapped(claims_of(statement, L1), lambda relation: _with_sides(relation, _concrete))
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


# --- the subject -----------------------------------------------------------------------------------------------------


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
    unknown = [law for law in laws if not _symbols_asked(law) <= KNOWN]
    laws, skipped = [law for law in laws if law not in unknown], skipped + unknown
    asked = [_asked(statement) for statement in laws]
    moments = [side for each in asked if not each.per_sample for side in each.claims.sides]
    extra = [mean_pull, E(z[j]), E(on[j]), paid_by_all, scatter, *_energies()]
    found = basis([*moments, *extra], kept=[mean_pull])
    key = _fingerprint(arrays, [str(first.dtype), repr(price), *(str(moment) for moment in found.moments)])
    plan = Plan.of(found.moments, _reducers(asked), key, None if chosen is None else chosen.tolist())
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

    def lam_read(self, without: Group) -> float:
        """λ over all latents: what they pay together over their activation."""
        total = self.of_atoms(E(z[j]), without).sum()
        return float(self.of_atoms(mean_pull, without).sum() / total) if total > 0 else np.nan

    def lam_at(self, without: Group) -> float:
        return self.lam_read(without) if self.subject.lam_given is None else self.subject.lam_given

    def features(self, shards: Sequence[Group]) -> Features:
        with np.errstate(divide="ignore", invalid="ignore"):
            read = self.of_atoms(mean_pull) / self.of_atoms(E(z[j]))
            again = np.array([self.of_atoms(mean_pull, s) / self.of_atoms(E(z[j]), s) for s in shards])
        violation, noise = self._certificate()
        return Features(self.of_atoms(E(on[j])), read, _error(again), violation, noise)

    def _certificate(self) -> tuple[Array, Array]:
        """A1 for each latent: its violation relative to its nearest rival, and what sampling would show."""
        a1 = next((each for each in self.subject.asked if each.statement.id == "A1"), None)
        if a1 is None:
            unknown = np.full(self.subject.checkpoint.sae.D.shape[1], np.nan)
            return unknown, unknown
        sets = _sets(self._written(a1.claims))
        parts = [[self._squares_by_atom(relations[0], env) for _, relations in sets] for (env,) in self.envs([a1])]
        lengths = np.concatenate(parts, axis=1)
        own, nearest = lengths[0], np.min(lengths[1:], axis=0)
        sampling = np.maximum(np.asarray(self.value(scatter)) - own, 0.0) / max(self.done.rows - 1, 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.sqrt(own / nearest), np.sqrt(sampling / nearest)

    def _squares_by_atom(self, relation: Relational, env: Env) -> Array:
        violation = violation_of(relation, env)
        return (violation.array**2).sum(axis=violation.axes.index("a"))

    def law(self, asked: Asked, shards: Sequence[Group]) -> Law:
        """One law with its interval and its noise floor."""
        if not np.isfinite(self.lam_at(())):
            return Law(asked.statement, Verdict.VACUOUS, np.nan, of="no latent is active")
        if asked.per_sample:
            return self._law_of_samples(asked, shards)
        limited = self._limited(asked)
        squares = self._of_each_atom.get(asked.statement.id) if not limited else None
        if squares is None:
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
        sizes = {"d": len(symbols["D"].array), "k": symbols["D"].array.shape[1]}
        named = {**symbols, "lambda": Named(price)}
        return Env(named, sizes, means=self.subject.basis.means(means), keeps=SHARED)

    def envs(self, laws: Sequence[Asked]) -> Iterator[list[Env]]:
        """For some of the atoms after others, an environment for each law, over all samples.

        Laws with the same λ share theirs.
        """
        moments = [self.subject.basis.moments_of(each.claims.sides) for each in laws]
        inside = [self._has_price_inside(own) for own in moments]
        means = self.done.means({moment for own in moments for moment in own})
        for first in range(0, self.subject.checkpoint.sae.D.shape[1], TOGETHER):
            some = slice(first, first + TOGETHER)
            of_some = {moment: _of_atoms(mean, some) for moment, mean in means.items()}
            symbols = self._symbols_of(some)
            shared = {priced: self._env(own, of_some, symbols) for priced, own in dict(zip(inside, moments)).items()}
            yield [shared[priced] for priced in inside]

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
        env = self.env(asked.claims.sides, without, chosen=chosen)
        return None if env is None else _squares(self._written(asked.claims), env)

    @cached_property
    def _of_each_atom(self) -> dict[str, Array]:
        """The squares over all samples of those laws that are about one atom at a time, by statement."""
        laws = [each for each in self.subject.asked if self._is_of_each_atom(each)]
        written = [self._written(each.claims) for each in laws]
        parts = [[_squares(each, env) for each, env in zip(written, envs)] for envs in self.envs(laws)]
        return {each.statement.id: np.sum(found, axis=0) for each, found in zip(laws, zip(*parts))}

    def _is_of_each_atom(self, asked: Asked) -> bool:
        if asked.per_sample or self._limited(asked) or not any(map(_atoms_of, asked.claims.relations)):
            return False
        return not any(map(sums_over_atoms, self._written(asked.claims).sides))

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
    kept = violation.array if judged.all() else np.where(judged, violation.array, 0.0)
    return float(np.vdot(kept, kept))


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

    price = Measured(subject, done).lam_at(())
    if not np.isfinite(price):
        return np.nan, 0
    sae = subject.checkpoint.sae
    x = samples.spread(EXACT).astype(np.float64)
    z = sae.encode(x)

    def cost(codes: Array) -> float:
        return float(((x - sae.b - codes @ sae.D.T) ** 2).sum() / 2 + price * codes.sum())

    best = cost(codes(x - sae.b, sae.D, price).Z)
    return (cost(z) - best) / best if best > 0 else np.nan, len(x)
