"""Statements × drawn cases → a ledger: every law judged at exact points that Hypothesis draws to break it.

Some cases are judged by all statements. For those with too little to say there, cases are drawn that are about them.
What is drawn depends on the profile, the seed and the verdicts so far, so that it can be judged anywhere, in any order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from checks.errors import BadInput
from checks.evaluation.lowering import symbols_of
from checks.evaluation.quantifiers import probes
from checks.evidence.codec import as_read
from checks.evidence.parallel import HERE, Progress, Workers, scattered
from checks.evidence.place import Place
from checks.evidence.store import Store
from checks.instances.cases import (
    MIN_LAM,
    OTHERS,
    Case,
    Companion,
    case_of,
    cases_about,
    cases_of,
    drawn_of,
    draws,
    is_claimed,
    quickly_drawn_of,
    wanted,
)
from checks.instances.metamorphic import AppendZeros, MetamorphicRelation
from checks.instances.stationary import StationaryRays
from checks.instances.stored import stored_counterexample
from checks.judging import exact as certified
from checks.judging.certify import certify
from checks.judging.findings import Finding, claimed_of, has_equality
from checks.judging.subjects import EXACT
from checks.judging.verdict import Judgement, Verdict, speaks_of_an_encoder
from checks.problem.point import Point
from theory.derive import conditions
from theory.problem import L1, OBJECTIVES
from theory.statement import Statement, Status

ADVERSARIAL = "adversarial"  # the dataset that an attack is

MIN_CERTIFIED = 200
MIN_CONFIRMED = 20  # distinct certified instances that confirm a law, at the least
MAX_UNCERTIFIED = 0.1
ROUNDS = 4  # of cases that are about one statement, each of twice as many for what is still missing
FEWEST = 20  # cases of the first one: of fewer, all may miss the premise by chance
# At which most points have something to say.
SIZES = {"min_n": 2, "max_n": 10, "min_d": 2, "max_d": 4, "min_k": 2, "max_k": 5}
TELLING: Mapping[str, Any] = {**SIZES, "min_lam": MIN_LAM, "max_lam": 0.7}


@dataclass(frozen=True)
class Profile:
    """How hard to attack, and whether that is evidence.

    shared   how many cases of the L1 problem are judged by all statements
    others   how many of each objective that has laws of its own
    decided  at how many certified instances each statement must be decided; an attack without is a smoke test
    """

    shared: int
    others: int
    decided: int
    name: str = ""

    @property
    def is_evidence(self) -> bool:
        return self.decided > 0


PROFILES = {
    "dev": Profile(16, 2, 0, name="dev"),
    "ci": Profile(120, 50, MIN_CERTIFIED, name="ci"),
    "deep": Profile(5000, 1500, 5000, name="deep"),
}


def shared_cases(profile: Profile, seed: int) -> list[Case]:
    """What all statements are judged at: distinct cases, the same ones for the same seed and version of Hypothesis."""
    half = profile.shared // 2
    anything = draws(cases_of(drawn_of(L1)), profile.shared - half, seed)
    telling = draws(cases_of(drawn_of(L1, **TELLING)), half, seed)
    others = [draws(cases_of(drawn_of(objective)), profile.others, seed) for objective in OTHERS]
    return [*anything, *telling, *(case for drawn in others for case in drawn)]


def own_cases(statement: Statement, number: int, seed: str) -> list[Case]:
    """So many cases that are about one statement; near a counterexample without a price there are others without."""
    kept = statement.counterexample
    without_price = kept is not None and kept.objective is L1 and kept.lam == 0
    sizes = {**TELLING, "min_lam": 0.0, "max_lam": 0.0} if without_price else TELLING
    return draws(cases_about(statement, quickly_drawn_of, **sizes), number, seed)


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

    def with_verdicts_of(self, other: Trial) -> Trial:
        """This trial, with verdicts reached at the same point before."""
        return replace(self, judged=dict(sorted({**other.judged, **self.judged}.items())))

    @property
    def is_drawn(self) -> bool:
        """Whether the point was drawn; others are counterexamples that statements keep."""
        return self.name.startswith("Case(")


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

    decided: by statement, at how many of those that were drawn, and at which it is claimed, it had something to say.
    falsified: by statement, the trials at which a law failed that should hold, or its image decided otherwise.
    undecided: by statement, the trials at which a law that should hold could not be decided.
    """

    statements: Sequence[Statement]
    certified: dict[str, Trial] = field(default_factory=dict)
    uncertified: dict[str, str] = field(default_factory=dict)  # the instance and why it is not good enough
    verdicts: dict[str, Counter[Verdict]] = field(default_factory=lambda: defaultdict(Counter))  # where it is expected
    failed: dict[str, Counter[Verdict]] = field(default_factory=lambda: defaultdict(Counter))  # where it is not
    caught: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))  # by control
    decided: Counter[str] = field(default_factory=Counter)
    falsified: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    undecided: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

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
        if trial.original in self.certified and isinstance(trial.companion, MetamorphicRelation):
            self._compare(trial.companion, self.certified[trial.original], trial)

    def _enter(self, statement: Statement, trial: Trial) -> None:
        """Count a verdict; at a counterexample that is kept it is no news, unless a law fails there."""
        judgement = trial.judged[statement.id]
        due = wanted(statement, trial.biased) is Verdict.CONFIRMED
        if due and judgement.verdict not in (Verdict.CONFIRMED, Verdict.VACUOUS):
            against = self.falsified if judgement.verdict is Verdict.FALSIFIED else self.undecided
            against[statement.id].append(
                f"{statement.id} {judgement.verdict.value} at {trial.name}: entry {judgement.where or 'scalar'}, "
                f"violation {judgement.violation:.2e}, bound {judgement.bound:.2e}"
            )
        if not trial.is_drawn:
            return
        if is_claimed(statement, trial.biased) and judgement.verdict is not Verdict.VACUOUS:
            self.decided[statement.id] += 1
        counts = self.verdicts if due else self.failed
        counts[statement.id][judgement.verdict] += 1
        # The controls of a law are caught where it holds; what is true instead of a false belief, where that fails.
        holds, fails = Verdict.CONFIRMED, Verdict.FALSIFIED
        own, other = (fails, holds) if statement.status is Status.REFUTED else (holds, fails)
        if judgement.verdict is own:
            caught = [name for name, verdict in judgement.controls.items() if verdict is other]
            self.caught[statement.id].update(caught)

    def _compare(self, relation: MetamorphicRelation, original: Trial, trial: Trial) -> None:
        """The image of a point must decide each statement as the point does.

        Either may be vacuous alone: probes are made of other samples, and these come in another order. So an inequality
        that is not expected may fail at a probe that one of them lacks. Zeros leave means of codes in proportion, but
        not their proportion to a constant, which a law that is not expected may be about.
        """
        for statement in self.statements:
            if not (statement.id in original.judged and statement.id in trial.judged):
                continue
            verdict, other = original.judged[statement.id].verdict, trial.judged[statement.id].verdict
            expected = wanted(statement, trial.biased) is Verdict.CONFIRMED
            if not expected and (isinstance(relation, AppendZeros) or may_fail_unseen(statement)):
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
        confirmed = self.verdicts[statement.id][Verdict.CONFIRMED]
        too_few = f"confirmed on {confirmed} instances, fewer than {MIN_CONFIRMED}"
        return lines if confirmed >= MIN_CONFIRMED else [too_few, *lines]

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
        against = [*self.falsified.values(), *self.undecided.values()]
        lines = [failure for failures in against for failure in failures[:1]]
        if not profile.is_evidence:
            return lines
        lines += self.shortfalls()
        for statement in self.statements:
            if (decided := self.decided[statement.id]) < profile.decided:
                lines.append(f"{statement.id}: decided on {decided} certified instances, fewer than {profile.decided}")
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
        return [trial for trial in self.judged(statement) if wanted(statement, trial.biased) is due]

    def judged(self, statement: Statement) -> list[Trial]:
        """The certified trials of a statement."""
        return [trial for trial in self.certified.values() if statement.id in trial.judged]


@cache
def may_fail_unseen(statement: Statement) -> bool:
    """Whether a claim may be false without a probe that shows it: an inequality of all values of some symbol."""
    probed = probes(StationaryRays(n=2, d=1, k=1, seed=0, lam=0.1).point()).keys()
    sides = tuple(side for relation in (*statement.claims, *statement.given) for side in relation.args)
    return not has_equality(statement) and not probed.isdisjoint(symbols_of(sides))


def attack(
    statements: Sequence[Statement],
    profile: Profile,
    *,
    seed: int = 0,
    store: Store | None = None,
    workers: Workers = HERE,
    progress: Progress = lambda what, fraction: None,
) -> Ledger:
    """Judge all statements at the shared cases of a profile, then each at cases of its own until it is decided often
    enough, or a round of them decides nothing more. The ledger does not depend on where the work is done.

    What the store holds of it is not judged again.
    """
    within = Place(ADVERSARIAL, EXACT.name, seed, profile.name)
    shared = shared_cases(profile, seed)
    statements = _attackable(claimed_of(statements, OBJECTIVES.values()))
    judging = _Judging(statements, within, store or Store.in_memory(), workers, progress)
    judging.judge(dict.fromkeys(shared, statements), "")
    seen: Mapping[str, int] = Counter()
    for number in range(ROUNDS):
        ledger = judging.ledger
        own: dict[Case, list[Statement]] = defaultdict(list)
        for statement in statements:
            if number and ledger.decided[statement.id] == seen[statement.id]:
                continue  # more of the same would not help
            for case in own_cases(statement, _missing(statement, ledger, profile) * 2**number, f"{seed} {number}"):
                own[case].append(statement)
        if not own:
            break
        judging.judge(own, f", round {number + 1} of their own")
        seen = ledger.decided
    return judging.ledger


def _missing(statement: Statement, ledger: Ledger, profile: Profile) -> int:
    """At about how many more instances to decide a statement: more than a few, and at half of all for a rare event."""
    missing = profile.decided - ledger.decided[statement.id]
    if ledger.falsified[statement.id]:
        return 0  # that is enough
    if profile.is_evidence and ledger.gaps(statement):
        return max(missing, FEWEST, profile.decided // 2)
    return max(missing, FEWEST) if missing > 0 else 0


def judge_all(
    statements: Sequence[Statement],
    drawn: Iterable[Case],
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
    drawn = list(drawn)
    statements = _attackable(claimed_of(statements, {L1, *(case.objective for case in drawn)}))
    judging = _Judging(statements, within, store or Store.in_memory(), workers, progress)
    judging.judge(dict.fromkeys(drawn, statements))
    return judging.ledger


def _attackable(statements: Iterable[Statement]) -> list[Statement]:
    """Those that claim something of exact points, which have no encoder of their own."""
    return [statement for statement in statements if not speaks_of_an_encoder(statement)]


class _Judging:
    """The trials of an attack so far: at first those at the counterexamples that refuted statements keep."""

    def __init__(
        self, statements: Sequence[Statement], within: Place, store: Store, workers: Workers, progress: Progress
    ) -> None:
        self._statements, self._within, self._store = statements, within, store
        self._workers, self._progress = workers, progress
        self._trials = {trial.name: trial for trial in _at_counterexamples(statements, within, store)}

    @property
    def ledger(self) -> Ledger:
        return ledger_of(self._statements, self._trials.values())

    def judge(self, asked: Mapping[Case, Sequence[Statement]], what: str = "") -> None:
        """Judge statements at cases, as far as they are claimed of their objectives and the store does not know."""
        tasks: list[tuple[Sequence[Statement], Task]] = []
        for case, statements in asked.items():
            recalled, missing = _recalled(case, claimed_of(statements, {case.objective}), self._within, self._store)
            self._enter(recalled)
            if missing:
                points = [(each.name, self._store.points(self._place(each))[0]) for each in recalled]
                tasks.append((missing, (case, points or None)))
        done = len(asked) - len(tasks)
        self._tell(done, len(asked), what)
        for position, fresh in scattered(_try, tasks, self._workers):
            statements, _ = tasks[position]
            self._enter(_kept(trial, statements, self._place(trial), self._store) for trial in fresh)
            done += 1
            self._tell(done, len(asked), what)

    def _place(self, trial: Trial) -> Place:
        return replace(self._within, instance=trial.name)

    def _enter(self, trials: Iterable[Trial]) -> None:
        for trial in trials:
            known = self._trials.get(trial.name)
            self._trials[trial.name] = trial.with_verdicts_of(known) if known else trial

    def _tell(self, done: int, cases: int, what: str) -> None:
        self._progress(
            f"adversarial{what}: {done} of {cases} cases, {len(self._trials)} instances", done / max(cases, 1)
        )


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
    if not trial.is_drawn:
        return trial
    case = case_of(place.instance)
    return trial if case.companion is None else replace(trial, original=case.names[0], companion=case.companion)


def _try(statements: Sequence[Statement], task: Task, progress: Progress) -> list[Trial]:
    return try_case(task[0], statements, task[1])


def _kept(trial: Trial, statements: Sequence[Statement], place: Place, store: Store) -> Trial:
    """The trial without its point, which is now in the store."""
    assert trial.point is not None
    store.keep(place, [trial.point], statements, trial.judged, trial.shortfall)
    return replace(trial, point=None)


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
            fresh = _kept(try_point(stored_counterexample(statement), name, missing), missing, place, store)
            known = fresh.with_verdicts_of(known) if known else fresh
        yield known
