"""Statements × data × subjects → findings: the main job.

A subject is anything that returns points, together with the stationarity conditions that it promises to satisfy. What
is expected of a statement on a subject follows from its proof: it must hold if the proof uses promised conditions only.
Otherwise an equality should fail at a subject that is exact in all it promises; elsewhere it may go either way. Unless
the subject is an exact optimum that is information, and decides nothing: how a trained SAE misses what it does not
promise depends on its seed and on the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from sympy import Eq

from checks import certified, normalised
from checks.evidence import Kept, Place, Store, as_read, source_of
from checks.instance import Instance, instance
from checks.point import Point
from checks.verdict import Judgement, Verdict, speaks_of_an_encoder
from checks.workers import HERE, Progress, Workers, scattered
from checks.workloads import Workload
from theory.problem import L1, Objective
from theory.statement import Statement, Status, under

BEST_CODES = frozenset({"code", "comp", "act", "drop", "add", "swap", "trade"})
OPTIMAL_CODES = BEST_CODES | {"scale", "enc_b", "enc_w", "unit"}
STATIONARY_PARAMETERS = frozenset({"scale", "enc_b", "enc_w", "atom", "unit", "bias", "tied"})
OF_THE_BIAS = frozenset({"bias", "tied"})
JOINTLY_OPTIMAL = OPTIMAL_CODES | STATIONARY_PARAMETERS

Judge = Callable[[Sequence[Statement], Sequence[Point], Collection[str]], dict[str, Judgement]]


@dataclass(frozen=True)
class Subject:
    """A kind of solution: its name, the conditions it satisfies and how statements are judged on it.

    falsifies says whether a law that needs a condition which is not promised is expected to fail. Exact solutions are
    judged so sharply that it shows; how far an encoder is from optimal codes is a matter of degree.
    """

    name: str
    premises: frozenset[str]
    judge: Judge
    falsifies: bool

    def promises(self, instance: Instance | Kept) -> frozenset[str]:
        """The conditions satisfied on an instance: without a free bias there is nothing stationary about it."""
        return self.premises if instance.bias else self.premises - OF_THE_BIAS


EXACT = Subject("exact optimum", JOINTLY_OPTIMAL, certified.judge, falsifies=True)
INFERRED = Subject("optimal codes, SAE dictionary", OPTIMAL_CODES, certified.judge, falsifies=True)
TRAINED = Subject("trained SAE", STATIONARY_PARAMETERS, normalised.judge, falsifies=False)
SUBJECTS = {"solver": (EXACT,), "sae": (INFERRED, TRAINED)}


@dataclass(frozen=True)
class Finding:
    """One statement on one subject and one data set, over all points that were judged.

    instance: where there are many, Python that builds the one that decided.
    """

    statement: Statement
    subject: str
    data: str
    expected: Verdict | None
    judgement: Judgement
    instances: int
    seed: int
    instance: str = ""

    @property
    def verdict(self) -> Verdict:
        return self.judgement.verdict

    @property
    def uncertified(self) -> int:
        return self.judgement.uncertified

    @property
    def decides(self) -> bool:
        """Whether the statement can be contradicted here: at an exact optimum, or by a subject that must obey it.

        What is found anywhere else is information.
        """
        if speaks_of_an_encoder(self.statement):  # which an exact optimum does not have
            return self.subject != EXACT.name and self.expected is Verdict.CONFIRMED
        return self.subject == EXACT.name or self.expected is Verdict.CONFIRMED

    @property
    def missed_controls(self) -> list[str]:
        """Controls that were confirmed along with the statement. One that says the same here is not missed."""
        if self.verdict is not Verdict.CONFIRMED:
            return []
        caught = (Verdict.FALSIFIED, Verdict.VACUOUS)
        return [name for name, verdict in self.judgement.controls.items() if verdict not in caught]

    @property
    def controls_caught(self) -> bool:
        """Whether every control was caught that must be caught here.

        The rivals of an equality fail at every point; those of an inequality only where it is sharp.
        """
        return not (self.missed_controls and has_equality(self.statement))

    @property
    def as_expected(self) -> bool:
        return not self.decides or (self.verdict_as_expected and self.controls_caught)

    @property
    def verdict_as_expected(self) -> bool:
        if not self.decides:
            return True
        if self.expected is None:
            return self.verdict is not Verdict.INCONCLUSIVE
        return self.verdict in (self.expected, Verdict.VACUOUS)


def has_equality(statement: Statement) -> bool:
    """Whether an equality is among the relations that a statement claims."""
    return any(isinstance(claim, Eq) for claim in statement.claims)


def expected(statement: Statement, subject: Subject, promises: Collection[str] | None = None) -> Verdict | None:
    """What a statement's proof says of a subject; None if it says nothing.

    It holds if the subject satisfies all that the proof uses. Without that an equality fails on exact subjects. The
    promises are those of the subject on one instance, if they differ from its own.
    """
    if statement.status is Status.REFUTED:
        return None
    if statement.premises <= frozenset(subject.premises if promises is None else promises):
        return Verdict.CONFIRMED
    if statement.status is Status.OPEN:  # without a proof, nothing says what it needs
        return None
    return Verdict.FALSIFIED if subject.falsifies and has_equality(statement) else None


def findings(statements: Sequence[Statement], subject: Subject, points: Sequence[Point], *, seed: int) -> list[Finding]:
    """Judge what is claimed of them on all points of one subject and data set (at least one point)."""
    instance = points[0].instance
    judged = subject.judge(statements, points, subject.promises(instance))
    place, objectives = Place(instance.name, subject.name, seed), [point.instance.objective for point in points]
    return _findings(claimed_of(statements, objectives), subject, place, judged, instance, len(points))


def claimed_of(statements: Sequence[Statement], objectives: Collection[Objective]) -> list[Statement]:
    """The statements that claim something of one of these objectives."""
    return [statement for statement in statements if any(under(statement, each) for each in objectives)]


def _findings(
    statements: Sequence[Statement],
    subject: Subject,
    place: Place,
    judged: Mapping[str, Judgement],
    instance: Instance | Kept,
    points: int,
) -> list[Finding]:
    promises = subject.promises(instance)
    return [
        Finding(
            statement,
            subject.name,
            place.data,
            expected(statement, subject, promises),
            judged[statement.id],
            points,
            place.seed,
        )
        for statement in statements
        if statement.id in judged
    ]


def complaints(found: Sequence[Finding]) -> list[str]:
    """Why the evidence does not agree with the statements, one line each; empty if it does.

    Only findings that decide are looked at. A statement that was vacuous in all of them has no evidence, and that is a
    complaint too.
    """
    lines = [_complaint(finding) for finding in found if not finding.as_expected]
    deciding = [finding for finding in found if finding.decides]
    for statement in {finding.statement.id: finding.statement for finding in deciding}.values():
        own = [finding for finding in deciding if finding.statement.id == statement.id]
        lines += _complaints_overall(statement, own)
    return lines or ([] if found else ["no statement was judged"])


def _complaints_overall(statement: Statement, found: Sequence[Finding]) -> Iterator[str]:
    verdicts = {finding.verdict for finding in found}
    if verdicts <= {Verdict.VACUOUS}:
        yield f"{statement.id}: vacuous on every subject and data set"
    if statement.status is Status.REFUTED and Verdict.FALSIFIED not in verdicts:
        yield f"{statement.id}: REFUTED, but nothing falsified it"
    if statement.status is Status.REFUTED:
        shown = [finding.judgement.controls for finding in found if finding.verdict is Verdict.FALSIFIED]
        for name in statement.controls:
            if not any(controls[name] is Verdict.CONFIRMED for controls in shown):
                yield f"{statement.id}: control failed as well: {name}"
    against = [f for f in found if f.expected is Verdict.CONFIRMED and f.verdict is Verdict.FALSIFIED]
    if statement.status is Status.OPEN and against:
        yield f"{statement.id}: OPEN, but falsified: set its status to REFUTED and keep the counterexample"
    promising = [f for f in found if f.expected is Verdict.CONFIRMED and f.verdict is Verdict.CONFIRMED]
    for name in statement.controls if promising else ():
        if all(finding.judgement.controls.get(name) is not Verdict.FALSIFIED for finding in promising):
            yield f"{statement.id}: control never caught: {name}"


def _complaint(finding: Finding) -> str:
    place = f"{finding.statement.id} on {finding.subject}, {finding.data}"
    judgement = finding.judgement
    if not finding.verdict_as_expected:
        wanted = finding.expected.value if finding.expected else "a verdict"
        shown = f"violation {judgement.violation:.2e} against {judgement.bound:.2e} at {judgement.where}"
        return f"{place}: {finding.verdict.value}, expected {wanted} ({shown})"
    return f"{place}: control not caught: {', '.join(finding.missed_controls)}"


# --- the main job ----------------------------------------------------------------------------------------------------

COUNTEREXAMPLE = "counterexample"  # the data set of the points that refuted statements keep


def verify(
    statements: Sequence[Statement],
    *,
    on: Collection[str] = tuple(SUBJECTS),
    workloads: Sequence[Workload],
    seed: int = 0,
    device: str = "cpu",
    store: Store | None = None,
    workers: Workers = HERE,
    progress: Progress = lambda what, fraction: None,
) -> list[Finding]:
    """Judge all statements on every workload and subject. What the store holds already is not judged again."""
    store = store or Store.in_memory()
    found = [finding for each in statements for finding in _at_counterexample(each, seed, store)]
    progress("data", 0.0)
    posed = [(workload, workload.instances(seed)) for workload in workloads]
    units = [
        Unit(workload.name, instances, kind, workload.steps, seed, device)
        for workload, instances in posed
        for kind in on
        if kind == "solver" or workload.steps
    ]
    tasks = [(missing, unit) for unit in units if (missing := unit.missing(statements, store))]
    tasks = [(missing, replace(unit, points=unit.kept_points(store))) for missing, unit in tasks]
    done = 0

    def within(what: str, fraction: float) -> None:
        progress(what, (done + fraction) / len(tasks))

    for position, result in scattered(_judge, tasks, workers, within):
        missing, unit = tasks[position]
        for subject, (points, judged) in result.items():
            store.keep(unit.place(subject), points, missing, judged)
        done += 1
        within(f"{done} of {len(tasks)} done, the last one was {unit.data}", 0.0)
    return found + [finding for unit in units for finding in unit.findings(statements, store)]


@dataclass(frozen=True, eq=False)
class Unit:
    """What is solved or trained at once: a workload and a kind of subject. points: by subject, if they are known.

    instances: the problem, and the same with other objectives, which are solved only.
    """

    data: str
    instances: Sequence[Instance]
    kind: str
    steps: int
    seed: int
    device: str
    points: Mapping[str, list[Point]] | None = None

    @property
    def instance(self) -> Instance:
        return self.instances[0]

    @cached_property
    def source(self) -> str:
        return source_of(self.instances)

    def place(self, subject: Subject) -> Place:
        settings = self.device if self.kind == "sae" else ""
        return Place(self.data, subject.name, self.seed, settings, source=self.source)

    def missing(self, statements: Sequence[Statement], store: Store) -> list[Statement]:
        """The statements with something to say here that are not judged yet on all subjects of this kind."""
        statements = claimed_of(statements, {each.objective for each in self.instances})
        known = [store.judged(self.place(subject), statements) for subject in SUBJECTS[self.kind]]
        return [statement for statement in statements if any(statement.id not in judged for judged in known)]

    def kept_points(self, store: Store) -> Mapping[str, list[Point]] | None:
        points = {subject.name: store.points(self.place(subject)) for subject in SUBJECTS[self.kind]}
        return points if all(points.values()) else None

    def findings(self, statements: Sequence[Statement], store: Store) -> list[Finding]:
        """Of all subjects of this kind."""
        assert not self.missing(statements, store), f"{self.data}: not all was judged"
        return [
            finding
            for subject in SUBJECTS[self.kind]
            for finding in recorded_at(self.place(subject), subject, statements, store)
        ]


def recorded_at(place: Place, subject: Subject, statements: Sequence[Statement], store: Store) -> list[Finding]:
    """The findings that a store holds of one place."""
    kept = store.kept(place)
    if kept is None:
        return []
    statements = claimed_of(statements, kept.objectives)
    return _findings(statements, subject, place, store.judged(place, statements), kept, kept.points)


Judged = dict[Subject, tuple[list[Point], dict[str, Judgement]]]


def _judge(statements: Sequence[Statement], unit: Unit, progress: Progress) -> Judged:
    found = _points(unit, progress) if unit.points is None else unit.points
    judged: Judged = {}
    for subject in SUBJECTS[unit.kind]:
        points = [as_read(point) for point in found[subject.name]]
        progress(f"{unit.data}: judging {subject.name}", 0.95)
        judged[subject] = points, subject.judge(statements, points, subject.promises(unit.instance))
    return judged


def _at_counterexample(statement: Statement, seed: int, store: Store) -> list[Finding]:
    """What a refuted statement gets at the counterexample that it keeps."""
    if statement.counterexample is None:
        return []
    place = Place(COUNTEREXAMPLE, EXACT.name, seed, instance=repr(statement.counterexample))
    if not store.judged(place, [statement]):
        point = as_read(stored_counterexample(statement))
        store.keep(place, [point], [statement], EXACT.judge([statement], [point], EXACT.promises(point.instance)))
    return recorded_at(place, EXACT, [statement], store)


def _points(unit: Unit, progress: Progress) -> Mapping[str, list[Point]]:
    if unit.kind == "solver":

        def solving(step: int, objective: float, stationarity: float) -> None:
            progress(f"{unit.data}: exact optimum, step {step}, stationarity {stationarity:.0e}", 0.5)

        progress(f"{unit.data}: exact optimum", 0.0)
        first, *others = (exact_optimum(each, unit.seed, solving, _restarts(each)) for each in unit.instances)
        return {EXACT.name: [*with_companions(first), *others]}

    def training(step: int, steps: int, loss: float) -> None:
        progress(f"{unit.data}: training, step {step} of {steps}, loss {loss:.4g}", 0.8 * step / steps)

    progress(f"{unit.data}: training", 0.0)
    trained = trained_points(unit.instance, unit.steps, unit.seed, unit.device, training)
    progress(f"{unit.data}: optimal codes", 0.8)
    return {INFERRED.name: [with_optimal_codes(point) for point in trained], TRAINED.name: trained}


ATTEMPTS = 3  # of the solver for other objectives, which does not always settle, to be exact
RESTARTS, FEW = 8, 1000  # of a problem whose codes have few entries: a poor minimum may leave a law nothing sharp


def _restarts(instance: Instance) -> int:
    return RESTARTS if instance.n * instance.k <= FEW else 1


def exact_optimum(
    instance: Instance,
    seed: int,
    progress: Callable[[int, float, float], None] | None = None,
    restarts: int = 1,
) -> Point:
    """A certified stationary point, from the solver for its objective; that of the L1 problem reports its steps.

    restarts: of the L1 problem, the best of so many.
    """
    from checks.solvers.codes import Outcome
    from checks.solvers.family import stationary
    from checks.solvers.joint import joint

    if instance.objective is not L1:
        for attempt in range(ATTEMPTS):
            found = stationary(instance, seed=seed + 1000 * attempt)
            if found.outcome is Outcome.CONVERGED:
                break
        return Point(instance, found.D, found.b, found.Z)
    solution = joint(
        instance.x,
        instance.k,
        instance.lam,
        weights=instance.weights,
        bias=instance.bias,
        seed=seed,
        restarts=restarts,
        progress=progress,
    )
    return Point(instance, solution.D, solution.b, solution.Z)


def with_companions(point: Point) -> list[Point]:
    """An optimum and, of the L1 problem, the same with a split atom."""
    return [point, with_split_atom(point)] if point.instance.objective is L1 else [point]


def with_split_atom(point: Point) -> Point:
    """An optimum with one atom more: a copy of the busiest one takes over half of its code.

    It reconstructs alike and costs as much, so that it is an optimum too, one whose codes are not unique and in which
    two features imply each other.
    """
    busiest = int(np.argmax((point.Z > 0).sum(axis=0)))
    Z = np.column_stack([point.Z, point.Z[:, busiest] / 2])
    Z[:, busiest] /= 2
    D = np.column_stack([point.D, point.D[:, busiest]])
    return Point(replace(point.instance, k=point.instance.k + 1), D, point.b, Z)


def stored_counterexample(statement: Statement) -> Point:
    """The point that a refuted statement keeps as its counterexample."""
    kept = statement.counterexample
    assert kept is not None
    D, Z = np.array(kept.D, dtype=float), np.array(kept.z, dtype=float)
    numbers = {"K": kept.limit, "M": kept.prefixes}
    problem = instance(
        np.array(kept.x, dtype=float),
        D.shape[1],
        np.array(kept.prices, dtype=float),
        bias=kept.bias,
        name="counterexample",
        objective=kept.objective,
        parameters={name: np.array(value, dtype=float) for name, value in numbers.items() if value is not None},
    )
    return Point(problem, D, np.array(kept.b, dtype=float), Z)


def with_optimal_codes(point: Point) -> Point:
    """The same dictionary and bias, with each sample's codes optimised."""
    from checks.solvers.codes import codes

    solution = codes(point.instance.x - point.b, point.D, point.instance.lam)
    return Point(point.instance, point.D, point.b, solution.Z)


MEMBERS = 3  # training seeds of an ensemble


def trained_points(
    instance: Instance,
    steps: int,
    seed: int,
    device: str,
    progress: Callable[[int, int, float], None] | None = None,
) -> list[Point]:
    """An ensemble of SAEs trained on the instance, as points with amortised codes; training reports its steps."""
    from checks.saes.train import train

    saes = train(
        instance.x,
        instance.k,
        instance.lam,
        weights=instance.weights,
        bias=instance.bias,
        seeds=range(seed, seed + MEMBERS),
        steps=steps,
        device=device,
        progress=None if progress is None else lambda report: progress(report.step, report.steps, report.loss),
    )
    return [sae.point(instance) for sae in saes]
