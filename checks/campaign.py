"""Statements × data × subjects → findings: the main job.

A subject is anything that returns points, together with the stationarity conditions that it promises to satisfy. What
is expected of a statement on a subject follows from its proof: it must hold if the proof uses promised conditions only,
and must fail otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from checks import certified, normalised
from checks.instance import Instance
from checks.point import Point
from checks.verdict import Judgement, Verdict
from checks.workloads import Workload
from theory.statement import Statement, Status

OPTIMAL_CODES = frozenset({"code", "comp", "scale", "unit"})
STATIONARY_PARAMETERS = frozenset({"scale", "atom", "unit", "bias"})
JOINTLY_OPTIMAL = OPTIMAL_CODES | STATIONARY_PARAMETERS

Judge = Callable[[Sequence[Statement], Sequence[Point], Collection[str]], dict[str, Judgement]]
Progress = Callable[[str, float], None]  # (what is being done, fraction of the whole)


@dataclass(frozen=True)
class Subject:
    """A kind of solution: its name, the conditions it satisfies and how statements are judged on it."""

    name: str
    premises: frozenset[str]
    judge: Judge

    def promises(self, instance: Instance) -> frozenset[str]:
        """The conditions satisfied on an instance: without a free bias there is nothing stationary about it."""
        return self.premises if instance.bias else self.premises - {"bias"}


EXACT = Subject("exact optimum", JOINTLY_OPTIMAL, certified.judge)
INFERRED = Subject("optimal codes, SAE dictionary", OPTIMAL_CODES, certified.judge)
TRAINED = Subject("trained SAE", STATIONARY_PARAMETERS, normalised.judge)
SUBJECTS = {"solver": (EXACT,), "sae": (INFERRED, TRAINED)}


@dataclass(frozen=True)
class Finding:
    """One statement on one subject and one data set, over all points that were judged."""

    statement: Statement
    subject: str
    data: str
    expected: Verdict
    judgement: Judgement
    instances: int
    seed: int

    @property
    def verdict(self) -> Verdict:
        return self.judgement.verdict

    @property
    def uncertified(self) -> int:
        return self.judgement.uncertified

    @property
    def controls_caught(self) -> bool:
        """Whether every control got the opposite verdict wherever the statement was confirmed."""
        if self.verdict is not Verdict.CONFIRMED:
            return True
        return all(verdict is Verdict.FALSIFIED for verdict in self.judgement.controls.values())

    @property
    def as_expected(self) -> bool:
        return (self.verdict is self.expected or self.verdict is Verdict.VACUOUS) and self.controls_caught


def expected(statement: Statement, promises: Collection[str]) -> Verdict:
    """What the proof says of a subject: the statement holds if the subject satisfies all that the proof uses."""
    if statement.status is Status.REFUTED:
        return Verdict.FALSIFIED
    return Verdict.CONFIRMED if statement.premises <= frozenset(promises) else Verdict.FALSIFIED


def findings(statements: Sequence[Statement], subject: Subject, points: Sequence[Point], *, seed: int) -> list[Finding]:
    """Judge all statements on all points of one subject and data set (at least one point)."""
    instance = points[0].instance
    promises = subject.promises(instance)
    judged = subject.judge(statements, points, promises)
    return [
        Finding(
            statement,
            subject.name,
            instance.name,
            expected(statement, promises),
            judged[statement.id],
            len(points),
            seed,
        )
        for statement in statements
    ]


def complaints(found: Sequence[Finding]) -> list[str]:
    """Why the evidence does not agree with the statements, one line each; empty if it does.

    A statement that was vacuous or inconclusive everywhere has no evidence, and that is a complaint too.
    """
    lines = [_complaint(finding) for finding in found if not finding.as_expected]
    for statement in {finding.statement.id: finding.statement for finding in found}.values():
        verdicts = {finding.verdict for finding in found if finding.statement is statement}
        if verdicts <= {Verdict.VACUOUS}:
            lines.append(f"{statement.id}: vacuous on every subject and data set")
    return lines or ([] if found else ["no statement was judged"])


def _complaint(finding: Finding) -> str:
    place = f"{finding.statement.id} on {finding.subject}, {finding.data}"
    judgement = finding.judgement
    if finding.verdict is not finding.expected:
        shown = f"violation {judgement.violation:.2e} against {judgement.bound:.2e} at {judgement.where}"
        return f"{place}: {finding.verdict.value}, expected {finding.expected.value} ({shown})"
    missed = [name for name, verdict in judgement.controls.items() if verdict is not Verdict.FALSIFIED]
    return f"{place}: control not caught: {', '.join(missed)}"


# --- the main job ----------------------------------------------------------------------------------------------------


def verify(
    statements: Sequence[Statement],
    *,
    on: Collection[str] = tuple(SUBJECTS),
    workloads: Sequence[Workload],
    seed: int = 0,
    device: str = "cpu",
    progress: Progress = lambda what, fraction: None,
) -> Iterator[Finding]:
    """Judge all statements on every workload and subject, yielding findings as they come."""
    stages = len(workloads) * len(on)
    done = 0
    for workload in workloads:
        instance = workload.build(seed)
        for kind in on:
            progress(f"{workload.name}: {'exact optimum' if kind == 'solver' else 'training'}", done / stages)
            for subject, points in _points(kind, instance, workload, seed, device).items():
                yield from findings(statements, subject, points, seed=seed)
            done += 1
    progress("done", 1.0)


def _points(kind: str, instance: Instance, workload: Workload, seed: int, device: str) -> dict[Subject, list[Point]]:
    if kind == "solver":
        return {EXACT: [exact_optimum(instance, seed)]}
    trained = trained_points(instance, workload.steps, seed, device)
    return {INFERRED: [with_optimal_codes(point) for point in trained], TRAINED: trained}


def exact_optimum(instance: Instance, seed: int) -> Point:
    """A certified stationary point of the joint problem, from the solver."""
    from checks.solvers.joint import joint

    solution = joint(instance.x, instance.k, instance.lam, weights=instance.weights, bias=instance.bias, seed=seed)
    return Point(instance, solution.D, solution.b, solution.Z)


def with_optimal_codes(point: Point) -> Point:
    """The same dictionary and bias, with each sample's codes optimised."""
    from checks.solvers.codes import codes

    solution = codes(point.instance.x - point.b, point.D, point.instance.lam)
    return Point(point.instance, point.D, point.b, solution.Z)


MEMBERS = 3  # training seeds of an ensemble


def trained_points(instance: Instance, steps: int, seed: int, device: str) -> list[Point]:
    """An ensemble of SAEs trained on the instance, as points with amortised codes."""
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
    )
    return [sae.point(instance) for sae in saes]
