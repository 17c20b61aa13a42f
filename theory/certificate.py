"""Proofs as certificates, verified by algebra (THEORY §6).

A certificate writes the margin of a claim (lhs − rhs of an equality, the larger side minus the smaller of an
inequality) as

    margin = Σ multiplier × residual of a condition  +  slack,        slack ≥ 0 manifestly,

with no slack for an equality. It is one expression in the residual symbols of `derive`. It proves the claim where the
residuals vanish, and bounds its violation by Σ |multiplier|·|residual| where they do not.

`verify` is the kernel: what it accepts is PROVED. Each of its rules is one function, named after what it asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from sympy import (
    Add,
    Basic,
    Eq,
    Expr,
    Ge,
    Gt,
    Idx,
    Indexed,
    IndexedBase,
    Le,
    Lt,
    Mul,
    Ne,
    Pow,
    S,
    Sum,
    expand,
    preorder_traversal,
)
from sympy.core.relational import Relational

from theory.derive import CONSTRUCTED, DEFINED, PREMISES, assumed, bias, code, conditions, nowhere, residuals, tied
from theory.expectation import E, depends_on_sample
from theory.instantiate import is_nonnegative_at_random_instances, vanishes_at_random_instances
from theory.language import ambiguous_letters, misread, misread_relation
from theory.manifest import is_nonnegative, is_positive
from theory.normal_form import Definition, Definitions, accompanied, collect, is_zero, normal_form
from theory.problem import (
    FAMILY,
    L1,
    OBJECTIVES,
    SECOND_SAMPLE,
    M,
    Objective,
    R,
    W,
    gamma,
    lam,
    marginal,
    nu,
    on,
    power,
    without_sign,
    z,
)

Given = Sequence[Relational]


class NotProved(Exception):
    """A certificate that does not establish its claim; the message says what is left over, or which rule it breaks."""


def margin(claim: Relational) -> Expr:
    """What is zero if an equality holds, and nonnegative if an inequality does."""
    match claim:
        case Eq() | Ge() | Gt():
            return claim.lhs - claim.rhs
        case Le() | Lt():
            return claim.rhs - claim.lhs
        case _:
            raise TypeError(f"a claim is Eq, Le or Ge, not {type(claim).__name__}")


def verify(claim: Relational, proof: Expr, objective: Objective | None = None, given: Given = ()) -> None:
    """Raise NotProved unless the certificate proves the claim where all that is given holds, for all dimensions.

    objective: the member of the family that the claim is about, whose conditions the residuals are then; None if it is
    about all of them.

    The identity is checked twice, by unlike means: in normal form for all n, d, k, and in exact rational arithmetic at
    random instances of small explicit dimensions.
    """
    _readable(claim, proof, given)
    _of_the_family(objective)
    _of_its_own_quantities(claim, given, objective)
    _of_one_objective(claim, proof, given, objective)
    _conditions_of(claim, proof, objective)
    _constraints_of_what_is_claimed(claim, proof)
    if objective is not None and not objective.prices_silent_units:
        claim, proof, given = _without_signs(claim, proof, given)
    _given_is_spent_where_it_holds(proof, given)
    _nothing_divides_by_zero(claim, proof, given)
    claim, proof, given, definitions = specialised(claim, proof, objective, given)
    _says_something(claim, given)
    _asks_something_of_the_point(proof)
    gap = margin(claim) - proof
    try:
        left_over = collect(gap, definitions, {index: index for each in given for index in each.atoms(Idx)})
    except ValueError as error:  # an index of a residual is summed over inside of it
        raise NotProved(str(error)) from None
    if left_over != 0:
        raise NotProved(f"claim − certificate = {left_over}, not 0")
    rest = slack(proof, given)
    if isinstance(claim, Eq):
        if not is_zero(rest, DEFINED):
            raise NotProved(f"an equality has no slack, but {rest} is left when all residuals vanish")
    elif not is_nonnegative(rest):
        raise NotProved(f"the slack {rest} is not manifestly nonnegative")
    _second_opinion(gap, rest if not isinstance(claim, Eq) else S.Zero, given, definitions)
    if objective is None:
        _of_some_objective(claim, proof, given)


# --- the rules -------------------------------------------------------------------------------------------------------


def _readable(claim: Relational, proof: Expr, given: Given) -> None:
    """All is written in the symbols of the theory, and in nothing that only looks like them."""
    found = [*misread_claim(claim, given), *misread(proof), *ambiguous_letters(claim, *given, proof)]
    if found:
        raise NotProved(found[0])


def misread_claim(claim: Relational, given: Given = ()) -> Iterator[str]:
    """Why a claim with its conditions cannot be read, one line each."""
    if type(claim) not in (Eq, Le, Ge):
        yield f"a claim is Eq, Le or Ge, not {type(claim).__name__}"
    for relation in (claim, *given):
        yield from misread_relation(relation)
    yield from ambiguous_letters(claim, *given)
    for part in _residuals_in(claim, *given):
        yield f"{part} stands in the claim: it belongs into proofs"


def _residuals_in(*relations: Relational) -> list[Indexed]:
    spent = {*_symbols(), assumed, nowhere}
    return [part for relation in relations for part in relation.atoms(Indexed) if part.base in spent]


@cache
def _symbols() -> frozenset[IndexedBase]:
    return frozenset(premise.symbol for premise in PREMISES.values())


def _of_the_family(objective: Objective | None) -> None:
    if objective is not None and not any(objective is member for member in OBJECTIVES.values()):
        raise NotProved(f"{objective!r} is no member of the objective family: about must be one of theory.problem")


def _of_its_own_quantities(claim: Relational, given: Given, objective: Objective | None) -> None:
    for reason in foreign_quantities(objective, claim, given) if objective else ():
        raise NotProved(reason)


def foreign_quantities(objective: Objective, claim: Relational, given: Given = ()) -> Iterator[str]:
    """What is spoken of that an objective has not: the parameter of another penalty, prefixes, or a multiplier."""
    has = {
        gamma: "gamma" in objective.parameters,
        power: "p" in objective.parameters,
        M: "M" in objective.parameters,
        R: "M" in objective.parameters,
        lam: objective.limit is None,
        nu: not objective.has_free_norms,
    }
    for symbol, is_there in has.items():
        if not is_there and any(relation.has(symbol) for relation in (claim, *given)):
            yield f"{objective.name} has no {symbol}, of which is spoken"


def _of_one_objective(claim: Relational, proof: Expr, given: Given, objective: Objective | None) -> None:
    """A second sample has the same objective as the first, which must then be named."""
    parts = set().union(*(part.free_symbols | part.atoms(IndexedBase) for part in (claim, proof, *given)))
    paired = sorted(map(str, parts & SECOND_SAMPLE))
    if paired and objective is None:
        raise NotProved(f"{paired[0]} is of a second sample, whose objective is not said: set about=")
    for whole in (*claim.args, proof, *given):
        for part, _, averaged in _occurrences(whole):
            if averaged and (part in SECOND_SAMPLE or (isinstance(part, Indexed) and part.base in SECOND_SAMPLE)):
                raise NotProved(f"{part} is of a second sample, and means run over first samples: pairs have no mean")
    if "mu2" in paired and objective is not L1:
        raise NotProved(f"mu2 is a multiplier of the L1 problem, not of {objective!r}")


def _conditions_of(claim: Relational, proof: Expr, objective: Objective | None) -> None:
    if proof.has(tied) and (proof.has(bias) or claim.has(W)):
        raise NotProved(
            "tied is of an SAE whose own encoder, with one W, subtracts the bias: not with bias, nor every W"
        )
    own = conditions(objective or FAMILY)
    for premise in PREMISES.values():
        if proof.has(premise.symbol) and premise.name not in own:
            raise NotProved(f"{objective!r} has no condition {premise.name}, which the proof uses")


def _constraints_of_what_is_claimed(claim: Relational, proof: Expr) -> None:
    """What a quantified symbol satisfies may be used only if the claim is made for every value of that symbol."""
    for premise in CONSTRUCTED:
        for symbol in premise.of if proof.has(premise.symbol) else ():
            if not claim.has(symbol):
                raise NotProved(
                    f"the proof uses {premise.name}, a property of {symbol}, of which the claim says nothing"
                )


def _given_is_spent_where_it_holds(proof: Expr, given: Given) -> None:
    """A condition holds at the entry that is claimed: not at other indices, and not at other samples."""
    for reason in (*missing_conditions(proof, given), *misspent_conditions(proof, given)):
        raise NotProved(reason)


def missing_conditions(proof: Expr, given: Given) -> list[str]:
    """What a proof takes as given that is not, one line each."""
    spent = sorted((part for part in proof.atoms(Indexed) if part.base in (assumed, nowhere)), key=str)
    return [
        f"{part}: there is no such condition in given" for part in spent if part.indices[0] not in range(len(given))
    ]


def misspent_conditions(proof: Expr, given: Given) -> Iterator[str]:
    """Where a proof uses what is given, but not as it is given, one line each."""
    for part, bound, averaged in _occurrences(proof):
        spent = isinstance(part, Indexed) and part.base in (assumed, nowhere) and part.indices[0] in range(len(given))
        if spent and (reason := _unspendable(part.base, given[int(part.indices[0])], bound, averaged)):
            yield f"{part}: {reason}"


def _unspendable(symbol: IndexedBase, condition: Relational, bound: frozenset[Idx], averaged: bool) -> str:
    if isinstance(condition, Ne):
        return f"{condition} is no condition with a margin"
    if captured := bound & condition.free_symbols:
        return f"{condition} is given at one {min(map(str, captured))}, not at all that the sum runs over"
    if averaged and symbol == assumed and _is_per_sample(condition):
        return f"{condition} is given on one sample, not on all that the mean runs over"
    if symbol == nowhere and not averaged:
        return f"{condition} says nothing of samples of weight 0: it is spent in means alone"
    if symbol == nowhere and not (isinstance(condition, Eq) and is_nonnegative(_integrand(condition))):
        return f"{condition} does not say that the mean of something nonnegative vanishes"
    return ""


def _is_per_sample(condition: Relational) -> bool:
    return any(map(depends_on_sample, condition.args))


def _integrand(condition: Relational) -> Expr:
    """What the mean is of in a condition E[·] = 0; -1, which is not nonnegative, if it is no such condition."""
    whole = condition.lhs - condition.rhs
    terms = [term.as_coeff_Mul() for term in Add.make_args(whole)]
    if not all(isinstance(mean, E) for _, mean in terms):
        return S.NegativeOne
    return Add(*(number * mean.args[0] for number, mean in terms))


def _nothing_divides_by_zero(claim: Relational, proof: Expr, given: Given) -> None:
    for reason in zero_divisors((claim, proof, *given), given):
        raise NotProved(reason)


def zero_divisors(parts: Sequence[Basic], given: Given) -> Iterator[str]:
    """Why divisions in expressions may be by zero, one line each.

    What is divided by is nonzero by its symbols' assumptions, or by a condition that holds at that very entry.
    """
    for part, bound, averaged in (each for whole in parts for each in _occurrences(whole)):
        if isinstance(part, Pow) and part.exp.is_negative:
            usable = [
                condition
                for condition in given
                if not (bound & condition.free_symbols or (averaged and _is_per_sample(condition)))
            ]
            if not _is_nonzero(part.base, usable):
                yield f"{part.base} may be zero, and is divided by: nothing given says that it is not"


def _is_nonzero(expr: Expr, given: Given) -> bool:
    if is_positive(expr):
        return True
    if isinstance(expr, Mul):
        return all(_is_nonzero(factor, given) for factor in expr.args)
    if isinstance(expr, Pow):
        return _is_nonzero(expr.base, given)
    if isinstance(expr, Add) and all(map(is_nonnegative, expr.args)):
        return any(_is_nonzero(term, given) for term in expr.args)
    return any(isinstance(each, (Gt, Lt, Ne)) and _is_multiple(expr, each.lhs - each.rhs) for each in given)


def _is_multiple(expr: Expr, other: Expr) -> bool:
    """Whether two expressions differ by a number other than 0 as a factor."""
    return factor_between(expr, other) != 0


def factor_between(expr: Expr, other: Expr) -> Expr:
    """The number by which an expression is a multiple of another one; 0 if it is none."""
    left, right = normal_form(expr, DEFINED), normal_form(other, DEFINED)
    if not right or left.keys() != right.keys():
        return S.Zero
    factors = {left[key] / right[key] for key in left}
    return factors.pop() if len(factors) == 1 else S.Zero


def says_the_same(one: Relational, other: Relational) -> bool:
    """Whether margins of two relations are multiples of each other, by positive numbers if they are inequalities."""
    factor = factor_between(margin(one), margin(other))
    equality = isinstance(one, Eq)
    return equality == isinstance(other, Eq) and bool(factor != 0 if equality else factor > 0)


def _occurrences(
    expr: Basic, bound: frozenset[Idx] = frozenset(), averaged: bool = False
) -> Iterator[tuple[Basic, frozenset[Idx], bool]]:
    """Every part of expr, with the indices that are summed over there and whether it is under E."""
    yield expr, bound, averaged
    if isinstance(expr, Sum):
        yield from _occurrences(expr.function, bound | {limit[0] for limit in expr.limits}, averaged)
    elif not isinstance(expr, (Idx, Indexed)):
        for part in expr.args:
            yield from _occurrences(part, bound, averaged or isinstance(expr, E))


def _asks_something_of_the_point(proof: Expr) -> None:
    if proof.has(assumed, nowhere) and not proof.has(*_symbols()):
        raise NotProved("the claim follows from what is given alone, whatever the point: it says nothing of optima")


def _says_something(claim: Relational, given: Given) -> None:
    if reason := triviality(claim, given):
        raise NotProved(reason)
    for condition in given:
        if is_never(condition):
            raise NotProved(f"{condition} never holds, so that nothing is claimed")


def triviality(claim: Relational, given: Given = ()) -> str:
    """Why a claim says nothing: it is true of any numbers, or it is what is given; empty if it says something."""
    own = normal_form(margin(claim), DEFINED)
    if not own:
        return "both sides are the same expression: the claim is true of any numbers"
    if not isinstance(claim, Eq) and (is_nonnegative(margin(claim)) or is_nonnegative(collect(margin(claim), DEFINED))):
        return "the claim is true of any numbers: its margin is manifestly nonnegative"
    for condition in given:
        if isinstance(condition, Ne) or (isinstance(claim, Eq) and not isinstance(condition, Eq)):
            continue
        if _is_multiple(margin(claim), margin(condition)):
            return f"the claim is what is given, {condition}"
    return ""


def is_never(condition: Relational) -> bool:
    """Whether a condition is false of any numbers."""
    if isinstance(condition, Ne):
        return is_zero(condition.lhs - condition.rhs, DEFINED)
    excess = margin(condition)
    rest = collect(excess, DEFINED)
    if isinstance(condition, (Gt, Lt)):
        return is_nonnegative(-rest)
    if isinstance(condition, Eq):
        return is_positive(rest) or is_positive(-rest)
    return is_positive(-rest)


def _second_opinion(gap: Expr, rest: Expr, given: Given, definitions: Definitions) -> None:
    try:
        agrees = vanishes_at_random_instances(gap, definitions, beside=given)
        agrees_on_sign = is_nonnegative_at_random_instances(rest, definitions, beside=given)
    except TypeError as error:
        raise NotProved(f"the identity cannot be checked at explicit instances: {error}") from None
    if not agrees:
        raise NotProved("the identity fails at an explicit small instance")
    if not agrees_on_sign:
        raise NotProved("the slack is negative at an explicit small instance")


def _of_some_objective(claim: Relational, proof: Expr, given: Given) -> None:
    reasons = {member.name: why_not_of(member, claim, proof, given) for member in OBJECTIVES.values()}
    if all(reasons.values()):
        raise NotProved(f"no objective has all that the proof uses: {'; '.join(dict.fromkeys(reasons.values()))}")


# --- from the family to its members ----------------------------------------------------------------------------------


def why_not_of(objective: Objective, claim: Relational, proof: Expr, given: Given = ()) -> str:
    """Why a claim that is proved for the family is not claimed of one of its members; empty if it is.

    A proof carries over to an objective whose own conditions read like those that it spends, word for word, and whose
    form of the claim says something.
    """
    own, family = conditions(objective), conditions(FAMILY)
    mentioned = set(preorder_traversal(proof))
    spent = [premise.name for premise in PREMISES.values() if premise.symbol in mentioned]
    if lacking := [name for name in spent if name not in own]:
        return f"{objective.name} has no condition {', '.join(sorted(lacking))}, which the proof uses"
    if other := [name for name in spent if own[name].residual != family[name].residual]:
        return f"the proof uses {', '.join(sorted(other))}, which {objective.name} has in another form"
    if not objective.prices_silent_units and needs_a_price(claim, proof, given):
        return f"the proof uses the price of a silent unit, and {objective.name} has none"
    if not objective.has_finite_slope and _speaks_of_first_slope(claim, proof, given):
        return f"it speaks of φ'(0) of silent units, which {objective.name} has not"
    claim, _, given, _ = specialised(claim, S.Zero, objective, given)
    if any(map(is_never, given)):
        return f"what is given never holds of {objective.name}"
    return f"of {objective.name} it says nothing: {reason}" if (reason := triviality(claim, given)) else ""


def needs_a_price(claim: Relational, proof: Expr, given: Given = ()) -> bool:
    """Whether a proof holds only where silent units have a price, so that their multipliers are ≥ 0."""
    claim, proof, given = _without_signs(claim, proof, given)
    if not isinstance(claim, Eq) and not is_nonnegative(slack(proof, given)):
        return True
    return any(misspent_conditions(proof, given)) or any(zero_divisors((claim, proof, *given), given))


def _without_signs(claim: Relational, proof: Expr, given: Given) -> tuple[Relational, Expr, Given]:
    """All with multipliers of either sign."""
    claim, *given = (relation.func(*map(without_sign, relation.args), evaluate=False) for relation in (claim, *given))
    return claim, without_sign(proof), tuple(given)


def _speaks_of_first_slope(claim: Relational, proof: Expr, given: Given) -> bool:
    """Whether φ' occurs where what it is taken of may be zero.

    That of z_j, and the condition that holds it, may where z_j or 1{z_j>0} is a factor.
    """
    parts = [*(side for relation in (claim, *given) for side in relation.args), proof]
    amounts = [slope.args[0] for part in parts for slope in part.atoms(marginal)]
    if any(not (is_positive(amount) or (isinstance(amount, Indexed) and amount.base == z)) for amount in amounts):
        return True

    def priced(part: Basic) -> bool:
        return (isinstance(part, marginal) and part.args[0].has(z)) or (isinstance(part, Indexed) and part.base == code)

    return not all(accompanied(part, priced, by=(z, on), definitions=DEFINED) for part in parts)


def specialised(
    claim: Relational, proof: Expr, objective: Objective | None, given: Given
) -> tuple[Relational, Expr, Given, Definitions]:
    """A claim, its proof and what is given, for one objective, with what the symbols of the proof stand for."""
    definitions = DEFINED | residuals(objective or FAMILY)
    if objective is not None:
        definitions = {symbol: _special(definition, objective) for symbol, definition in definitions.items()}
        claim, *given = (
            relation.func(*map(objective.specialise, relation.args), evaluate=False) for relation in (claim, *given)
        )
        proof = objective.specialise(proof)
    conditions_given = tuple(given)
    spent = {
        assumed: lambda position: margin(conditions_given[int(position)]),
        nowhere: lambda position: _integrand(conditions_given[int(position)]),
    }
    return claim, proof, conditions_given, definitions | spent


def _special(definition: Definition, objective: Objective) -> Definition:
    return lambda *indices: objective.specialise(definition(*indices))


# --- the parts of a certificate --------------------------------------------------------------------------------------


def slack(proof: Expr, given: Given = ()) -> Expr:
    """What is left of a certificate when every residual vanishes: those of conditions, and equalities that are given.

    What is given as an inequality is left, as a nonnegative quantity.
    """

    def vanishes(part: Basic) -> bool:
        if not isinstance(part, Indexed):
            return False
        if part.base == assumed:
            return isinstance(given[int(part.indices[0])], Eq)
        return part.base == nowhere or part.base in _symbols()

    bare = proof.replace(vanishes, lambda part: S.Zero)
    return bare.replace(lambda part: isinstance(part, Sum) and part.function == 0, lambda part: S.Zero)


def allowance(proof: Expr, given: Given = ()) -> Expr:
    """The part of a certificate that carries residuals: with absolute values throughout, it bounds the violation.

    What is given allows nothing: where it fails, nothing is claimed.
    """
    spent = expand(proof) - expand(slack(proof, given))
    hypothetical = {assumed, nowhere}
    return spent.replace(lambda part: isinstance(part, Indexed) and part.base in hypothetical, lambda part: S.Zero)
