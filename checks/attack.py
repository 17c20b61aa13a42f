"""Statements × drawn instances → a ledger: every law judged at exact points that Hypothesis draws to break it.

Exact points come from the joint solver on drawn specs and from specs built backwards from their solution, where no
solver is involved. Most of them bring a companion: a metamorphic twin, or the same point with one atom split in two.
What is drawn depends on the profile and the seed alone, so that a list of cases can be judged anywhere, in any order.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeVar

import hypothesis
import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from checks import certified
from checks.campaign import (
    EXACT,
    OF_THE_BIAS,
    Finding,
    Progress,
    claimed_of,
    exact_optimum,
    expected,
    stored_counterexample,
    with_split_atom,
)
from checks.certify import certify
from checks.distributions import families
from checks.distributions.spec import Spec
from checks.distributions.stationary import StationaryGrid, StationaryRays
from checks.distributions.strategies import specs, stationary_specs, twins
from checks.distributions.twins import AppendZeros, Twin
from checks.errors import BadInput
from checks.evidence import Place, Store, as_read
from checks.point import Point
from checks.solvers.codes import codes
from checks.verdict import Judgement, Verdict
from checks.workers import HERE, Workers, scattered
from theory.derive import conditions
from theory.problem import BATCH_TOP_K, L1, MATRYOSHKA, NORM_WEIGHTED, OBJECTIVES, TOP_K, Limit, Objective
from theory.statement import Statement, Status

T = TypeVar("T")
ADVERSARIAL = "adversarial"  # the data set that an attack is
DrawnSpec = Spec | StationaryRays | StationaryGrid

MIN_LAM = 1e-3  # below this a solver may run out of iterations before it is exact
MIN_CERTIFIED = 200
MIN_CONFIRMED = 20  # distinct certified instances that confirm a law whose premise the strategies meet often
RARELY_MET = {"K2": 5}  # only a split atom nests in another one
MAX_UNCERTIFIED = 0.1
# Objectives with laws of their own, and how small their problems are kept: they are solved by general means.
OTHERS = (BATCH_TOP_K, TOP_K, MATRYOSHKA, NORM_WEIGHTED)
SMALL: Mapping[str, Any] = {"max_n": 8, "max_d": 3, "max_k": 3, "min_lam": 0.01, "max_lam": 1.0}
UNBIASED = EXACT.premises - OF_THE_BIAS


@dataclass(frozen=True)
class Profile:
    """How hard to attack, and whether that is evidence.

    solved, built  how many specs of the L1 problem are solved, and how many are built backwards
    others         how many are solved of each objective that has laws of its own
    """

    solved: int
    built: int
    others: int
    is_evidence: bool = True
    name: str = ""


PROFILES = {
    "dev": Profile(10, 6, 2, is_evidence=False, name="dev"),  # a smoke test
    "ci": Profile(100, 60, 150, name="ci"),
    "deep": Profile(3000, 1800, 1500, name="deep"),
}


# --- cases -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SplitAtom:
    """The companion with one atom more: a copy of the busiest one takes over half of its code."""

    def point(self, point: Point) -> Point:
        return with_split_atom(point)


@dataclass(frozen=True)
class Reprice:
    """The companion with every sample once more at `by` times its λ, without weight, so that the atoms stay optimal."""

    by: float

    def point(self, point: Point) -> Point:
        i, twice = point.instance, np.repeat(np.arange(point.instance.n), 2)
        again = np.arange(2 * i.n) % 2 == 1
        lam = np.where(again, self.by, 1.0) * i.lam[twice]
        problem = replace(i, x=i.x[twice], lam=lam, weights=np.where(again, 0.0, i.weights[twice]))
        Z = point.Z[twice]
        Z[again] = codes(i.x - point.b, point.D, self.by * i.lam).Z
        return Point(problem, point.D, point.b, Z)


@dataclass(frozen=True)
class Oppose:
    """The companion with the opposite of the busiest atom, both on by its mean code: they cancel, for free at λ = 0."""

    def point(self, point: Point) -> Point:
        busiest = int(np.argmax((point.Z > 0).sum(axis=0)))
        both = point.Z[:, busiest].mean()
        Z = np.column_stack([point.Z, np.full(point.instance.n, both)])
        Z[:, busiest] += both
        D = np.column_stack([point.D, -point.D[:, busiest]])
        return Point(replace(point.instance, k=point.instance.k + 1), D, point.b, Z)


Companion = Twin | SplitAtom | Reprice | Oppose


@dataclass(frozen=True)
class Case:
    """A drawn spec, and a companion of its solution; its repr is Python that builds it again."""

    spec: DrawnSpec
    companion: Companion | None = None

    @property
    def objective(self) -> Objective:
        """What is minimised."""
        return OBJECTIVES[self.spec.objective] if isinstance(self.spec, Spec) else L1

    @property
    def names(self) -> list[str]:
        """Of the solution, and of its companion if there is to be one."""
        return list(dict.fromkeys((repr(Case(self.spec)), repr(self))))

    def points(self) -> Iterator[tuple[str, Point]]:
        """The solution and its companion, each with its name; the companion only if it is asked for."""
        solution = solved(self.spec)
        yield repr(Case(self.spec)), solution
        if self.companion is not None:
            yield repr(self), self.companion.point(solution)

    def __repr__(self) -> str:
        return f"Case({self.spec!r})" if self.companion is None else f"Case({self.spec!r}, {self.companion!r})"


def case_of(name: str) -> Case:
    """The case that a name describes: a call of known classes on literals, nothing else is evaluated.

    Raises BadInput if it is anything else.
    """
    try:
        case = _built(ast.parse(name, mode="eval").body)
    except (SyntaxError, TypeError, ValueError, RecursionError, MemoryError):
        case = None
    if not (isinstance(case, Case) and isinstance(case.spec, DrawnSpec)):
        raise BadInput(f"{name!r}: expected the description of an instance, such as Case(StationaryRays(n=2, …))")
    return case


def _built(node: ast.expr) -> Any:
    known = {name: getattr(families, name) for name in families.__all__} | {
        each.__name__: each for each in (Case, SplitAtom, Reprice, Oppose)
    }
    match node:
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords) if name in known:
            named = {str(keyword.arg): _built(keyword.value) for keyword in keywords}
            return known[name](*map(_built, arguments), **named)
        case _:
            return ast.literal_eval(node)


def solved(spec: DrawnSpec) -> Point:
    """An exact point of a spec: by construction, or from the solver."""
    return exact_optimum(spec.build(), seed=0) if isinstance(spec, Spec) else spec.point()


@st.composite
def cases_of(draw: st.DrawFn, drawn: st.SearchStrategy[DrawnSpec]) -> Case:
    """Cases of drawn specs, most of them with a companion."""
    spec = draw(drawn)
    match draw(st.sampled_from(_kinds_of_companion(spec))):
        case "twin":
            return Case(spec, draw(twins(spec.build())))
        case "split":
            return Case(spec, SplitAtom())
        case "repriced":
            return Case(spec, draw(repricings()))
        case "opposed":
            return Case(spec, Oppose())
        case _:
            return Case(spec)


def _kinds_of_companion(spec: DrawnSpec) -> tuple[str, ...]:
    if Case(spec).objective is not L1:
        return ("alone", "twin")
    kinds = ("alone", "twin", "split", "repriced")
    return (*kinds, "opposed") if spec.lam == 0 else kinds


def repricings() -> st.SearchStrategy[Reprice]:
    """Companions at other prices."""
    return st.builds(Reprice, st.sampled_from((2.0, 4.0, 10.0)))


def cases(profile: Profile, seed: int) -> list[Case]:
    """What the profile asks for: distinct cases, the same ones for the same seed and version of Hypothesis."""
    solved = draws(cases_of(specs(min_lam=MIN_LAM)), profile.solved, seed)
    built = draws(cases_of(stationary_specs()), profile.built, seed)
    others = [draws(cases_of(specs_of(objective)), profile.others, seed) for objective in OTHERS]
    return [*solved, *built, *(case for drawn in others for case in drawn)]


def specs_of(objective: Objective, **sizes: int) -> st.SearchStrategy[Spec]:
    """Small problems of another objective; one limit for all samples needs equal weights."""
    weights = st.just("equal") if objective.limit is Limit.BATCH else None
    bounds = {name: min(limit, sizes.get(name, limit)) for name, limit in SMALL.items()}
    return specs(**{**sizes, **bounds}, weights=weights, objectives=st.just(objective.key))


def draws(strategy: st.SearchStrategy[T], examples: int, seed: int) -> list[T]:
    """Up to this many distinct values of a strategy, told apart by their repr."""
    drawn: dict[str, T] = {}
    if not examples:
        return []
    unchecked = list(HealthCheck)  # nothing is tested while drawing

    @hypothesis.seed(seed)
    @settings(
        max_examples=examples, database=None, phases=[Phase.generate], deadline=None, suppress_health_check=unchecked
    )
    @given(strategy)
    def collect(value: T) -> None:
        drawn[repr(value)] = value

    collect()
    return list(drawn.values())


# --- judging ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trial:
    """All statements at one drawn point.

    name       Python that builds the point again
    shortfall  why the point is not good enough to judge; empty if it is
    biased     whether the decoder bias is free there
    original   of a companion: the name of the point it was made from
    point      None once it is kept elsewhere
    """

    name: str
    shortfall: str
    biased: bool
    judged: Mapping[str, Judgement]
    original: str | None = None
    companion: Companion | None = None
    point: Point | None = field(default=None, repr=False, compare=False)


def try_case(
    case: Case, statements: Sequence[Statement], points: Iterable[tuple[str, Point]] | None = None
) -> list[Trial]:
    """Judge all statements at a case's points. There is no companion of a point that is not certified.

    points: those of the case with their names, if they are known.
    """
    trials: list[Trial] = []
    for name, point in case.points() if points is None else points:
        first = trials[0].name if trials else None
        trials.append(try_point(point, name, statements, first, case.companion if trials else None))
        if trials[0].shortfall:
            break
    return trials


def try_point(
    point: Point,
    name: str,
    statements: Sequence[Statement],
    original: str | None = None,
    companion: Companion | None = None,
) -> Trial:
    """Judge all statements at one exact point."""
    point = as_read(point)
    promises = EXACT.promises(point.instance) & conditions(point.instance.objective).keys()
    judged = certified.judge(statements, [point], promises)
    return Trial(name, certify(point).shortfall(promises), point.instance.bias, judged, original, companion, point)


@dataclass
class Ledger:
    """What was seen of each statement, over all distinct certified points of an attack.

    falsified: by statement, the trials at which a law failed that should hold, or a twin decided otherwise.
    """

    statements: Sequence[Statement]
    certified: dict[str, Trial] = field(default_factory=dict)
    uncertified: dict[str, str] = field(default_factory=dict)  # the instance and why it is not good enough
    verdicts: dict[str, Counter[Verdict]] = field(default_factory=lambda: defaultdict(Counter))  # where it is expected
    failed: dict[str, Counter[Verdict]] = field(default_factory=lambda: defaultdict(Counter))  # where it is not
    caught: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))  # by control
    falsified: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def enter(self, trial: Trial) -> None:
        """Count a trial, once however often the same point is drawn."""
        if trial.name in self.certified or trial.name in self.uncertified:
            return
        if trial.shortfall:
            decided = {judgement.verdict for judgement in trial.judged.values()} - {Verdict.INCONCLUSIVE}
            assert not decided, f"judged without a certificate: {trial.name}"
            self.uncertified[trial.name] = trial.shortfall
            return
        self.certified[trial.name] = trial
        for statement in self.statements:
            if statement.id in trial.judged:  # a store may hold less of one
                self._enter(statement, trial)
        if trial.original in self.certified and isinstance(trial.companion, Twin):
            self._compare(trial.companion, self.certified[trial.original], trial)

    def _enter(self, statement: Statement, trial: Trial) -> None:
        judgement = trial.judged[statement.id]
        due = wanted(statement, trial.biased) is Verdict.CONFIRMED
        if due and judgement.verdict not in (Verdict.CONFIRMED, Verdict.VACUOUS):
            self.falsified[statement.id].append(
                f"{statement.id} {judgement.verdict.value} at {trial.name}: entry {judgement.where or 'scalar'}, "
                f"violation {judgement.violation:.2e}, bound {judgement.bound:.2e}"
            )
        counts = self.verdicts if due else self.failed
        counts[statement.id][judgement.verdict] += 1
        # The rivals of a law are caught where it holds; what is true instead of a false belief, where that fails.
        holds, fails = Verdict.CONFIRMED, Verdict.FALSIFIED
        own, other = (fails, holds) if statement.status is Status.REFUTED else (holds, fails)
        if judgement.verdict is own:
            caught = [name for name, verdict in judgement.controls.items() if verdict is other]
            self.caught[statement.id].update(caught)

    def _compare(self, twin: Twin, original: Trial, trial: Trial) -> None:
        """A twin must decide each statement as its original does.

        Either may be vacuous alone: probes are made of other samples, and these come in another order. Zeros leave
        means of codes in proportion, but not their proportion to a constant, which a law that is not expected may be
        about.
        """
        for statement in self.statements:
            if not (statement.id in original.judged and statement.id in trial.judged):
                continue
            verdict, other = original.judged[statement.id].verdict, trial.judged[statement.id].verdict
            if isinstance(twin, AppendZeros) and wanted(statement, False) is not Verdict.CONFIRMED:
                continue
            if {verdict, other} == {Verdict.CONFIRMED, Verdict.FALSIFIED}:
                self.falsified[statement.id].append(
                    f"{statement.id} {other.value} at {trial.name}, but {verdict.value} without the map"
                )

    def gaps(self, statement: Statement) -> list[str]:
        """What is missing for this statement to be judged by evidence, one line each."""
        lines = [f"control never caught: {name}" for name in statement.controls if not self.caught[statement.id][name]]
        if statement.status is Status.REFUTED:
            return lines if self.failed[statement.id][Verdict.FALSIFIED] else ["REFUTED, but never falsified", *lines]
        confirmed, needed = self.verdicts[statement.id][Verdict.CONFIRMED], RARELY_MET.get(statement.id, MIN_CONFIRMED)
        return lines if confirmed >= needed else [f"confirmed on {confirmed} instances, fewer than {needed}", *lines]

    def shortfalls(self, min_certified: int = MIN_CERTIFIED) -> list[str]:
        """What is missing in the attack as a whole, one line each."""
        lost, kept = len(self.uncertified), len(self.certified)
        lines = [] if kept >= min_certified else [f"{kept} certified instances, fewer than {min_certified}"]
        if lost > MAX_UNCERTIFIED * (lost + kept):
            name, why = next(iter(self.uncertified.items()))
            lines.append(f"{lost} of {lost + kept} uncertified, for instance {name}: {why}")
        return lines

    def complaints(self, profile: Profile) -> list[str]:
        """Why the attack does not bear the statements out, one line each; empty if it does."""
        lines = [failure for failures in self.falsified.values() for failure in failures[:1]]
        if not profile.is_evidence:
            return lines
        lines += self.shortfalls()
        for statement in self.statements:
            met = self.verdicts[statement.id].total() + self.failed[statement.id].total()  # vacuous ones among them
            if met < MIN_CERTIFIED:
                lines.append(f"{statement.id}: judged on {met} certified instances, fewer than {MIN_CERTIFIED}")
            lines += [f"{statement.id}: {gap}" for gap in self.gaps(statement)]
        return lines

    def findings(self, seed: int) -> list[Finding]:
        """One finding for each statement, over all points at which it should hold; of a refuted one over all."""
        return [self._finding(statement, seed) for statement in self.statements if self._telling(statement)]

    def _finding(self, statement: Statement, seed: int) -> Finding:
        judged = {trial.name: trial.judged[statement.id] for trial in self._telling(statement)}
        deciding = min(judged, key=lambda name: certified.severity(judged[name]))
        return Finding(
            statement,
            EXACT.name,
            ADVERSARIAL,
            wanted(statement, True),
            certified.worst(list(judged.values())),
            len(judged),
            seed,
            deciding,
        )

    def _telling(self, statement: Statement) -> list[Trial]:
        """The trials of a statement at which the same is expected of it as where the bias is free."""
        due = wanted(statement, True)
        trials = self.certified.values()
        return [t for t in trials if statement.id in t.judged and wanted(statement, t.biased) is due]


@cache
def wanted(statement: Statement, biased: bool) -> Verdict | None:
    """What is expected of a statement at an exact point, with or without a free bias."""
    return expected(statement, EXACT, EXACT.premises if biased else UNBIASED)


def attack(
    statements: Sequence[Statement],
    profile: Profile,
    *,
    seed: int = 0,
    store: Store | None = None,
    workers: Workers = HERE,
    progress: Progress = lambda what, fraction: None,
) -> Ledger:
    """Judge all statements at all cases of a profile, and at the counterexamples that refuted ones keep.

    What the store holds of it is not judged again. The ledger does not depend on where the work is done.
    """
    within = Place(ADVERSARIAL, EXACT.name, seed, profile.name)
    return judge_all(statements, cases(profile, seed), progress, within=within, store=store, workers=workers)


def judge_all(
    statements: Sequence[Statement],
    drawn: Collection[Case],
    progress: Progress = lambda what, fraction: None,
    *,
    within: Place = Place(ADVERSARIAL, EXACT.name, 0),  # noqa: B008 (frozen)
    store: Store | None = None,
    workers: Workers = HERE,
) -> Ledger:
    """A ledger of these cases, and of the counterexamples that refuted statements keep.

    Statements are judged at the points of objectives that they claim something of. within: the place that all points
    are kept in, but for the name of each.
    """
    statements = claimed_of(statements, {L1, *(case.objective for case in drawn)})
    store = store or Store.in_memory()
    trials = {trial.name: trial for trial in _at_counterexamples(statements, within, store)}
    tasks: list[tuple[Sequence[Statement], Task]] = []
    for case in drawn:
        recalled, missing = _recalled(case, claimed_of(statements, {case.objective}), within, store)
        trials |= {trial.name: trial for trial in recalled}
        if missing:
            points = [(trial.name, store.points(replace(within, instance=trial.name))[0]) for trial in recalled]
            tasks.append((missing, (case, points or None)))
    done = len(drawn) - len(tasks)
    progress(f"adversarial: {done} of {len(drawn)} cases", done / max(len(drawn), 1))
    for position, fresh in scattered(_try, tasks, workers):
        for trial in fresh:
            place = replace(within, instance=trial.name)
            trials[trial.name] = _kept(trial, tasks[position][0], place, store, trials.get(trial.name))
        done += 1
        progress(f"adversarial: {done} of {len(drawn)} cases, {len(trials)} instances", done / len(drawn))
    return ledger_of(statements, trials.values())


def ledger_of(statements: Sequence[Statement], trials: Iterable[Trial]) -> Ledger:
    """A ledger of these trials, the same one in whichever order they come: the shortest first, originals above all."""
    ledger = Ledger(statements)
    for trial in sorted(trials, key=lambda trial: (trial.original is not None, len(trial.name), trial.name)):
        ledger.enter(trial)
    return ledger


# --- kept and recalled -----------------------------------------------------------------------------------------------


Task = tuple[Case, Sequence[tuple[str, Point]] | None]  # a case, and its points with their names if they are known


def _recalled(
    case: Case, statements: Sequence[Statement], within: Place, store: Store
) -> tuple[list[Trial], Sequence[Statement]]:
    """The trials of a case that a store holds, none unless it holds all, and the statements that they lack."""
    trials: list[Trial] = []
    for name in case.names:
        trial = recall(store, replace(within, instance=name), statements)
        if trial is None:
            return [], statements
        trials.append(trial)
        if trial.shortfall:
            break
    return trials, [each for each in statements if any(each.id not in trial.judged for trial in trials)]


def recall(store: Store, place: Place, statements: Iterable[Statement]) -> Trial | None:
    """What a store holds of one place of an attack; None if it was never there."""
    kept = store.kept(place)
    if kept is None:
        return None
    judged = store.judged(place, statements)
    if kept.shortfall and any(each.verdict is not Verdict.INCONCLUSIVE for each in judged.values()):
        raise BadInput(f"{store.name}: judged without a certificate: {place.instance}")
    trial = Trial(place.instance, kept.shortfall, kept.bias, dict(sorted(judged.items())))
    if not place.instance.startswith("Case("):
        return trial
    case = case_of(place.instance)
    return trial if case.companion is None else replace(trial, original=case.names[0], companion=case.companion)


def _try(statements: Sequence[Statement], task: Task, progress: Progress) -> list[Trial]:
    return try_case(task[0], statements, task[1])


def _kept(trial: Trial, statements: Sequence[Statement], place: Place, store: Store, known: Trial | None) -> Trial:
    """The trial without its point, which is now in the store, and with what was known of it before."""
    assert trial.point is not None
    store.keep(place, [trial.point], statements, trial.judged, trial.shortfall)
    judged = {**(known.judged if known else {}), **trial.judged}
    return replace(trial, judged=dict(sorted(judged.items())), point=None)


def _at_counterexamples(statements: Sequence[Statement], within: Place, store: Store) -> Iterator[Trial]:
    """All statements at the counterexample of each refuted one."""
    for statement in statements:
        if statement.counterexample is None:
            continue
        name = f"the counterexample of {statement.id}"
        place = replace(within, instance=name, source=repr(statement.counterexample))
        known = recall(store, place, statements)
        about = claimed_of(statements, {statement.counterexample.objective})
        missing = [each for each in about if known is None or each.id not in known.judged]
        if known is None or missing:
            fresh = try_point(stored_counterexample(statement), name, missing)
            known = _kept(fresh, missing, place, store, known)
        yield known
