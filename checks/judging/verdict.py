"""What can be said of a statement at a point, and the parts that every way of judging shares."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache, lru_cache, reduce
from itertools import chain
from math import prod

import numpy as np
from numpy.typing import NDArray
from sympy import Expr
from sympy.core.relational import Eq, Ge, Le, Relational

from checks.evaluation.lowering import Env, Named, evaluate, holds, order, symbols_of
from checks.evaluation.moment_basis import indices_of, most_axes, per_sample_form
from checks.evaluation.quantifiers import PROBE, PROBES
from checks.evaluation.spelling import label
from checks.problem.instance import Array
from checks.problem.point import Point
from theory.certificate import allowance
from theory.expectation import E, depends_on_sample
from theory.problem import Objective, W_enc, b_enc
from theory.statement import Statement, claimed

Mask = NDArray[np.bool_]
Evaluation = Callable[[Expr, Env], Named]
MATRIX = 2  # axes of an array that is cheap enough
ENCODER = frozenset(map(str, (W_enc, b_enc)))


class Verdict(Enum):
    """CONFIRMED and FALSIFIED are decided; VACUOUS: nothing to decide; INCONCLUSIVE: the point is not good enough."""

    CONFIRMED = "CONFIRMED"
    FALSIFIED = "FALSIFIED"
    VACUOUS = "VACUOUS"
    INCONCLUSIVE = "INCONCLUSIVE"


@dataclass(frozen=True)
class Judgement:
    """One statement at one or several points.

    violation, bound  of the entry that comes closest to breaking its bound, or breaks it by the largest factor, in
                      units where the largest entry of the data is about 1; where the violation is normalised
                      (see `checks.judging.approximate`), that figure and its threshold
    where             the entry, or the reason why there is none
    uncertified       how many points were not good enough to be judged
    interval          range of a normalised violation over an ensemble
    tightness         of an inequality: the largest ratio of its smaller to its larger side; 1 where it is sharp
    controls          the verdict on each neighbouring claim, by the same means
    """

    verdict: Verdict
    violation: float = 0.0
    bound: float = 0.0
    where: str = ""
    uncertified: int = 0
    interval: tuple[float, float] | None = None
    tightness: float | None = None
    controls: Mapping[str, Verdict] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Claims:
    """A statement for one objective: its relations and its controls', what its proofs may spend, its conditions."""

    relations: tuple[Relational, ...]
    controls: Mapping[str, tuple[Relational, ...]]
    allowances: tuple[Expr, ...]
    given: tuple[Relational, ...]

    @property
    def sides(self) -> list[Expr]:
        """Both sides of all relations."""
        relations = [
            *self.relations,
            *self.given,
            *(relation for control in self.controls.values() for relation in control),
        ]
        return [side for relation in relations for side in relation.args]


@cache
def claims_of(statement: Statement, objective: Objective) -> Claims:
    """The statement with φ and φ' of the objective."""

    def special(relations: Sequence[Relational]) -> tuple[Relational, ...]:
        return tuple(
            relation.func(*(objective.specialise(side) for side in relation.args), evaluate=False)
            for relation in relations
        )

    return Claims(
        relations=special(statement.claims),
        controls={name: special(statement.control(name)) for name in statement.controls},
        allowances=tuple(objective.specialise(allowance(proof, statement.given)) for proof in statement.proofs),
        given=special(statement.given),
    )


def speaks_of_an_encoder(statement: Statement) -> bool:
    """Whether a statement is about an SAE's own encoder, so that it says nothing of a point that has none."""
    relations = [*statement.claims, *statement.given, *chain(*map(statement.control, statement.controls))]
    return not ENCODER.isdisjoint(symbols_of(tuple(side for relation in relations for side in relation.args)))


def claims_at(statements: Sequence[Statement], point: Point) -> tuple[dict[str, Claims], dict[str, Judgement]]:
    """What statements claim at a point, by id, and of those that claim nothing there the judgement that says so."""
    objective = point.instance.objective
    own = {statement.id: statement for statement in claimed(statements, objective)}
    claims, silent = {}, {}
    for statement in statements:
        if statement.id not in own:
            silent[statement.id] = Judgement(Verdict.VACUOUS, where=f"not claimed of {objective.name}")
        elif point.encoder is None and speaks_of_an_encoder(statement):
            silent[statement.id] = Judgement(Verdict.VACUOUS, where="it has no encoder of its own")
        else:
            claims[statement.id] = claims_of(own[statement.id], objective)
    return claims, silent


@lru_cache(maxsize=4096)
def lean(claims: Claims) -> Claims:
    """The same claims, written so that their evaluation forms smaller arrays where there is such a form."""

    def written(relations: Sequence[Relational]) -> tuple[Relational, ...]:
        return tuple(relation.func(*map(_lean_side, relation.args), evaluate=False) for relation in relations)

    controls = {name: written(control) for name, control in claims.controls.items()}
    return replace(claims, relations=written(claims.relations), controls=controls)


@lru_cache(maxsize=4096)
def _lean_side(side: Expr) -> Expr:
    """The same with fewer axes in its parts, if `per_sample_form` has: less to compute for each sample."""
    if side.has(E) or not depends_on_sample(side) or (most := most_axes(side)) <= MATRIX:
        return side
    form = per_sample_form(side)
    return form if most_axes(form) < most else side


def entries(claims: Claims, env: Env) -> int:
    """The most that a relation of a claim has for each sample; 0 if none is about samples."""
    most = 0
    for relation in chain(*sets_of(claims)):
        own = tuple(sides_of([relation, *claims.given]))
        if any(map(is_per_sample, own)):
            probed = any(PROBE in env.arrays[name].axes for name in symbols_of(own) & env.arrays.keys())
            lengths = [env.sizes[label(index.upper + 1)] for index in indices_of(own)]
            most = max(most, prod(lengths) * (PROBES if probed else 1))
    return most


is_per_sample = lru_cache(maxsize=4096)(depends_on_sample)  # asked of the same sides for each block


def sets_of(claims: Claims) -> list[tuple[Relational, ...]]:
    """The relations of the claim and of its controls."""
    return [claims.relations, *claims.controls.values()]


def sides_of(relations: Collection[Relational]) -> Iterator[Expr]:
    """Both sides of each."""
    return (side for relation in relations for side in relation.args)


def violation_of(relation: Relational, env: Env, value: Evaluation = evaluate) -> Named:
    """By how much a relation fails, entry by entry; 0 where it holds, NaN where a side has no value."""
    return violation_between(relation, *sides(relation, env, value))


def violation_between(relation: Relational, left: Named, right: Named) -> Named:
    """The same of both sides, on the same axes."""
    match relation:
        case Eq():
            return Named(abs(left.array - right.array), left.axes)
        case Le():
            return Named(_positive(left.array - right.array), left.axes)
        case Ge():
            return Named(_positive(right.array - left.array), left.axes)
        case _:
            raise TypeError(f"a claim is Eq, Le or Ge, not {type(relation).__name__}")


def sides(relation: Relational, env: Env, value: Evaluation = evaluate) -> tuple[Named, Named]:
    """Both sides of a relation, on the same axes. value: how they are evaluated, as by a cache of those of a claim."""
    with np.errstate(divide="ignore", invalid="ignore"):
        left, right = value(relation.lhs, env), value(relation.rhs, env)
    axes = tuple(dict.fromkeys((*left.axes, *right.axes)))
    return order(left, axes, env), order(right, axes, env)


def judged_entries(given: Sequence[Relational], violation: Named, env: Env) -> tuple[Named, Mask]:
    """The violation on all axes that it or a condition has, and the entries at which all conditions hold."""
    conditions = [holds(condition, env) for condition in given]
    axes = tuple(dict.fromkeys((*violation.axes, *(axis for condition in conditions for axis in condition.axes))))
    own, *holding = (order(value, axes, env).array for value in (violation, *conditions))
    whole, judged = np.broadcast_arrays(own, reduce(np.logical_and, holding, np.True_))
    return Named(whole, axes), judged


def _positive(excess: Array) -> Array:
    # np.maximum keeps NaN, which max(0.0, nan) would turn into "holds".
    return np.maximum(excess, 0.0)
