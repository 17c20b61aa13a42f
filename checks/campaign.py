"""Statements × data × subjects → findings: the main job.

A subject is anything that returns points, together with the stationarity conditions that it promises to satisfy. What
is expected of a statement on a subject follows from its proof: it must hold if the proof uses promised conditions only.
Otherwise an equality must fail at a subject that is exact in all it promises; elsewhere it may go either way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sympy import Eq

from checks import certified, normalised
from checks.instance import Instance, instance
from checks.point import Point
from checks.verdict import Judgement, Verdict
from checks.workloads import Workload
from theory.statement import Statement, Status

OPTIMAL_CODES = frozenset({"code", "comp", "act", "scale", "enc_b", "enc_w", "unit"})
STATIONARY_PARAMETERS = frozenset({"scale", "enc_b", "enc_w", "atom", "unit", "bias"})
JOINTLY_OPTIMAL = OPTIMAL_CODES | STATIONARY_PARAMETERS

Judge = Callable[[Sequence[Statement], Sequence[Point], Collection[str]], dict[str, Judgement]]
Progress = Callable[[str, float], None]  # (what is being done, fraction of the whole)


@dataclass(frozen=True)
class Subject:
    """A kind of solution: its name, the conditions it satisfies and how statements are judged on it.

    falsifies says whether a law that needs a condition which is not promised must be seen to fail. Exact solutions are
    judged so sharply that it is; how far an encoder is from optimal codes is a matter of degree.
    """

    name: str
    premises: frozenset[str]
    judge: Judge
    falsifies: bool

    def promises(self, instance: Instance) -> frozenset[str]:
        """The conditions satisfied on an instance: without a free bias there is nothing stationary about it."""
        return self.premises if instance.bias else self.premises - {"bias"}


EXACT = Subject("exact optimum", JOINTLY_OPTIMAL, certified.judge, falsifies=True)
INFERRED = Subject("optimal codes, SAE dictionary", OPTIMAL_CODES, certified.judge, falsifies=True)
TRAINED = Subject("trained SAE", STATIONARY_PARAMETERS, normalised.judge, falsifies=False)
SUBJECTS = {"solver": (EXACT,), "sae": (INFERRED, TRAINED)}


@dataclass(frozen=True)
class Finding:
    """One statement on one subject and one data set, over all points that were judged."""

    statement: Statement
    subject: str
    data: str
    expected: Verdict | None
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
        return self.verdict_as_expected and self.controls_caught

    @property
    def verdict_as_expected(self) -> bool:
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
    """Judge all statements on all points of one subject and data set (at least one point)."""
    instance = points[0].instance
    promises = subject.promises(instance)
    judged = subject.judge(statements, points, promises)
    return [
        Finding(
            statement,
            subject.name,
            instance.name,
            expected(statement, subject, promises),
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
        lines += _complaints_overall(statement, [finding for finding in found if finding.statement.id == statement.id])
    beyond = [f for f in found if f.subject == TRAINED.name and not f.statement.premises <= TRAINED.premises]
    if any(f.statement.id == "C1" for f in beyond) and not any(f.verdict is Verdict.FALSIFIED for f in beyond):
        lines.append("trained SAEs satisfy every law of optimal codes: the amortisation gap does not show")
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
    if statement.status is Status.OPEN and Verdict.FALSIFIED in verdicts:
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
    refuted = [statement for statement in statements if statement.counterexample is not None]
    for statement in refuted:
        yield from findings([statement], EXACT, [stored_counterexample(statement)], seed=seed)
    kinds = {workload.name: [kind for kind in on if kind == "solver" or workload.steps] for workload in workloads}
    stages = sum(len(chosen) for chosen in kinds.values()) or 1
    done = 0
    for workload in workloads:
        instance = workload.build(seed)
        for kind in kinds[workload.name]:
            progress(f"{workload.name}: {'exact optimum' if kind == 'solver' else 'training'}", done / stages)
            for subject, points in _points(kind, instance, workload, seed, device).items():
                yield from findings(statements, subject, points, seed=seed)
            done += 1
    progress("done", 1.0)


def _points(kind: str, instance: Instance, workload: Workload, seed: int, device: str) -> dict[Subject, list[Point]]:
    if kind == "solver":
        optimum = exact_optimum(instance, seed)
        return {EXACT: [optimum, with_split_atom(optimum)]}
    trained = trained_points(instance, workload.steps, seed, device)
    return {INFERRED: [with_optimal_codes(point) for point in trained], TRAINED: trained}


def exact_optimum(instance: Instance, seed: int) -> Point:
    """A certified stationary point of the joint problem, from the solver."""
    from checks.solvers.joint import joint

    solution = joint(instance.x, instance.k, instance.lam, weights=instance.weights, bias=instance.bias, seed=seed)
    return Point(instance, solution.D, solution.b, solution.Z)


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
    x, lam = np.array(kept.x, dtype=float), np.array(kept.lam, dtype=float)
    problem = instance(x, D.shape[1], lam, bias=kept.bias, name="counterexample")
    return Point(problem, D, np.array(kept.b, dtype=float), Z)


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
