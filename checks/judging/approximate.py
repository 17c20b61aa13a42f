"""Verdicts at trained SAEs, which are no exact solution of anything.

The violation of a claim is set against those of the statement's controls at the same point: 0 means that the law holds,
1 that it is no better than its nearest control. The law shows if it is an order of magnitude nearer to the point than
any control. Where an objective makes a control the same formula as the claim, as half of no price is no price, that
control tells nothing: the others decide, and without any nothing is said.

A stationarity law is about the very sample that the SAE was fitted to, so that there is no sampling error in it; what
varies is the training. The interval is therefore the range over an ensemble of training seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from math import prod
from typing import Any

import numpy as np
from numba import njit
from sympy import Expr, S
from sympy.core.relational import Eq, Relational

from checks.evaluation.lowering import SAMPLE, Env, Named, evaluate, symbols_of
from checks.evaluation.moment_basis import basis
from checks.evaluation.moments import accumulate, moments_of
from checks.evaluation.repeated import Repeated
from checks.evaluation.symbols import blocks_of, rounding_unit
from checks.judging.nearby_problems import neighbours
from checks.judging.verdict import (
    Claims,
    Evaluation,
    Judgement,
    Mask,
    Verdict,
    claims_at,
    claims_of,
    entries,
    is_per_sample,
    judged_entries,
    lean,
    sets_of,
    sides_of,
    violation_of,
)
from checks.problem.instance import Array
from checks.problem.point import Point
from theory.certificate import says_the_same, triviality
from theory.expectation import E
from theory.problem import Objective, marginal, phi
from theory.statement import Statement, claimed

NEARER = 0.1
ENTRIES = 1 << 23  # of a claim about each sample, beyond which some samples have to do


def judge(
    statements: Sequence[Statement], points: Sequence[Point], premises: Collection[str] = ()
) -> dict[str, Judgement]:
    """Judge statements at an ensemble of trained points of one instance. Returns one judgement by statement id.

    A statement that is not claimed of its objective is VACUOUS. Members that are not finite are left out and counted as
    uncertified; with none left the verdict is INCONCLUSIVE.
    """
    bad = [row for point in points if (row := point.first_bad_row) is not None]
    finite = [point for point in points if point.first_bad_row is None]
    if not finite:
        unfit = Judgement(Verdict.INCONCLUSIVE, float("nan"), NEARER, f"not finite, first at row {bad[0]}", len(bad))
        return {statement.id: unfit for statement in statements}
    objective = finite[0].instance.objective
    found, silent = claims_at(statements, finite[0])
    claims = {each.id: telling(each, objective) for each in claimed(statements, objective) if each.id in found}
    ensemble = [squared_violations(point, list(claims.values())) for point in finite]
    judged = {
        identifier: _judgement(claim, [squares[n] for squares in ensemble], len(bad))
        for n, (identifier, claim) in enumerate(claims.items())
    }
    return judged | {identifier: replace(judgement, uncertified=len(bad)) for identifier, judgement in silent.items()}


@cache
def telling(statement: Statement, objective: Objective) -> Claims:
    """What a statement claims of an objective, with those of its controls that say something else there.

    As they are written controls differ from the claim (`theory.wellformed`); only φ and φ' can make them one. What the
    other claims imply there, as that 0 is not negative, is left out: no control would tell how bad it is to break it.
    """
    claims = claims_of(statement, objective)
    none = {relation.lhs: S.Zero for relation in claims.relations if isinstance(relation, Eq) and relation.rhs == 0}
    controls = {
        name: control
        for name, control in claims.controls.items()
        if not (_is_priced(statement, name) and _adds_nothing(control, claims.relations, none))
    }
    everything = (claims.relations, *controls.values())
    kept = [
        m
        for m, relation in enumerate(claims.relations)
        if isinstance(relation, Eq) or not all(_follows(relations[m], none) for relations in everything)
    ]
    return replace(
        claims,
        relations=tuple(claims.relations[m] for m in kept),
        controls={name: tuple(control[m] for m in kept) for name, control in controls.items()},
    )


def _is_priced(statement: Statement, control: str) -> bool:
    return any(relation.has(phi, marginal) for relation in (*statement.claims, *statement.control(control)))


def _adds_nothing(control: Sequence[Relational], claim: Sequence[Relational], none: Mapping[Expr, Expr]) -> bool:
    """Whether each relation says the same as that of the claim, or is true of anything where its equalities hold."""
    return all(says_the_same(one, other) or _follows(one, none) for one, other in zip(control, claim, strict=True))


def _follows(relation: Relational, none: Mapping[Expr, Expr]) -> bool:
    """Whether a relation is true of anything for which these expressions are 0."""
    return bool(triviality(relation.func(*(side.xreplace(none) for side in relation.args), evaluate=False)))


def squared_violations(point: Point, claims: Sequence[Claims]) -> list[Array]:
    """Squared violations of each claim (first row) and of its controls, for each relation: (1 + controls, relations).

    In two passes over the samples: one for the moments, one for the claims, block by block. A claim with too
    many entries, as for each sample and pair of atoms, is measured on the first samples of each block.
    """
    rounding, point = rounding_unit(point), point.in_unit_scale
    sides = tuple(side for claim in claims for side in claim.sides)
    blocks = blocks_of(point, neighbours(point, symbols_of(sides)))
    given = moments_of(sides_of([condition for claim in claims for condition in claim.given]))
    means = _means(moments_of(sides), given, blocks)
    total = [np.zeros((1 + len(claim.controls), len(claim.relations))) for claim in claims]
    n, tasks = point.instance.n, [(lean(claim), squares) for claim, squares in zip(claims, total)]
    env = next(blocks())
    _add([replace(env, means=means)], tasks, rounding, of_samples=False)
    for share, chosen in _by_share(tasks, env, n):
        _add((replace(env, means=means) for env in blocks(share)), chosen, rounding, of_samples=True)
    return total


def _means(moments: Sequence[E], given: Sequence[E], blocks: Callable[[], Iterator[Env]]) -> dict[Expr, Named]:
    """The value of each mean, from the few that all are made of.

    given: those of conditions, as they stand: what is 0 must be 0 there, and a difference of others is so but for
    rounding.
    """
    found = basis(moments, kept=given)
    known = found.means(accumulate(found.moments, blocks()))
    env = replace(next(blocks()), means=known)
    return {moment: evaluate(form, env) for moment, form in found.forms.items()}


Task = tuple[Claims, Array]


def _by_share(tasks: Sequence[Task], env: Env, n: int) -> list[tuple[float, list[Task]]]:
    """Claims, with where their squares go, by the share of n samples that they need. env: a block of these."""
    found: dict[float, list[Task]] = {}
    for claim, squares in tasks:
        share = min(1.0, ENTRIES / (n * max(1, entries(claim, env))))
        found.setdefault(share, []).append((claim, squares))
    return list(found.items())


def _add(blocks: Iterable[Env], tasks: Sequence[Task], rounding: float, *, of_samples: bool) -> None:
    """Add the squares of all relations that are about samples, or of all that are not, over some blocks.

    rounding: the relative error of a sum there. The data are of unit size, so that a smaller violation is none.
    """

    def violations(env: Env) -> Iterator[Named]:
        for claims, _ in tasks:
            value = cache(evaluate)
            yield from (violation_where_judged(relation, claims.given, env, value) for relation, _ in asked(claims))

    def asked(claims: Claims) -> Iterator[tuple[Relational, tuple[int, int]]]:
        for n, relations in enumerate(sets_of(claims)):
            for m, relation in enumerate(relations):
                if any(map(is_per_sample, sides_of([relation, *claims.given]))) == of_samples:
                    yield relation, (n, m)

    places = [(squares, place) for claims, squares in tasks for _, place in asked(claims)]
    repeated = Repeated(violations)
    with np.errstate(divide="ignore", invalid="ignore"):  # a side without a value is a violation
        for env in blocks:
            for (squares, place), violation in zip(places, repeated(env), strict=True):
                squares[place] += sum_of_squares(violation, env.weights, rounding)


def violation_where_judged(
    relation: Relational, given: Sequence[Relational], env: Env, value: Evaluation = evaluate
) -> Named:
    """The violation of a relation, entry by entry; 0 where its conditions do not hold."""
    violation = violation_of(relation, env, value)
    if not given:
        return violation
    violation, judged = judged_entries(given, violation, env)
    return Named(np.where(judged, violation.array, 0.0), violation.axes)


def sum_of_squares(violation: Named, weights: Array, rounding: float) -> float:
    """Over all entries that are not within rounding, averaged over samples if there is one for each."""
    values = np.asarray(violation.array, dtype=np.float64)
    if SAMPLE not in violation.axes:
        return float(_weighted_squares(values.reshape(1, 1, -1), np.ones(1), rounding))
    at = violation.axes.index(SAMPLE)
    return float(_weighted_squares(values.reshape(prod(values.shape[:at]), len(weights), -1), weights, rounding))


@njit(cache=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})
def _weighted_squares(values: Any, weights: Any, rounding: float) -> float:
    """Σ of weights[n] · values[:, n]², without what is within rounding. What is not a number is not."""
    total = 0.0
    for i in range(values.shape[0]):
        for n in range(values.shape[1]):
            squares = 0.0
            for m in range(values.shape[2]):
                value = values[i, n, m]
                squares += 0.0 if value <= rounding else value * value
            total += weights[n] * squares
    return total


def _judgement(claims: Claims, ensemble: Sequence[Array], uncertified: int) -> Judgement:
    """The verdict of the members that say something: where no control fails either, nothing is said."""
    finite: Mask = np.asarray(np.isfinite(np.array(ensemble)).all(axis=2))  # (members, 1 + controls)
    if not finite[:, 0].all():
        where = f"not finite in {np.count_nonzero(~finite[:, 0])} of {len(finite)} members"
        return Judgement(Verdict.INCONCLUSIVE, float("nan"), NEARER, where, uncertified)
    distances = np.array([normalised(squares) for squares in ensemble])
    telling = ~np.isnan(distances[:, 0])
    if not telling.any():
        return Judgement(Verdict.VACUOUS, 0.0, NEARER, "no control fails either", uncertified)
    distances, finite = distances[telling], finite[telling]
    own = distances[:, 0]
    return Judgement(
        _verdict(own),
        violation=float(np.median(own)),
        bound=NEARER,
        where="all entries" if telling.all() else f"all entries of {len(own)} of {len(telling)} members",
        uncertified=uncertified,
        interval=(float(own.min()), float(own.max())),
        controls={
            name: _verdict(distances[:, n]) if finite[:, n].all() else Verdict.INCONCLUSIVE
            for n, name in enumerate(claims.controls, start=1)
        },
    )


def normalised(squares: Array) -> Array:
    """Violation of each claim, of the statement and its controls, relative to the nearest of all the others.

    squares: (claims, relations). Relations are made commensurable by the largest violation that a control shows there;
    one that no control breaks has no unit, and breaking it counts as infinitely bad. NaN if no control fails at all;
    infinite where a violation is not finite, which for the others is as if that claim were not there.
    """
    controls = squares[1:]
    unit = controls[np.isfinite(controls).all(axis=1)].max(axis=0, initial=0.0)
    if not unit.any():
        return np.full(len(squares), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.where(squares == 0, 0.0, squares / unit).sum(axis=1)
        others = np.array([_least(np.delete(total, n)) for n in range(len(total))])
        ratio = np.sqrt(np.where(total == 0, 0.0, total / others))
    return np.where(np.isfinite(ratio), ratio, np.inf)


def _least(totals: Array) -> float:
    """The smallest of those that are a number; NaN if none is."""
    numbers = totals[~np.isnan(totals)]
    return float(numbers.min()) if numbers.size else np.nan


def _verdict(distances: Array) -> Verdict:
    """All members on one side of the threshold decide; otherwise the ensemble is not of one mind."""
    if (distances <= NEARER).all():
        return Verdict.CONFIRMED
    return Verdict.FALSIFIED if (distances > NEARER).all() else Verdict.INCONCLUSIVE
