"""Other people's solvers and SAE trainers, judged by every law of their problem.

    from checks.laws import parametrize_with_laws

    @parametrize_with_laws(my_solver, promises="joint optimum")
    def test_my_solver(law):
        law.check()

The solver is called as my_solver(x, k, lam) with samples x (n, d), the number of atoms and λ; it returns (D, b, Z), as
numpy arrays or torch tensors: atoms as columns of D (d, k), the bias b (d,) or None, codes Z (n, k). It is called once
for each instance. If it takes `seed` too and is judged as an ensemble, it is called with the seeds 0, 1 and 2.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from checks.campaigns import verify
from checks.campaigns.verify import MEMBERS
from checks.errors import BadInput
from checks.instances.companions import with_split_atom
from checks.judging import approximate, exact
from checks.judging.certify import certify
from checks.judging.findings import Finding
from checks.judging.findings import complaints as complaints_of
from checks.judging.subjects import EXACT, INFERRED, JOINTLY_OPTIMAL, TRAINED, Subject
from checks.judging.verdict import Verdict
from checks.problem.instance import Array, Instance, instance
from checks.problem.point import Point
from theory.problem import L1
from theory.statement import Statement, Status, discover, under

Solver = Callable[..., tuple[Any, Any, Any]]

# What a solver promises, in words, and how it is then judged. At an exact promise the tolerances are certified; a law
# of an inexact one must be ten times nearer to the solution than its controls.
PROMISES: Mapping[str, Subject] = {
    "joint optimum": EXACT,
    "optimal codes": INFERRED,
    "stationary parameters": TRAINED,
    "nearly a joint optimum": Subject("nearly a joint optimum", JOINTLY_OPTIMAL, approximate.judge, falsifies=False),
}
CLEAR = 0.1  # how far λ must be off, and how little atoms may disagree on that, for it to be called another one
SOLUTION = "solution"  # the id of the first check: that there is something to judge


class LawFails(AssertionError):
    """A law does not hold on what a solver returned, or could not be judged there."""


@dataclass(frozen=True, eq=False)
class Law:
    """One check of a solver: a statement's id and the statement, or the solution itself if there is none."""

    id: str
    statement: Statement | None
    run: _Run = field(repr=False)

    def check(self) -> None:
        """Raise LawFails if the law does not hold or was not judged, BadInput if what was returned is no solution.

        An error of the solver's own is raised by the check of the solution, and named by all others.
        """
        __tracebackhide__ = True
        if self.run.error is not None:
            if self.statement is None:
                raise self.run.error
            raise BadInput(_in_short(self.run.error)) from None
        complaints = self.run.shortfalls if self.statement is None else _complaints(self.statement, self.findings)
        if complaints:
            raise LawFails("\n".join(f"{self.run.name}: {line}" for line in [*complaints, *self.run.hints]))

    @property
    def figures(self) -> dict[str, object]:
        """Verdicts and the worst violation, for a report; empty of what was not judged."""
        found = [] if self.run.error else self.findings
        worst = exact.worst([finding.judgement for finding in found]) if found else None
        return {
            "statement": self.id,
            **({"verdict": worst.verdict.value, "violation": worst.violation, "bound": worst.bound} if worst else {}),
            "instances": len({finding.data for finding in found}),
        }

    @property
    def findings(self) -> list[Finding]:
        """What was found of the law, instance by instance."""
        return [finding for finding in self.run.findings if finding.statement is self.statement]


def laws(
    solver: Solver,
    *,
    promises: str | Subject = "joint optimum",
    bias: bool = False,
    instances: Sequence[Instance] | None = None,
) -> list[Law]:
    """All checks of a solver: that it returns solutions at all, and each proved law that follows from its promises.

    promises: what its solutions satisfy, one of PROMISES or a `Subject` with conditions of its own
    bias: whether the solver optimises a decoder bias too
    instances: what it is judged on, from `checks.problem.instance.instance`; by default small ones made for the purpose
    Raises BadInput if the promise is unknown, or an instance has weights that the solver cannot be told.
    """
    if isinstance(promises, str) and promises not in PROMISES:
        raise BadInput(f"promises {promises!r}: expected {', '.join(map(repr, PROMISES))}, or a Subject")
    subject = PROMISES[promises] if isinstance(promises, str) else promises
    is_exact = subject.judge is exact.judge
    chosen = standard_instances(bias=bias, degenerate=is_exact) if instances is None else list(instances)
    if not chosen:
        raise BadInput("instances: there are none to judge a solver on")
    for each in chosen:
        if np.ptp(each.weights):
            raise BadInput(f"{each.name}: a solver of (x, k, lam) knows no weights, all must be equal")
    promised = frozenset[str]().union(*(subject.promises(each) for each in chosen))
    statements = [statement for statement in discover() if _is_due(statement, promised)]
    run = _Run(solver, subject, chosen, statements)
    return [Law(SOLUTION, None, run), *(Law(statement.id, statement, run) for statement in statements)]


def parametrize_with_laws(
    solver: Solver,
    *,
    promises: str | Subject = "joint optimum",
    bias: bool = False,
    instances: Sequence[Instance] | None = None,
    expected_failures: Mapping[str, str] | None = None,
) -> Any:
    """A pytest decorator: one test for each of `laws`, to a test function with the argument `law`.

    expected_failures: reasons by law, such as {"A1": "stops early"}; a law that holds after all fails as well.
    Raises BadInput as `laws`, or if a failure is expected of a law that is not judged.
    """
    import pytest

    judged = laws(solver, promises=promises, bias=bias, instances=instances)
    excused = dict(expected_failures or {})
    if unknown := sorted(excused.keys() - {law.id for law in judged}):
        raise BadInput(f"expected_failures of {', '.join(unknown)}: judged are {', '.join(law.id for law in judged)}")

    def marks(law: Law) -> list[pytest.MarkDecorator]:
        family = law.statement.path.parent.name if law.statement and law.statement.path else SOLUTION
        found = [pytest.mark.law(id=law.id, status=Status.PROVED.value.lower(), family=family, part="solver")]
        if law.id in excused:
            found.append(pytest.mark.xfail(reason=excused[law.id], raises=LawFails, strict=True))
        return found

    return pytest.mark.parametrize("law", [pytest.param(law, id=law.id, marks=marks(law)) for law in judged])


def standard_instances(*, bias: bool, degenerate: bool = True) -> list[Instance]:
    """Small instances on which every proved law has something to say.

    Sparse codes; one dense direction in two senses; and a degenerate one, rays, where laws hold with their controls.
    """
    from checks.data.datasets import STANDARD
    from checks.data.synthetic.planted import planted

    sparse = planted(200, 6, 8, seed=0, noise=0.05, offset=1.0 if bias else 0.0)
    built = [instance(sparse.x, 8, 0.2, name="planted")]
    wanted = ("antipodal", "rays") if degenerate else ("antipodal",)
    built += [dataset.build(0) for dataset in STANDARD if dataset.name in wanted]
    return [instance(each.x, each.k, each.lam, bias=bias, name=each.name) for each in built]


def _is_due(statement: Statement, promised: frozenset[str]) -> bool:
    """Whether a law must hold: proved, for the L1 penalty too, and of promised conditions only."""
    return statement.status is Status.PROVED and bool(under(statement, L1)) and statement.premises <= promised


def _in_short(error: Exception) -> str:
    return str(error) if isinstance(error, BadInput) else f"no solution: {type(error).__name__}: {error}"


def _complaints(statement: Statement, findings: Sequence[Finding]) -> list[str]:
    """Why the findings do not bear a law out, one line each."""
    unjudged = {f.data: f.judgement.where for f in findings if f.verdict is Verdict.INCONCLUSIVE}
    if unjudged:
        why = next(iter(unjudged.values()))
        return [f"{statement.id} not judged on {', '.join(unjudged)}: {why}"]
    return complaints_of(findings)


# --- running a solver ------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class _Run:
    """A solver's solutions of some instances, and what was found of all statements there; each obtained once."""

    solver: Solver
    subject: Subject
    instances: Sequence[Instance]
    statements: Sequence[Statement]

    @property
    def name(self) -> str:
        return getattr(self.solver, "__name__", repr(self.solver))

    @cached_property
    def findings(self) -> list[Finding]:
        found = []
        for points in self._solutions:
            promises = self.subject.promises(points[0].instance)
            due = [statement for statement in self.statements if statement.premises <= promises]
            found += verify.findings(due, self.subject, points, seed=0)
            if "code" in promises:
                # Codes that are free may be shared with an equal atom, of which laws of two atoms speak.
                found += verify.findings(due, self.subject, [*map(with_split_atom, points)], seed=0)
        return found

    @property
    def _is_exact(self) -> bool:
        return self.subject.judge is exact.judge

    @cached_property
    def shortfalls(self) -> list[str]:
        """Why solutions are not as exact as was promised, one line for each."""
        return [
            f"{point.instance.name} is uncertified: {shortfall}"
            for points in self._solutions
            for point in points
            if self._is_exact and (shortfall := certify(point).shortfall(self.subject.promises(point.instance)))
        ]

    @cached_property
    def hints(self) -> list[str]:
        """What is likely wrong, one line for each instance where it can be told."""
        return [hint for points in self._solutions if (hint := _hint(points[0]))]

    @property
    def error(self) -> Exception | None:
        """Why there are no solutions, if there are none."""
        return self._outcome if isinstance(self._outcome, Exception) else None

    @property
    def _solutions(self) -> list[list[Point]]:
        """Its solutions of each instance; none if there was an error."""
        return [] if isinstance(self._outcome, Exception) else self._outcome

    @cached_property
    def _outcome(self) -> list[list[Point]] | Exception:
        try:
            return [[self._solution(each, *seed) for seed in self._seeds()] for each in self.instances]
        except Exception as error:
            return error

    def _seeds(self) -> list[tuple[int, ...]]:
        seeded = "seed" in inspect.signature(self.solver).parameters
        return [(seed,) for seed in range(MEMBERS)] if seeded and not self._is_exact else [()]

    def _solution(self, problem: Instance, *seed: int) -> Point:
        """What the solver returns, as a point. Raises BadInput if it cannot be one."""
        lam = problem.lam if np.ptp(problem.lam) else float(problem.lam[0])
        returned = self.solver(problem.x.copy(), problem.k, lam, **({"seed": seed[0]} if seed else {}))
        try:
            return _point(returned, problem)
        except BadInput as error:
            raise BadInput(f"{self.name} on {problem.name}: {error}") from None


def _point(returned: Any, problem: Instance) -> Point:
    """(D, b, Z) as a point with unit-norm atoms and codes ≥ 0, some of them active. Raises BadInput otherwise."""
    if not isinstance(returned, (tuple, list)) or len(returned) != 3:
        raise BadInput(f"returned {type(returned).__name__}, expected (D, b, Z)")
    D, Z = _array(returned[0], "D"), _array(returned[2], "Z")
    if D.shape == (problem.k, problem.d) != (problem.d, problem.k):
        raise BadInput(f"D has shape {D.shape}, expected {(problem.d, problem.k)}: atoms are its columns")
    point = Point(problem, D.astype(float), _bias(returned[1], problem), Z.astype(float))
    if point.first_bad_row is not None:
        raise BadInput(f"not finite, first at row {point.first_bad_row}")
    norms = np.linalg.norm(point.D, axis=0)
    worst = int(np.argmax(np.abs(norms - 1)))
    # As near to 1 as dividing by the norm comes in the precision that it was returned in.
    if not abs(norms[worst] - 1) <= (problem.d + 5) * _precision(D):
        raise BadInput(
            f"atom {worst} has norm {norms[worst]:.6g}: divide atoms by their norms and multiply their codes"
        )
    if (point.Z < 0).any():
        row, column = np.argwhere(point.Z < 0)[0]
        raise BadInput(f"codes must be ≥ 0, and z[{row}, {column}] = {point.Z[row, column]:.3g}")
    if not point.Z.any():
        raise BadInput("all codes are zero, so that there is nothing to judge")
    return point


def _bias(b: Any, problem: Instance) -> Array:
    if b is None and problem.bias:
        raise BadInput("b is None where a bias is free: judge it with bias=False")
    b = np.zeros(problem.d) if b is None else _array(b, "b").astype(float)
    if not problem.bias and b.any():
        raise BadInput("b is not zero where no bias is free: judge it with bias=True")
    return b


def _array(value: Any, letter: str) -> np.ndarray:
    """A numpy array of what may be a torch tensor on any device."""
    value = value.detach().cpu().numpy() if hasattr(value, "detach") else np.asarray(value)
    if value.dtype.kind not in "fiu":
        raise BadInput(f"{letter} has entries of type {value.dtype}, expected real numbers")
    return value


def _precision(array: np.ndarray) -> float:
    return float(np.finfo(array.dtype if array.dtype.kind == "f" else float).eps)


def _hint(point: Point) -> str:
    """A common reason why laws fail: another λ, if every live atom reads the same (A5); empty otherwise."""
    weighted = point.instance.weights[:, None] * point.Z
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = (weighted * (point.residual @ point.D)).sum(0) / (point.instance.lam @ weighted)
    ratios = ratios[weighted.any(axis=0)]
    ratio, spread = float(np.median(ratios)), float(np.ptp(ratios))
    if not (spread <= CLEAR * abs(ratio - 1) and abs(ratio - 1) > CLEAR):
        return ""
    return f"{point.instance.name}: its λ reads {ratio:.4g} times the one asked for (the loss is ½‖r‖² + λ‖z‖₁)"
