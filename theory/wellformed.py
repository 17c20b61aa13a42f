"""Whether a statement can be read: relations of known symbols, each with the indices that it has.

A claim that mixes up indices is no error of Python or SymPy: E(r[j]) is an expression, only that residuals have no axis
of atoms. What would be judged is then something else than what was meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import sympy
from sympy.logic.boolalg import BooleanAtom

from theory.certificate import missing_conditions, says_the_same, triviality, zero_divisors
from theory.language import ambiguous_letters, misread, misread_relation
from theory.statement import Statement

BLANK = ...  # what a file has for a claim that is still to be written


class Fault(NamedTuple):
    """What is wrong with a statement, and in which of its fields."""

    field: str
    reason: str


def faults(statement: Statement) -> list[Fault]:
    """Why a statement cannot be judged: what is blank, is no relation or cannot be read; empty if it can."""
    found = [Fault("claim", reason) for claim in statement.claims for reason in _unclaimable(claim)]
    if not isinstance(statement.controls, Mapping) or not statement.controls:
        return [*found, Fault("controls", "none: name a neighbouring claim that must fail where yours holds")]
    for name in statement.controls:
        if name is BLANK:
            found.append(Fault("controls", "the name of a control is still blank"))
        reasons = [reason for control in statement.control(name) for reason in _unclaimable(control)]
        reasons = reasons or list(_toothless(statement, name))
        found += [Fault("controls", reason if name is BLANK else f"{name!r}: {reason}") for reason in reasons]
    if 0 < len(statement.proofs) < len(statement.claims):
        found.append(Fault("proof", f"{len(statement.proofs)} certificates for {len(statement.claims)} relations"))
    found += [Fault("proof", reason) for proof in statement.proofs for reason in dict.fromkeys(misread(proof))]
    found += [
        Fault("proof", reason) for proof in statement.proofs for reason in missing_conditions(proof, statement.given)
    ]
    found += [Fault("given", reason) for condition in statement.given for reason in misread_relation(condition)]
    if not found:
        found += [Fault("given", reason) for reason in ambiguous_letters(*statement.claims, *statement.given)]
    return found


def _toothless(statement: Statement, name: str) -> Iterator[str]:
    """Why a control cannot fail where the claim holds."""
    controls = statement.control(name)
    yield from zero_divisors(controls, statement.given)
    if any(_unclaimable(claim) for claim in statement.claims):
        return
    pairs = list(zip(controls, statement.claims, strict=False))
    if all(triviality(control) or says_the_same(control, claim) for control, claim in pairs):
        yield triviality(controls[0]) or "it is the claim itself"


def _unclaimable(relation: Any) -> list[str]:
    """Why something is no claim: it must be Eq, Le or Ge, of what can be read."""
    if relation is BLANK:
        return ["still blank"]
    if isinstance(relation, bool):
        return [f"is {relation}: in Python == compares expressions at once, write Eq(left, right)"]
    if isinstance(relation, BooleanAtom):
        return [f"was decided at once ({relation}): take Eq, Le and Ge from theory.statement, which leave it open"]
    if isinstance(relation, (sympy.Gt, sympy.Lt)):
        return [f"{relation} is strict: write Le or Ge"]
    if not isinstance(relation, (sympy.Eq, sympy.Le, sympy.Ge)):
        return [f"{relation} is no relation: write Eq(left, right), Le(left, right) or Ge(left, right)"]
    return misread_relation(relation)
