"""Whether a statement can be read: relations of known symbols, each with the indices that it has.

A claim that mixes up indices is no error of Python or SymPy: E(r[j]) is an expression, only that residuals have no axis
of atoms. What would be judged is then something else than what was meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

import sympy
from sympy import Expr, Idx, Indexed, IndexedBase, Pow, Sum, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from theory import problem
from theory.derive import PREMISES
from theory.problem import a, d, g, j, k, l, q
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
        reasons = [reason for rival in statement.rival(name) for reason in _unclaimable(rival)]
        found += [Fault("controls", reason if name is BLANK else f"{name!r}: {reason}") for reason in reasons]
    if 0 < len(statement.proofs) < len(statement.claims):
        found.append(Fault("proof", f"{len(statement.proofs)} certificates for {len(statement.claims)} relations"))
    found += [Fault("proof", reason) for proof in statement.proofs for reason in dict.fromkeys(_misread(proof))]
    return found + [Fault("given", reason) for condition in statement.given for reason in _unreadable(condition)]


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
    return _unreadable(relation)


def _unreadable(relation: Any) -> list[str]:
    if not isinstance(relation, Relational):
        return [f"{relation} is no relation"]
    return list(dict.fromkeys(reason for side in relation.args for reason in _misread(side)))


def _misread(expr: Expr) -> Iterator[str]:
    """What is wrong with the symbols and indices of an expression."""
    match expr:
        case Idx():
            return
        case Indexed():
            yield from _misindexed(str(expr.base.label), expr.indices)
        case IndexedBase():
            yield f"{expr} stands without {_shown(AXES.get(str(expr.label), ()))}"
        case Symbol():
            if str(expr) not in SCALARS:
                yield f"no quantity {expr}{_nearest(str(expr), SCALARS.values())}"
        case Pow() if not expr.exp.is_Integer:
            yield f"cannot evaluate {expr}: only whole powers"
        case Sum():
            for index, *_ in expr.limits:
                if index not in expr.function.free_symbols:
                    yield f"the sum over {index} is of {expr.function}, which has no {index}"
            yield from _misread(expr.function)
        case _:
            for part in expr.args:
                yield from _misread(part)


def _misindexed(name: str, indices: Iterable[Expr]) -> Iterator[str]:
    written = f"{name}[{', '.join(map(str, indices))}]"
    if name not in AXES:
        yield f"{written}: no symbol {name}{_nearest(name, AXES)}"
        return
    ranges = tuple(_range(index) if isinstance(index, Idx) else None for index in indices)
    if ranges != AXES[name]:
        yield f"{written}: {name} takes {_shown(AXES[name])}"


# --- what there is ---------------------------------------------------------------------------------------------------


def _range(index: Idx) -> Expr:
    return index.upper + 1


RANGES: Mapping[Expr, str] = {
    d: "the index of a coordinate (a, c)",
    k: "the index of an atom (j, l, m)",
    _range(q): "the index of a source (q)",
    _range(g): "the index of a prefix (g)",
}
# The axes of each symbol, written as indices of it.
_INDEXED: Mapping[tuple[Idx, ...], str] = {
    (a,): "x b r xhat u w x2 r2 w2 xhat2 b_dot",
    (j,): "z mu nu on off v y z2 mu2 z_dot alpha sigma omega rise norm",
    (a, j): "D D_dot kin",
    (j, a): "W",
    (g, a): "R",
    (g, j): "M",
    (j, l): "G C apart",
    (a, a): "Q",
    (a, q): "source",
    (q,): "amount",
}
AXES: Mapping[str, tuple[Expr, ...]] = {
    **{name: tuple(map(_range, axes)) for axes, names in _INDEXED.items() for name in names.split()},
    **{premise.name: tuple(map(_range, premise.indices)) for premise in PREMISES.values()},
}
# Scalars by their symbol, each with the name that it is imported by. Sizes are no quantities of a point.
SCALARS: Mapping[str, str] = {
    str(value): name for name, value in vars(problem).items() if isinstance(value, Symbol) and value not in RANGES
}


def _shown(axes: tuple[Expr, ...]) -> str:
    return " and ".join(RANGES[size] for size in axes) or "its indices"


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=2)
    return f", did you mean {' or '.join(near)}?" if near else ": theory/problem.py has all of them"
