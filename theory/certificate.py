"""Proofs as certificates, verified by algebra (THEORY §6).

A certificate writes the margin of a claim (lhs − rhs of an equality, the larger side minus the smaller of an
inequality) as

    margin = Σ multiplier × residual of a stationarity condition  +  slack,        slack ≥ 0 manifestly,

with no slack for an equality. It is one expression in the residual symbols of `derive`. It proves the claim where the
residuals vanish, and bounds its violation by Σ |multiplier|·|residual| where they do not.
"""

from __future__ import annotations

from sympy import Add, Eq, Expr, Function, Ge, Indexed, IndexedBase, Integer, Le, Mul, Pow, S, Sum, Symbol, expand
from sympy.core.relational import Relational

from theory.derive import DEFINED, PREMISES, residuals
from theory.expectation import E
from theory.instantiate import holds_at_random_instances
from theory.normal_form import Definition, collect, is_zero
from theory.problem import FAMILY, Objective, without_sign


class NotProved(Exception):
    """A certificate that does not establish its claim; the message says what is left over."""


def margin(claim: Relational) -> Expr:
    """What is zero if an equality holds, and nonnegative if an inequality does."""
    match claim:
        case Eq() | Ge():
            return claim.lhs - claim.rhs
        case Le():
            return claim.rhs - claim.lhs
        case _:
            raise TypeError(f"a claim is Eq, Le or Ge, not {type(claim).__name__}")


def verify(claim: Relational, proof: Expr, objective: Objective | None = None) -> None:
    """Raise NotProved unless the certificate proves the claim, for all dimensions.

    objective: the member of the family that the claim is about, whose conditions the residuals are then; None if it is
    about all of them.

    The identity is checked twice, by unlike means: in normal form for all n, d, k, and in exact rational arithmetic at
    random instances of small explicit dimensions.
    """
    definitions = DEFINED | residuals(objective or FAMILY)
    if objective is not None:
        definitions = {symbol: _special(definition, objective) for symbol, definition in definitions.items()}
        claim, proof = claim.func(*map(objective.specialise, claim.args), evaluate=False), objective.specialise(proof)
    gap = margin(claim) - proof
    if not is_zero(gap, definitions):
        raise NotProved(f"claim − certificate = {collect(gap, definitions)}, not 0")
    rest = slack(proof)
    if isinstance(claim, Eq):
        if not is_zero(rest, DEFINED):
            raise NotProved(f"an equality has no slack, but {rest} is left when all residuals vanish")
    elif not is_manifestly_nonnegative(rest):
        raise NotProved(f"the slack {rest} is not manifestly nonnegative")
    if not holds_at_random_instances(gap, definitions):
        raise NotProved("the identity fails at an explicit small instance")


def _special(definition: Definition, objective: Objective) -> Definition:
    return lambda *indices: objective.specialise(definition(*indices))


def slack(proof: Expr) -> Expr:
    """What is left of a certificate when every residual vanishes."""
    symbols = {premise.symbol for premise in PREMISES.values()}
    bare = proof.replace(lambda part: isinstance(part, Indexed) and part.base in symbols, lambda part: S.Zero)
    return bare.replace(lambda part: isinstance(part, Sum) and part.function == 0, lambda part: S.Zero)


def needs_a_price(claim: Relational, proof: Expr) -> bool:
    """Whether an inequality is proved only where silent units have a price, so that their multipliers are ≥ 0."""
    return not isinstance(claim, Eq) and not is_manifestly_nonnegative(without_sign(slack(proof)))


def allowance(proof: Expr) -> Expr:
    """The part of a certificate that carries residuals: with absolute values throughout, it bounds the violation."""
    return expand(proof) - expand(slack(proof))


def is_manifestly_nonnegative(expr: Expr) -> bool:
    """Whether expr is a sum of products of nonnegative quantities and even powers, by inspection alone."""
    match expr:
        case Add() | Mul():
            return all(is_manifestly_nonnegative(part) for part in expr.args)
        case Pow(exp=Integer() as power):
            return bool(power % 2 == 0) or is_manifestly_nonnegative(expr.base)
        case Sum():
            return is_manifestly_nonnegative(expr.function)
        case E():
            return is_manifestly_nonnegative(expr.args[0])
        case Indexed():
            return bool(_label(expr.base).is_nonnegative)
        case Function():
            return bool(expr.is_nonnegative)
        case _:
            return bool(expr.is_nonnegative)


def _label(base: IndexedBase) -> Symbol:
    return base.label
