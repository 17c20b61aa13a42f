"""Tactics that show what can be seen: that an expression is 0, because its facts are, or that it is at least 0."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from checks.claims.rocq.terms import (
    INVERSE,
    Fact,
    Function,
    Mean,
    Minus,
    Named,
    Names,
    Number,
    Plus,
    Power,
    Quantity,
    Reciprocal,
    Term,
    Times,
    Total,
    shown,
)


class NotSeen(ValueError):
    """What cannot be seen to be nonnegative; the message says what."""


@dataclass(frozen=True)
class Seen:
    """sign: a proof that a quantity is nonnegative, by its name and indices; raises NotSeen if it may be negative."""

    sign: Callable[[str, tuple[str, ...]], str]

    def zero(self, term: Term) -> str | None:
        """A tactic that shows that a term is 0; None if its facts do not say so."""
        return self._zero(term, {}, count())

    def nonnegative(self, term: Term, names: Names | None = None) -> str:
        """A tactic that shows that a term is at least 0. Raises NotSeen. names: what its free indices are called."""
        return self._nonnegative(term, names or {}, count())

    def _zero(self, term: Term, names: Names, fresh: count[int]) -> str | None:
        def of(part: Term) -> str | None:
            return self._zero(part, names, fresh)

        match term:
            case Number(0):
                return "reflexivity"
            case Fact(proof, _, True):
                return f"exact: ({proof(names)})"
            case Minus(part) if found := of(part):
                return f"(apply: zeroN; {found})"
            case Power(base, _) if found := of(base):
                return f"(apply: zeroX; {found})"
            case Plus(parts):
                first, *rest = map(of, parts)
                if first is None or None in rest:
                    return None
                return _nested("zeroD", [first, *map(str, rest)])
            case Times(parts):
                found_at = ((place, found) for place, part in enumerate(parts) if (found := of(part)))
                return next((_beside(place, len(parts), found) for place, found in found_at), None)
            case Total(_, index, body) | Mean(index, body):
                called = f"t{next(fresh)}"
                found = self._zero(body, {**names, index: called}, fresh)
                lemma = "zeroE" if isinstance(term, Mean) else "zeroS"
                return f"(apply: {lemma} => {called}; {found})" if found else None
        return None

    def _nonnegative(self, term: Term, names: Names, fresh: count[int]) -> str:
        def of(part: Term) -> str:
            return self._nonnegative(part, names, fresh)

        if found := self._zero(term, names, fresh):
            return f"(apply: zero_ge0; {found})"
        match term:
            case Number():
                return "exact: ler0n"
            case Reciprocal():
                return "(apply: inverse_ge0; exact: ler0n)"
            case Fact(proof, _, False):
                return f"exact: ({proof(names)})"
            case Quantity(name, indices):
                return f"exact: ({self.sign(name, tuple(names.get(index, index) for index in indices))})"
            case Named("neg"):
                return "exact: neg_ge0"
            case Named(name, indices, _, meaning):
                try:
                    return f"exact: ({self.sign(name, tuple(names.get(index, index) for index in indices))})"
                except NotSeen:
                    return of(meaning)
            case Function(name, _, argument) if name == INVERSE:
                return f"(apply: inverse_ge0; {of(argument)})"
            case Function("pos"):
                return "exact: pos_ge0"
            case Function("phi'", _, argument):
                return f"(apply: phi'_ge0; {of(argument)})"
            case Plus(parts):
                return _nested("addr_ge0", list(map(of, parts)))
            case Times(parts):
                return _nested("mulr_ge0", list(map(of, parts)))
            case Power(base, exponent):
                return "exact: square_ge0" if exponent % 2 == 0 else f"(apply: exprn_ge0; {of(base)})"
            case Total(_, index, body):
                called = f"t{next(fresh)}"
                return f"(apply: sum_ge0 => {called}; {self._nonnegative(body, {**names, index: called}, fresh)})"
            case Mean(index, body):
                called = f"t{next(fresh)}"
                inside = self._nonnegative(body, {**names, index: called}, fresh)
                return f"(apply: (mean_ge0 weight_gt0) => {called}; {inside})"
        raise NotSeen(f"{shown(term, names)} is not manifestly nonnegative")


def _nested(lemma: str, proofs: list[str]) -> str:
    """A proof of a sum or product, whose parts are taken from the left, two by two."""
    first, *rest = proofs
    for proof in rest:
        first = f"(apply: {lemma}; [{first} | {proof}])"
    return first


def _beside(place: int, size: int, proof: str) -> str:
    """A proof that a product is 0, of which one factor is."""
    if place:
        proof = f"(apply: zeroR; {proof})"
    outer = size - 1 - place
    return "(apply: zeroL; " * outer + proof + ")" * outer
