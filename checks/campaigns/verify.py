"""Statements × data × subjects → findings: the main job.

A subject is anything that returns points, together with the stationarity conditions that it promises to satisfy. What
is expected of a statement on a subject follows from its proof: it must hold if the proof uses promised conditions only.
Otherwise an equality should fail at a subject that is exact in all it promises; elsewhere it may go either way. Unless
the subject is an exact optimum that is information, and decides nothing: how a trained SAE misses what it does not
promise depends on its seed and on the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from checks.campaigns import attack
from checks.data.datasets import Dataset
from checks.evidence.codec import as_read
from checks.evidence.fingerprint import source_of
from checks.evidence.parallel import HERE, Progress, Workers, scattered
from checks.evidence.place import Kept, Place
from checks.evidence.store import Store
from checks.instances.companions import with_companions
from checks.instances.stored import stored_counterexample
from checks.judging.findings import Evidence, Finding, claimed_of, complaints, expected
from checks.judging.subjects import EXACT, INFERRED, SUBJECTS, TRAINED, Subject
from checks.judging.verdict import Judgement
from checks.problem.instance import Instance
from checks.problem.point import Point
from checks.solvers.optimum import exact_optimum, with_optimal_codes
from theory.statement import Statement


@dataclass(frozen=True)
class Request:
    """What a campaign is asked for: statements, kinds of subject, datasets, a profile if there is to be an attack."""

    statements: Sequence[Statement]
    on: Sequence[str]
    datasets: Sequence[Dataset]
    profile: str | None = None
    seed: int = 0
    device: str = "cpu"

    @property
    def settings(self) -> dict[str, Any]:
        """As they are kept with the evidence."""
        return {
            "statements": [statement.id for statement in self.statements],
            "on": self.on,
            "data": [dataset.name for dataset in self.datasets],
            "profile": self.profile,
            "seed": self.seed,
            "device": self.device,
        }


def evidence_for(
    request: Request,
    store: Store,
    provenance: Mapping[str, Any],
    *,
    workers: Workers = HERE,
    progress: Progress = lambda what, fraction: None,
) -> Evidence:
    """Judge all that is asked for and is not in the store yet, and keep it there with where it comes from."""
    store.begin(request.settings, provenance)
    shared: Any = {"seed": request.seed, "store": store, "workers": workers, "progress": progress}
    found = list(verify(request.statements, on=request.on, datasets=request.datasets, device=request.device, **shared))
    missed: list[str] = []
    if request.profile:
        profile = attack.PROFILES[request.profile]
        ledger = attack.attack(request.statements, profile, **shared)
        found = [*found, *ledger.findings(request.seed)]
        missed = ledger.complaints(profile)
    store.finish()
    return Evidence(found, [*complaints(found), *missed])


def findings(statements: Sequence[Statement], subject: Subject, points: Sequence[Point], *, seed: int) -> list[Finding]:
    """Judge what is claimed of them on all points of one subject and dataset (at least one point)."""
    instance = points[0].instance
    judged = subject.judge(statements, points, subject.promises(instance))
    place, objectives = Place(instance.name, subject.name, seed), [point.instance.objective for point in points]
    return _findings(claimed_of(statements, objectives), subject, place, judged, instance, len(points))


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


# --- the main job ----------------------------------------------------------------------------------------------------

COUNTEREXAMPLE = "counterexample"  # the dataset of the points that refuted statements keep


def verify(
    statements: Sequence[Statement],
    *,
    on: Collection[str] = tuple(SUBJECTS),
    datasets: Sequence[Dataset],
    seed: int = 0,
    device: str = "cpu",
    store: Store | None = None,
    workers: Workers = HERE,
    progress: Progress = lambda what, fraction: None,
) -> list[Finding]:
    """Judge all statements on every dataset and subject. What the store holds already is not judged again."""
    store = store or Store.in_memory()
    found = [finding for each in statements for finding in _at_counterexample(each, seed, store)]
    progress("data", 0.0)
    posed = [(dataset, dataset.instances(seed)) for dataset in datasets]
    units = [
        Unit(dataset.name, instances, kind, dataset.steps, seed, device)
        for dataset, instances in posed
        for kind in on
        if kind == "solver" or dataset.steps
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
    """What is solved or trained at once: a dataset and a kind of subject. points: by subject, if they are known.

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


RESTARTS, FEW = 8, 1000  # of a problem whose codes have few entries: a poor minimum may leave a law nothing sharp


def _restarts(instance: Instance) -> int:
    return RESTARTS if instance.n * instance.k <= FEW else 1


MEMBERS = 3  # training seeds of an ensemble


def trained_points(
    instance: Instance,
    steps: int,
    seed: int,
    device: str,
    progress: Callable[[int, int, float], None] | None = None,
) -> list[Point]:
    """An ensemble of SAEs trained on the instance, as points with amortised codes; training reports its steps."""
    from checks.saes.train import Report, train

    def step(now: object) -> None:
        if progress is not None and isinstance(now, Report):
            progress(now.step, now.steps, now.loss)

    saes = train(
        instance.x,
        instance.k,
        instance.lam,
        weights=instance.weights,
        bias=instance.bias,
        seeds=range(seed, seed + MEMBERS),
        steps=steps,
        device=device,
        progress=None if progress is None else step,
    )
    return [sae.point(instance) for sae in saes]
