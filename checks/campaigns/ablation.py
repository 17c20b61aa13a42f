"""Ablation: which assumptions a statement needs. Each is dropped in turn, and a small counterexample is searched for.

It is judged at the points of `checks.instances.code_first`, which satisfy all the others.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from sympy import Indexed
from sympy.core.relational import Relational

from checks.evaluation.lowering import Env, order
from checks.instances.assumptions import ASSUMPTIONS, NONNEGATIVE_CODES, Assumption, Penalty
from checks.instances.code_first import DRAWS, PRICED, Solution, solutions
from checks.judging import exact
from checks.judging.subjects import JOINTLY_OPTIMAL, OPTIMAL_CODES
from checks.judging.verdict import Claims, Verdict, claims_of, judged_entries, sides, violation_of
from checks.problem.point import Point
from theory.certificate import slack
from theory.expectation import SampledBase
from theory.manifest import is_nonnegative
from theory.problem import L1, marginal, z
from theory.statement import Statement, Status, claimed

Progress = Callable[[str, float], None]  # (what is being done, fraction of the whole)


class Needed(Enum):
    """What the search and the proof say together of an assumption."""

    NEEDED = "needed"
    UNNEEDED = "unneeded"
    NOT_FOUND = "no counterexample found"


@dataclass(frozen=True, eq=False)
class Counterexample:
    """A point that satisfies every assumption but one, and the entry of a claim that fails most there."""

    point: Point
    draw: int
    relation: Relational
    entry: str
    left: float
    right: float

    def __str__(self) -> str:
        i = self.point.instance
        place = f" at {self.entry}" if self.entry else ""
        return f"n={i.n} d={i.d} k={i.k} draw {self.draw}: {self.left:.4g} against {self.right:.4g}{place}"


@dataclass(frozen=True, eq=False)
class Ablation:
    """One assumption of a statement.

    points       at which the claim was judged without it
    holds_in_general  of a claim that fails for another penalty: whether it holds with that penalty's own φ'; else None
    """

    assumption: str
    verdict: Needed
    used_by_proof: bool
    points: int
    counterexample: Counterexample | None = None
    holds_in_general: bool | None = None

    @property
    def reason(self) -> str:
        """The verdict in words."""
        if self.counterexample:
            family = ", but holds for the family in terms of φ'" if self.holds_in_general else ""
            return f"{self.counterexample}{family}"
        used = "used by the proof" if self.used_by_proof else "not used by the proof"
        return f"{used}, holds at {self.points} points without it" if self.points else f"{used}, no point to judge"


def uses(statement: Statement, assumption: Assumption) -> bool:
    """Whether the proof of a statement uses an assumption.

    That the penalty is linear matters to a claim that spells it and a proof that meets it, and so does the sign of the
    codes; that also where something is nonnegative because they are.
    """
    if assumption.without is Penalty.L1:
        return bool(statement.premises & assumption.conditions)
    spells_penalty = statement.about is L1 or any(claim.has(marginal) for claim in statement.claims)
    pays_it = bool(statement.premises & (OPTIMAL_CODES - {"unit"}))
    return (spells_penalty and pays_it) or (assumption is NONNEGATIVE_CODES and _has_signed_slack(statement))


def _has_signed_slack(statement: Statement) -> bool:
    """Whether what is left over in an inequality would no longer be manifestly nonnegative if the codes were not."""
    signs = {z: SampledBase("z", real=True)}
    return any(
        not is_nonnegative(
            slack(proof).replace(
                lambda part: isinstance(part, Indexed) and part.base in signs,
                lambda part: signs[part.base][part.indices],
            )
        )
        for proof in statement.proofs
    )


# --- the search ------------------------------------------------------------------------------------------------------

FEW_DRAWS = 12  # for an answer within seconds
# Draws are of unit size and meet their conditions to 1e-13: a violation beyond ROUNDING is none of it. A counterexample
# is kept if its violation is CLEAR to a reader as well.
ROUNDING = 1e-9
CLEAR = 1e-3


def ablate(
    statement: Statement, *, seed: int = 0, draws: int = DRAWS, progress: Progress = lambda what, fraction: None
) -> list[Ablation]:
    """What a statement needs, assumption by assumption. Nothing is said of a refuted one."""
    return ablate_all([statement], seed=seed, draws=draws, progress=progress).get(statement.id, [])


def ablate_all(
    statements: Sequence[Statement],
    *,
    seed: int = 0,
    draws: int = DRAWS,
    progress: Progress = lambda what, fraction: None,
) -> dict[str, list[Ablation]]:
    """What each statement needs that is claimed of L1, by its id: the smallest counterexample of the draws, or none."""
    proved = [statement for statement in statements if statement.status is not Status.REFUTED]
    statements = claimed(proved, L1)
    found: dict[str, list[Ablation]] = {statement.id: [] for statement in statements}
    for position, assumption in enumerate(ASSUMPTIONS):

        def report(fraction: float, name: str = assumption.name, before: int = position) -> None:
            progress(f"without {name}", (before + fraction) / len(ASSUMPTIONS))

        searches = {statement.id: _Search(statement) for statement in statements}
        for solved in solutions(assumption, seed=seed, draws=draws, progress=report):
            pending = [search for search in searches.values() if search.counterexample is None]
            if not pending:
                break
            _try(pending, solved, assumption)
        for identifier, search in searches.items():
            found[identifier].append(search.result(assumption, seed, draws))
    return found


@dataclass(eq=False)
class _Search:
    """The search for one statement's counterexample."""

    statement: Statement
    points: int = 0
    counterexample: Counterexample | None = None

    def result(self, assumption: Assumption, seed: int, draws: int) -> Ablation:
        used = uses(self.statement, assumption)
        general = None
        if self.counterexample:
            verdict = Needed.NEEDED
            if assumption.without is not Penalty.L1 and self.statement.about is None:
                general = _holds_in_general(self.statement, assumption, seed, draws)
        else:
            verdict = Needed.NOT_FOUND if used else Needed.UNNEEDED
        return Ablation(assumption.name, verdict, used, self.points, self.counterexample, general)


def _try(searches: Sequence[_Search], solved: Solution, assumption: Assumption) -> None:
    """Judge statements at one point without the assumption, and keep the point for those that fail there."""
    statements = [search.statement for search in searches]
    if assumption.without is Penalty.L1:
        promised = JOINTLY_OPTIMAL - assumption.conditions
        verdicts = {key: j.verdict for key, j in exact.judge(statements, [solved.point], promised).items()}
    else:
        verdicts = {statement.id: _plain_verdict(claims_of(statement, L1), solved.env) for statement in statements}
    for search in searches:
        verdict = verdicts[search.statement.id]
        search.points += verdict in (Verdict.CONFIRMED, Verdict.FALSIFIED)
        if verdict is Verdict.FALSIFIED:
            search.counterexample = _counterexample(claims_of(search.statement, L1), solved)


def _holds_in_general(statement: Statement, assumption: Assumption, seed: int, draws: int) -> bool:
    """Whether a claim holds at all points of another penalty once its φ' is that of this penalty."""
    claims = claims_of(statement, PRICED)
    return all(
        _plain_verdict(claims, solved.env) is not Verdict.FALSIFIED
        for solved in solutions(assumption, seed=seed, draws=draws)
    )


def _plain_verdict(claims: Claims, env: Env) -> Verdict:
    """The verdict where the certificate of a point does not apply, as it knows one penalty only."""
    worst = _worst_entry(claims, env)
    if worst is None:
        return Verdict.VACUOUS
    return Verdict.FALSIFIED if worst[0] > ROUNDING else Verdict.CONFIRMED


def _counterexample(claims: Claims, solved: Solution) -> Counterexample | None:
    """The entry that fails most; None if none fails clearly."""
    worst = _worst_entry(claims, solved.env)
    if worst is None or worst[0] <= CLEAR:
        return None
    _, relation, entry, left, right = worst
    return Counterexample(solved.point, solved.draw, relation, entry, left, right)


def _worst_entry(claims: Claims, env: Env) -> tuple[float, Relational, str, float, float] | None:
    """The largest violation, its relation, its entry and both sides there; None if there is nothing to judge."""
    worst: tuple[float, Relational, str, float, float] | None = None
    for relation in claims.relations:
        violation, judged = judged_entries(claims.given, violation_of(relation, env), env)
        judged = np.broadcast_to(judged, violation.array.shape) & ~np.isnan(violation.array)
        if not judged.any():
            continue
        values = np.where(judged, violation.array, -1.0)
        place = np.unravel_index(np.argmax(values), values.shape)
        left, right = (
            float(np.broadcast_to(order(side, violation.axes, env).array, values.shape)[place])
            for side in sides(relation, env)
        )
        if worst is None or values[place] > worst[0]:
            entry = ", ".join(f"{axis}={index}" for axis, index in zip(violation.axes, place, strict=True))
            worst = (float(values[place]), relation, entry, left, right)
    return worst


# --- all statements --------------------------------------------------------------------------------------------------

SYMBOLS = {Needed.NEEDED: "✔", Needed.UNNEEDED: "·", Needed.NOT_FOUND: "?"}


def summary(found: dict[str, list[Ablation]]) -> str:
    """A table: statements down, assumptions across."""
    width = max((len(identifier) for identifier in found), default=0)
    lines = [" " * width + "  " + "  ".join(assumption.name for assumption in ASSUMPTIONS)]
    for identifier, needs in found.items():
        cells = (_symbol(need).center(len(need.assumption)) for need in needs)
        lines.append(f"{identifier:<{width}}  " + "  ".join(cells))
    legend = "✔ needed   φ' needed as written, not in terms of φ'   · unneeded   ? used, but no counterexample found"
    return "\n".join(line.rstrip() for line in [*lines, "", legend])


def _symbol(need: Ablation) -> str:
    return "φ'" if need.holds_in_general else SYMBOLS[need.verdict]


def main() -> None:
    """Search for what every statement needs and print the summary."""
    from theory.statement import discover

    def progress(what: str, fraction: float) -> None:
        if sys.stderr.isatty():
            print(f"\r{fraction:4.0%} {what:<30}", end="", file=sys.stderr)

    found = ablate_all(discover(), progress=progress)
    print(summary(found))


if __name__ == "__main__":
    main()
