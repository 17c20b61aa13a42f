"""Verdicts at exact solutions: the proof is the tolerance.

The tolerance of each entry of a claim is what the statement's own certificate allows there: Σ |multiplier|·|measured
residual| over the conditions that the point satisfies, plus rounding. A condition that the point does not promise to
satisfy allows nothing, so that a statement which needs it is falsified where it fails. A hypothesis that fails, which
is one that the claim makes itself, allows nothing either: there nothing is claimed, and nothing is judged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

import numpy as np
from sympy import Expr
from sympy.core.relational import Eq, Le, Relational

from checks.evaluation.lowering import SAMPLE, Named, evaluate, order, symbols_of
from checks.evaluation.quantifiers import PROBES
from checks.evaluation.symbols import CONSTRAINED, Measured, measure, rounding_unit
from checks.judging import optimality
from checks.judging.certify import certify
from checks.judging.nearby_problems import neighbours
from checks.judging.verdict import (
    Claims,
    Evaluation,
    Judgement,
    Mask,
    Verdict,
    claims_at,
    entries,
    judged_entries,
    lean,
    sides,
    violation_between,
)
from checks.problem.instance import Array
from checks.problem.point import Point
from theory.derive import conditions
from theory.problem import L1
from theory.statement import Level, Statement, under


def judge(statements: Sequence[Statement], points: Sequence[Point], premises: Collection[str]) -> dict[str, Judgement]:
    """Judge statements at points that promise to satisfy the premises exactly. Returns judgements by statement id.

    A point whose own certificate does not bear out the promise is INCONCLUSIVE; of a point whose objective a statement
    is not claimed of it says nothing, which is VACUOUS. The worst point decides.
    """
    judged = [_judge_point(statements, point, premises) for point in points]
    return {statement.id: worst([judgements[statement.id] for judgements in judged]) for statement in statements}


def within_residuals(statements: Sequence[Statement], point: Point) -> dict[str, Judgement]:
    """Judge proved statements at any point at all, stationary or not, within what its residuals allow (THEORY T8).

    The bound of a judgement is Σ |multiplier| · |residual| at its worst entry. Returns judgements by statement id.
    """
    proved = [statement for statement in statements if statement.proofs]
    return _judged(proved, point, conditions(point.instance.objective).keys(), accuracy=0.0)


def evaluated(statement: Statement, point: Point, premises: Collection[str]) -> Judgement:
    """What a statement comes to at a point, whatever that is: no verdict, as the point is not asked for a certificate.

    Raises KeyError, TypeError or ValueError for what has no value there.
    """
    return _judged([statement], point, premises, accuracy=0.0)[statement.id]


TOO_LOW = "a saddle or uncertified"  # why a claim that fails is vacuous: it is about better points than this one
SEVERITY = (Verdict.FALSIFIED, Verdict.INCONCLUSIVE, Verdict.CONFIRMED, Verdict.VACUOUS)


def worst(judgements: Sequence[Judgement]) -> Judgement:
    """The judgement that decides for all points: the most severe verdict, and among those the largest excess.

    A control is caught if any point catches it: at a degenerate point (λ = 0, no code) it need not be wrong.
    """
    deciding = min(judgements, key=severity)
    controls = {
        name: min((j.controls[name] for j in judgements if j.controls), key=SEVERITY.index)
        for name in next((j.controls for j in judgements if j.controls), {})
    }
    tightest = max((j.tightness for j in judgements if j.tightness is not None), default=None)
    uncertified = sum(j.uncertified for j in judgements)
    return replace(deciding, controls=controls, uncertified=uncertified, tightness=tightest)


def severity(judgement: Judgement) -> tuple[int, float]:
    """Sorts judgements: the one that decides comes first."""
    return SEVERITY.index(judgement.verdict), -_excess(judgement)


def _excess(judgement: Judgement) -> float:
    return judgement.violation / judgement.bound if judgement.bound else 0.0


def _judge_point(statements: Sequence[Statement], point: Point, premises: Collection[str]) -> dict[str, Judgement]:
    objective = point.instance.objective
    premises = frozenset(premises) & conditions(objective).keys()
    certificate = certify(point)
    shortfall = certificate.shortfall(premises)
    if shortfall:
        unfit = Judgement(Verdict.INCONCLUSIVE, float("nan"), float("nan"), shortfall, uncertified=1)
        return {statement.id: unfit for statement in statements}
    judged = _judged(statements, point, premises, certificate.accuracy(premises))
    too_good = [s for s in statements if _fails(judged.get(s.id)) and not is_good_enough(s, point.in_unit_scale)]
    return judged | {statement.id: _not_claimed_so_low(statement) for statement in too_good}


def _judged(
    statements: Sequence[Statement], point: Point, premises: Collection[str], accuracy: float
) -> dict[str, Judgement]:
    """Judge statements by the residuals of some premises; accuracy stands in for a proof where there is none."""
    point = point.in_unit_scale
    claims, silent = claims_at(statements, point)
    claims = {identifier: lean(claim) for identifier, claim in claims.items()}
    measured = _measured(point, claims.values(), premises)
    precision = Precision(rounding_unit(point), accuracy)
    judged = {
        identifier: _judgement(claim, _in_parts(measured, claim), precision) for identifier, claim in claims.items()
    }
    return silent | judged


def _fails(judgement: Judgement | None) -> bool:
    return judgement is not None and judgement.verdict is Verdict.FALSIFIED


def is_good_enough(statement: Statement, point: Point) -> bool:
    """Whether a statement is claimed of points as good as one is certain to be, beyond what it promises.

    That is expensive to tell, so ask only where it fails.
    """
    return statement.level < Level.LOCAL_MINIMUM or statement.level <= optimality.level(point)


def _not_claimed_so_low(statement: Statement) -> Judgement:
    minima = "global minima" if statement.level is Level.GLOBAL_MINIMUM else "local minima"
    return Judgement(Verdict.VACUOUS, where=f"{TOO_LOW}: the claim is about {minima}")


def compare(statement: Statement, point: Point, premises: Collection[str]) -> list[Compared] | None:
    """What a statement claims at a point, entry by entry, in units where the largest entry of the data is about 1.

    Nothing where it fails, but is claimed of better points only. None if the point's certificate does not bear out its
    promise: nothing can be said of it. Raises ValueError if the statement is not claimed of the point's objective.
    """
    objective = point.instance.objective
    if under(statement, objective) is None:
        raise ValueError(f"{statement.id} is not claimed of {objective.name}")
    premises = frozenset(premises) & conditions(objective).keys()
    certificate = certify(point)
    if certificate.shortfall(premises):
        return None
    point = point.in_unit_scale
    if (claims := claims_at([statement], point)[0].get(statement.id)) is None:
        return []
    measured = _measured(point, [claims], premises)
    precision = Precision(rounding_unit(point), certificate.accuracy(premises))
    sizes = [_largest(relation, claims, [measured]) for relation in claims.relations]
    compared = [
        _compared(relation, claims, at, measured, precision, size)
        for at, (relation, size) in enumerate(zip(claims.relations, sizes))
    ]
    entry = deciding(compared)
    fails = entry is not None and entry.verdict is Verdict.FALSIFIED
    return [] if fails and not is_good_enough(statement, point) else compared


def _measured(point: Point, claims: Iterable[Claims], premises: Collection[str]) -> Measured:
    needed = tuple(expression for claim in claims for expression in (*claim.sides, *claim.allowances))
    return measure(point, needed, premises, neighbours(point, symbols_of(needed)))


class Precision(NamedTuple):
    """Relative rounding of a sum over all axes, and relative accuracy of the point."""

    rounding: float
    accuracy: float


OWN = ""  # the claim itself, beside its controls
PART = 1 << 18  # entries of a claim that are looked at together, so that arrays stay in cache


def _in_parts(measured: Measured, claims: Claims) -> Sequence[Measured]:
    """The same with some samples at a time, if the claims have many entries."""
    n, sizes = len(measured.exact.weights), measured.exact.sizes
    if n * PROBES * max(sizes.values()) ** 2 <= 2 * PART:  # a small problem is not looked at more closely
        return [measured]
    of_a_sample = entries(claims, measured.exact)
    if n * of_a_sample <= 2 * PART:
        return [measured]
    length = max(1, PART // of_a_sample)
    return [measured.of(np.arange(start, min(n, start + length))) for start in range(0, n, length)]


def _judgement(claims: Claims, parts: Sequence[Measured], precision: Precision) -> Judgement:
    sets = {OWN: claims.relations, **claims.controls}
    largest = {name: [_largest(relation, claims, parts) for relation in each] for name, each in sets.items()}
    found: dict[str, list[Entry]] = {name: [] for name in sets}
    differs, ratios = set[str](), list[float | None]()
    for part in parts:
        value = cache(evaluate)  # controls share most of their sides with the claim

        def compared(name: str, part: Measured = part, value: Evaluation = value) -> list[Compared]:
            of_each = enumerate(zip(sets[name], largest[name]))
            return [_compared(each, claims, at, part, precision, size, value) for at, (each, size) in of_each]

        own = compared(OWN)
        found[OWN] += _extremes(own)
        ratios.append(_tightness(own))
        for name in claims.controls:
            control = compared(name)
            found[name] += (extremes := _extremes(control))
            if name not in differs and not (_hold(extremes) and all(map(_says_the_same, own, control))):
                differs.add(name)
    verdict, violation, bound, where = _worst(found[OWN])
    where = where if parts[0].objective is L1 else f"{parts[0].objective.name}, {where}"
    controls = {name: _control_verdict(found[name], name in differs) for name in claims.controls}
    tightness = max((ratio for ratio in ratios if ratio is not None), default=None)
    return Judgement(verdict, violation, bound, where, tightness=tightness, controls=controls)


@dataclass(frozen=True, eq=False)
class Compared:
    """A relation at a point, entry by entry: its violation and what is allowed, both sides, and what is judged.

    start: the number of its first sample.
    """

    relation: Relational
    axes: tuple[str, ...]
    violation: Array
    bound: Array
    left: Array
    right: Array
    judged: Mask
    start: int = 0


def _compared(
    relation: Relational,
    claims: Claims,
    position: int,
    measured: Measured,
    precision: Precision,
    largest: float,
    value: Evaluation = evaluate,
) -> Compared:
    both = sides(relation, measured.exact, value)
    violation, judged = judged_entries(claims.given, violation_between(relation, *both), measured.exact)
    axes = violation.axes

    def spread(value: Named) -> Array:
        return np.broadcast_to(order(value, axes, measured.exact).array, violation.array.shape)

    left, right = map(spread, both)
    left_size, right_size = map(spread, sides(relation, measured.bounds, value))
    magnitude = left_size + right_size
    judged = judged & (magnitude != 0)
    if claims.allowances:
        spent, met = _spent(claims.allowances[position], axes, measured)
    else:
        # Without a proof nothing says how residuals propagate: the relative accuracy of the point stands in.
        spent = np.asarray((precision.accuracy + precision.rounding) * largest)
        met = _met(relation, axes, measured)
    bound = np.broadcast_to(spent + 2 * precision.rounding * magnitude, violation.array.shape)
    return Compared(relation, axes, violation.array, bound, left, right, judged & met, measured.start)


def _largest(relation: Relational, claims: Claims, parts: Sequence[Measured]) -> float:
    """The largest magnitude of the entries that are judged, for a claim without a proof; 0 for others."""
    largest = 0.0
    for part in () if claims.allowances else parts:
        left, right = sides(relation, part.bounds)
        magnitude, judged = judged_entries(claims.given, Named(left.array + right.array, left.axes), part.exact)
        counts = judged & _met(relation, magnitude.axes, part) & np.isfinite(magnitude.array)
        largest = max(largest, float(magnitude.array.max(where=counts, initial=0.0)))
    return largest


def _control_verdict(found: Sequence[Entry], differs: bool) -> Verdict:
    """The verdict on a control; VACUOUS where it says the same as the claim, to within what is allowed."""
    verdict = _worst(found)[0]
    return Verdict.VACUOUS if verdict is Verdict.CONFIRMED and not differs else verdict


def _hold(found: Sequence[Entry]) -> bool:
    return all(entry.verdict is Verdict.CONFIRMED for entry in found)


def _says_the_same(claim: Compared, control: Compared) -> bool:
    if type(claim.relation) is not type(control.relation) or claim.axes != control.axes:
        return False
    apart = np.abs((claim.left - claim.right) - (control.left - control.right))
    return bool((apart <= control.bound)[control.judged].all())


def _worst(found: Sequence[Entry]) -> tuple[Verdict, float, float, str]:
    """The verdict on relations by their extremes, and the entry with the largest violation relative to its bound."""
    entry = _deciding(found)
    if entry is None:
        return Verdict.VACUOUS, 0.0, 0.0, "nothing to judge"
    return entry.verdict, entry.violation, entry.bound, entry.where


@dataclass(frozen=True)
class Entry:
    """One entry of a relation at a point: both sides, the violation, what is allowed, and the ratio of these.

    An entry that is not finite says nothing, neither for the claim nor against it.
    """

    relation: Relational
    where: str
    left: float
    right: float
    violation: float
    bound: float
    excess: float

    @property
    def verdict(self) -> Verdict:
        if not np.isfinite((self.violation, self.bound)).all():
            return Verdict.INCONCLUSIVE
        return Verdict.CONFIRMED if self.excess <= 1 else Verdict.FALSIFIED


def deciding(compared: Sequence[Compared]) -> Entry | None:
    """The entry that decides; None if there is nothing to judge.

    It is the one with the largest violation relative to its bound if that breaks it, else one that is not finite if
    there is one, else again the former.
    """
    return _deciding(_extremes(compared))


def _deciding(found: Sequence[Entry]) -> Entry | None:
    return min(found, key=lambda entry: (SEVERITY.index(entry.verdict), -entry.excess), default=None)


def _extremes(compared: Sequence[Compared]) -> list[Entry]:
    return [entry for each in compared for entry in _extremes_of(each)]


def _extremes_of(compared: Compared) -> Iterator[Entry]:
    """Of the entries that are judged, the finite one that comes closest to breaking its bound, and one that is not."""
    if not compared.judged.any():
        return
    finite = np.isfinite(compared.violation) & np.isfinite(compared.bound)
    ratio = _ratio(compared.violation, compared.bound)
    for chosen in (compared.judged & finite, compared.judged & ~finite):
        if chosen.any():
            excess = ratio if chosen.all() else np.where(chosen, ratio, -1.0)
            yield _entry(compared, np.unravel_index(np.argmax(excess), excess.shape), excess)


def _entry(compared: Compared, place: tuple[np.intp, ...], excess: Array) -> Entry:
    starts = [compared.start if axis == SAMPLE else 0 for axis in compared.axes]
    numbers = (index + start for index, start in zip(place, starts, strict=True))
    where = ", ".join(f"{axis}={number}" for axis, number in zip(compared.axes, numbers))
    arrays = (compared.left, compared.right, compared.violation, compared.bound, excess)
    entry = Entry(compared.relation, where, *(float(array[place]) for array in arrays))
    return entry if entry.verdict is not Verdict.INCONCLUSIVE else replace(entry, where=f"not finite at {where}")


def _tightness(compared: Sequence[Compared]) -> float | None:
    """How close the inequalities among the relations come to equality; None if there are none to compare."""
    ratios = []
    for each in compared:
        if isinstance(each.relation, Eq):
            continue
        small, large = (each.left, each.right) if isinstance(each.relation, Le) else (each.right, each.left)
        # Sides that are no larger than their own rounding say nothing.
        telling = each.judged & (large > 1e3 * each.bound) & (small > 0)
        if telling.any():
            ratios.append(float((small[telling] / large[telling]).max()))
    return max(ratios, default=None)


def _spent(allowance: Expr, axes: tuple[str, ...], measured: Measured) -> tuple[Array, Mask]:
    """What a certificate spends on the entries of its claim, and where the hypotheses that it spends hold.

    What else it is free to choose is chosen best.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value = evaluate(allowance, measured.bounds)
        fails = measured.failing & symbols_of((allowance,))
        unmet = evaluate(allowance, measured.unmet) if fails else Named(np.False_)
    every = tuple(dict.fromkeys((*axes, *value.axes, *unmet.axes)))
    spent, failing = np.broadcast_arrays(*(order(each, every, measured.exact).array for each in (value, unmet)))
    met, free = ~(failing > 0), tuple(range(len(axes), len(every)))
    least = (spent if met.all() else np.where(met, spent, np.inf)).min(axis=free)
    return least, np.asarray(met.any(axis=free))


def _met(relation: Relational, axes: tuple[str, ...], measured: Measured) -> Mask:
    """Where what a relation is claimed for every value of satisfies its constraints."""
    mentioned = symbols_of(relation.args)
    failing = [name for name in sorted(measured.failing) if CONSTRAINED[name] and CONSTRAINED[name] <= mentioned]
    unmet: Mask = np.zeros((), dtype=bool)
    for name in failing:
        unmet = unmet | _anywhere(measured.unmet.arrays[name], axes, measured)
    return ~unmet


def _anywhere(failed: Named, axes: tuple[str, ...], measured: Measured) -> Mask:
    """Whether a constraint fails, over those of its axes that the claim has, at any entry of the others."""
    own = tuple(axis for axis in failed.axes if axis in axes)
    rest = tuple(n for n in range(failed.array.ndim) if n >= len(failed.axes) or failed.axes[n] not in own)
    return np.asarray(order(Named(failed.array.any(axis=rest), own), axes, measured.exact).array)


def _ratio(violation: Array, bound: Array) -> Array:
    """violation / bound: 0 where both are 0, infinite where it is not a number."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = violation / bound
    unknown = np.isnan(ratio)
    return np.where(unknown, np.where(violation == 0, 0.0, np.inf), ratio) if unknown.any() else ratio
