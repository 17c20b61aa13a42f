"""Laws as they are asked of a checkpoint: with one λ, no bias, and in terms of what a pass collects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np
from sympy import Expr, Idx, Indexed, KroneckerDelta, Symbol
from sympy.core.relational import Relational

from checks.evaluation.lowering import SAMPLE, Env, Named, label, symbols_of
from checks.evaluation.moment_basis import indices, per_sample_form
from checks.evaluation.one_pass import Reducer
from checks.evaluation.quantified import QUANTIFIED
from checks.judging.verdict import Claims, claims_of, sides
from checks.problem.arrays import on_the_processor
from checks.problem.instance import Array
from theory.expectation import depends_on_sample
from theory.problem import L1, D, G, amount, b, d, k, lam, lam2, off, on, q, r, source, x, xhat, z
from theory.statement import Statement, Status, claimed

PRICE = Symbol("lambda", nonnegative=True)  # one λ for all samples
KNOWN = frozenset(map(str, (x, z, D, r, xhat, on, off, b, G, PRICE, lam))) | QUANTIFIED


@dataclass(frozen=True, eq=False)
class Asked:
    """A law as it is evaluated: its claims with one λ, and those in terms of moments."""

    statement: Statement
    claims: Claims
    per_sample: bool

    @cached_property
    def pairs(self) -> bool:
        """Whether it is about pairs of atoms."""
        relations = (*self.claims.relations, *(each for rival in self.claims.rivals.values() for each in rival))
        return any(len(atoms_in(relation)) > 1 for relation in relations)


def promised(statements: Sequence[Statement], premises: Collection[str]) -> tuple[list[Statement], list[Statement]]:
    """The proved laws of L1 that these conditions imply, and those among them that hold of any SAE.

    The latter need no condition, or unit norms alone, which reading a checkpoint brings about.
    """
    held = [s for s in claimed(statements, L1) if s.status is Status.PROVED and s.premises <= frozenset(premises)]
    return [s for s in held if s.premises - {"unit"}], [s for s in held if not s.premises - {"unit"}]


def symbols_asked(statement: Statement) -> frozenset[str]:
    relations = [relation for _, relations in claim_and_rivals(as_asked(statement).claims) for relation in relations]
    sides = tuple(side for relation in relations for side in relation.args)
    return symbols_of(sides) - {label(index) for side in sides for index in side.atoms(Idx)} - {"d", "k", "p"}


@lru_cache(maxsize=1024)
def as_asked(statement: Statement) -> Asked:
    own = mapped(claims_of(statement, L1), lambda relation: with_sides(relation, _concrete))
    per_sample = any(depends_on_sample(side) for side in own.sides)
    if per_sample:
        own = mapped(own, lambda relation: with_sides(relation, per_sample_form))
    return Asked(statement, own, per_sample)


def _concrete(side: Expr) -> Expr:
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

    rivals = {name: all_of(rival) for name, rival in claims.rivals.items()}
    return replace(claims, relations=all_of(claims.relations), rivals=rivals, given=all_of(claims.given))


def with_sides(relation: Relational, change: Callable[[Expr], Expr]) -> Relational:
    return relation.func(*map(change, relation.args), evaluate=False)


def atoms_in(relation: Relational) -> set[Idx]:
    return {index for side in relation.args for index in indices(side) if index.upper + 1 == k}


def claim_and_rivals(claims: Claims) -> list[tuple[str, tuple[Relational, ...]]]:
    """The claim and its rivals, by name."""
    return [("", claims.relations), *claims.rivals.items()]


def reducers(asked: Sequence[Asked]) -> list[Reducer]:
    found = []
    for each in asked:
        if each.per_sample:
            for n, (_, relations) in enumerate(claim_and_rivals(each.claims)):
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
