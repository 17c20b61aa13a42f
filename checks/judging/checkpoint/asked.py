"""Laws as they are asked of a checkpoint: with one λ, no bias, and in terms of what a pass collects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np
from sympy import Expr, Idx, Indexed, KroneckerDelta, Sum, Symbol
from sympy.core.relational import Relational

from checks.evaluation.lowering import SAMPLE, Env, Named, symbols_of
from checks.evaluation.moment_basis import per_sample_form
from checks.evaluation.one_pass import Reducer
from checks.evaluation.quantified import QUANTIFIED
from checks.evaluation.spelling import indices, label
from checks.judging.approximate import telling
from checks.judging.subjects import OF_THE_BIAS
from checks.judging.verdict import Claims, sides
from checks.problem.arrays import on_the_processor
from checks.problem.instance import Array
from checks.saes.checkpoints.plain import Checkpoint
from theory.expectation import E, depends_on_sample
from theory.problem import D, G, Objective, R, a, amount, b, d, k, lam, lam2, norm, off, on, q, r, source, x, xhat, z
from theory.statement import Statement, Status, claimed

PRICE = Symbol("lambda", nonnegative=True)  # one λ for all samples
KNOWN = frozenset(map(str, (x, z, D, r, R, xhat, on, off, b, G, norm, PRICE, lam))) | QUANTIFIED
OF_AN_ATOM = ("A1", "N2", "M1")  # what says of each atom that it is stationary: of unit norm, of any norm, nested


@dataclass(frozen=True, eq=False)
class Asked:
    """A law as it is evaluated: its claims with one λ, and those in terms of moments."""

    statement: Statement
    claims: Claims
    per_sample: bool

    @cached_property
    def pairs(self) -> bool:
        """Whether it is about pairs of atoms."""
        relations = (*self.claims.relations, *(each for control in self.claims.controls.values() for each in control))
        return any(len(atoms_in(relation)) > 1 for relation in relations)


def promised(
    statements: Sequence[Statement], objective: Objective, premises: Collection[str]
) -> tuple[list[Statement], list[Statement]]:
    """The proved laws of an objective that these conditions imply, and those among them that hold of any SAE.

    The latter need no condition, or unit norms alone, which reading a checkpoint brings about.
    """
    own = claimed(statements, objective)
    held = [s for s in own if s.status is Status.PROVED and s.premises <= frozenset(premises)]
    return [s for s in held if s.premises - {"unit"}], [s for s in held if not s.premises - {"unit"}]


def conditions_of(checkpoint: Checkpoint) -> frozenset[str]:
    """The conditions that a checkpoint meets if it is converged."""
    promises = checkpoint.sae.architecture.promises
    return promises if checkpoint.bias else promises - OF_THE_BIAS


def symbols_asked(asked: Asked) -> frozenset[str]:
    relations = [relation for _, relations in claim_and_controls(asked.claims) for relation in relations]
    sides = tuple(side for relation in relations for side in relation.args)
    return symbols_of(sides) - {label(index) for side in sides for index in side.atoms(Idx)} - {"d", "k", "p"}


@lru_cache(maxsize=1024)
def as_asked(statement: Statement, objective: Objective) -> Asked:
    own = mapped(telling(statement, objective), lambda relation: with_sides(relation, concrete))
    per_sample = any(depends_on_sample(side) for side in own.sides)
    if per_sample:
        own = mapped(own, lambda relation: with_sides(relation, per_sample_form))
    return Asked(statement, own, per_sample)


def concrete(side: Expr) -> Expr:
    """One λ for all samples; the coordinates of x as the sources that make it up, as b is 0 here."""
    side = side.xreplace({lam: PRICE, lam2: PRICE, q.upper + 1: d})
    side = side.replace(
        lambda part: isinstance(part, Indexed) and part.base == amount,
        lambda part: x[part.indices],
    )
    return side.replace(
        lambda part: isinstance(part, Indexed) and part.base == source, lambda part: KroneckerDelta(*part.indices)
    )


def mapped(claims: Claims, change: Callable[[Relational], Relational]) -> Claims:
    def all_of(relations: Sequence[Relational]) -> tuple[Relational, ...]:
        return tuple(map(change, relations))

    controls = {name: all_of(control) for name, control in claims.controls.items()}
    return replace(claims, relations=all_of(claims.relations), controls=controls, given=all_of(claims.given))


def with_sides(relation: Relational, change: Callable[[Expr], Expr]) -> Relational:
    return relation.func(*map(change, relation.args), evaluate=False)


def atoms_in(relation: Relational) -> set[Idx]:
    return {index for side in relation.args for index in indices(side) if index.upper + 1 == k}


def claim_and_controls(claims: Claims) -> list[tuple[str, tuple[Relational, ...]]]:
    """The claim and its controls, by name."""
    return [("", claims.relations), *claims.controls.items()]


def reducers(asked: Sequence[Asked]) -> list[Reducer]:
    found = []
    for each in asked:
        if each.per_sample:
            for n, (_, relations) in enumerate(claim_and_controls(each.claims)):
                for m, relation in enumerate(relations):
                    of_few = any(has_atoms(part) for part in (*each.claims.relations, relation))
                    rows = partial(_squares_of_rows, relation, each.claims.given)
                    found.append(Reducer(reducer_name(each, n, m), rows, of_few))
    return found


def has_atoms(relation: Relational) -> bool:
    return bool(atoms_in(relation))


def _squares_of_rows(relation: Relational, given: Sequence[Relational], env: Env) -> Any:
    """The squared violation of each sample, over all else that a relation has entries for."""
    left, right = sides(relation, env)
    pair = [Named(on_the_processor(side.array), side.axes) for side in (left, right)]
    violation = _violation(relation, *pair)
    squares = np.where(_is_rounding(violation, pair, env), 0.0, violation**2)
    own = tuple(n for n, axis in enumerate(left.axes) if axis != SAMPLE)
    return squares.sum(axis=own)


def _violation(relation: Relational, left: Named, right: Named) -> Array:
    difference = left.array - right.array
    if relation.rel_op == "==":
        return np.abs(difference)
    return np.maximum(difference if relation.rel_op == "<=" else -difference, 0.0)


def _is_rounding(violation: Array, pair: Sequence[Named], env: Env) -> Any:
    eps = np.finfo(np.float64 if "64" in str(env.arrays["x"].array.dtype) else np.float32).eps
    size = sum(np.abs(side.array) for side in pair)
    return violation <= 16 * eps * size


def reducer_name(asked: Asked, claim: int, relation: int) -> str:
    return f"{asked.statement.id}, claim {claim}, relation {relation}"


def of_an_atom(asked: Sequence[Asked]) -> Asked | None:
    """The law of the objective that is about each atom, if there is anything to set it against."""
    return next((each for each in asked if each.statement.id in OF_AN_ATOM and each.claims.controls), None)


def scatter(law: Asked) -> Expr:
    """How far the terms whose mean is 0 by the law of an atom are from 0: the mean of their squares."""
    relation = law.claims.relations[0]
    terms = (relation.lhs - relation.rhs).replace(E, lambda inner: inner)
    return E(Sum(terms**2, a))
