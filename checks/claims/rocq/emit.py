"""A statement as a file of Rocq: its hypotheses spelt out, its claims, and their proofs from the certificates.

The file says what the statement says, for all numbers of samples, coordinates and atoms, over any ordered field. Its
hypotheses are the conditions that the certificates spend, and what symbols mean: codes are ≥ 0, weights of samples are
positive and sum to 1. A proof has three parts: that the margin is the certificate plus facts, which Rocq decides by
computation (Sums.v); that the certificate vanishes, or is ≥ 0, by its hypotheses; and that the facts vanish.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from textwrap import fill

from sympy import Basic, Expr, Idx, IndexedBase, Ne, expand, preorder_traversal
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Relational

from checks.claims.rocq.identities import Identity, NotAnIdentity
from checks.claims.rocq.proofs import NotSeen, Seen
from checks.claims.rocq.terms import (
    AXES,
    Fact,
    Leaves,
    Minus,
    Names,
    Plus,
    Quantity,
    Term,
    embedded,
    known,
    minus,
    plus,
    renamed,
    shown,
)
from checks.claims.rocq.translate import (
    DEFINED_HERE,
    SAMPLE,
    SECOND,
    SIZES,
    NotWritable,
    Translator,
    axis_of,
    base_name,
    index_name,
)
from theory.derive import assumed, conditions, nowhere
from theory.expectation import E, SampledBase, SampledSymbol, depends_on_sample
from theory.language import AXES as INDICES
from theory.language import BASES
from theory.problem import FAMILY, a, error
from theory.statement import Statement

# Why a statement is not written: what it speaks of, what its certificate leaves, or whose sign cannot be seen.
NOT_WRITTEN = (NotWritable, NotAnIdentity, NotSeen)
OF_THE_FIRST = {"code2": "code", "comp2": "comp"}  # conditions of a second sample are those of the first, there

# What a hypothesis says, beside its formula.
MEANINGS = {
    "code": "codes: the derivative of a sample's loss by z_j is the multiplier of z_j >= 0",
    "comp": "complementary slackness: the multiplier of z_j >= 0 is 0 where z_j is not",
    "act": "complementary slackness: the multiplier of an active unit is 0",
    "scale": "codes: scaling those of unit j by a factor near 1 does not change the mean loss",
    "enc_b": "encoder: the mean loss is stationary in the bias of unit j",
    "enc_w": "encoder: the mean loss is stationary in the weights of unit j",
    "atom": "atoms: the mean loss is stationary in d_j, with the multiplier nu_j of its norm",
    "unit": "atoms have norm 1",
    "bias": "decoder bias: the mean loss is stationary in b",
    "tied": "decoder bias that the encoder subtracts: the mean loss is stationary in b",
    "drop": "best codes: switching unit j off does not lower the loss",
    "add": "best codes: switching a silent unit on does not lower the loss",
    "swap": "best codes: a silent unit in the place of unit j does not lower the loss",
    "trade": "best codes: a silent unit of another sample in the place of unit j does not lower the loss",
}

PRELUDE = """\
From Coq Require Import PArith.
From mathcomp Require Import all_ssreflect ssralg ssrnum ssrint.
From SaeLaws Require Import Sums Quantities.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* 'I_k are the numbers below k, and a sum over m < k is over all of them. Of Quantities.v:
     mean n weight f = \\sum_(i < n) weight i * f i     pos t = max t 0        neg t = pos t - t = max (- t) 0
     active t = 1 if 0 < t, else 0                     delta i j = 1 if i = j, else 0                          *)
"""


def emitted(statement: Statement, *, complete: bool = True) -> str:
    """The file of a statement. Raises one of NOT_WRITTEN, with the reason, where it cannot be written.

    complete: whether certificate and facts must make up each margin; if not, Rocq is left to refuse those that do not.
    """
    sheet = Sheet(statement, complete)
    theorems = [sheet.theorem(place) for place in range(len(statement.claims))]
    names = [sheet.name(place) for place in range(len(statement.claims))]
    asked = "\n".join(f"Check {name}.\nPrint Assumptions {name}." for name in names)
    section = "\n".join(map(_folded, sheet.hypotheses()))
    return "\n".join(
        [
            _comment(statement),
            PRELUDE,
            f"Section {name_of(statement)}.",
            section,
            "",
            "\n\n".join(theorems),
            f"End {name_of(statement)}.",
            "",
            asked,
            "",
        ]
    )


def name_of(statement: Statement) -> str:
    """What the file of a statement is called: its id, which in Rocq must be a name."""
    return re.sub(r"\W", "_", statement.id)


def _comment(statement: Statement) -> str:
    """The statement's docstring."""
    objective = (
        statement.about.name if statement.about else "any; of the derivative phi' of its penalty only a sign is used"
    )
    words = f"{statement.id}. {statement.document.strip()}\n\nObjective: {objective}."
    quiet = words.replace('"', "'").replace("(*", "( *").replace("*)", "* )")
    return f"(* {quiet} *)"


class Sheet:
    """The file of a statement in the making."""

    def __init__(self, statement: Statement, complete: bool = True) -> None:
        self.statement = statement
        self.objective = statement.about or FAMILY
        self.complete = complete
        self.given = [self.special(each) for each in statement.given]
        self.spent: list[str] = []  # names of conditions
        self.translator = Translator({**self._conditions(), assumed: self._assumed, nowhere: self._nowhere})
        self.seen = Seen(self.sign)

    def name(self, place: int) -> str:
        """What the theorem of a relation is called."""
        letter = chr(ord("a") + place) if len(self.statement.claims) > 1 else ""
        return f"claim_{name_of(self.statement)}{letter}"

    def special(self, part: Basic) -> Basic:
        """An expression or relation about this objective's own penalty; phi stays open if it is about all."""
        if self.statement.about is None or isinstance(part, Idx):
            return part
        if isinstance(part, Relational):
            return part.func(*map(self.special, part.args), evaluate=False)
        return self.objective.specialise(part)

    # --- what is known -----------------------------------------------------------------------------------------------

    def _conditions(self) -> dict[IndexedBase, Callable[..., Fact]]:
        def spending(name: str) -> Callable[..., Fact]:
            return lambda *indices: self._condition(name, indices)

        return {each.symbol: spending(name) for name, each in conditions(self.objective).items()}

    def _condition(self, name: str, indices: tuple[Idx, ...]) -> Fact:
        """The fact that a condition holds at some indices."""
        own = OF_THE_FIRST.get(name, name)
        if own not in self.spent:
            self.spent.append(own)
        condition = conditions(self.objective)[own]
        places = [*samples(condition.residual), *map(index_name, condition.indices)]
        names = dict(zip(map(index_name, condition.indices), map(index_name, indices), strict=True))
        if own != name:
            names[SAMPLE] = SECOND
        try:
            # Renamed, and not written anew, so that it reads as its hypothesis does.
            meaning = renamed(self._residual(own), names)
        except ValueError as error:
            raise NotWritable(f"{name}: {error}") from None
        return Fact(known(f"{own}_holds", *(names.get(each, each) for each in places)), meaning)

    def _residual(self, name: str) -> Term:
        return self.translator.term(self.special(conditions(self.objective)[name].residual))

    def _assumed(self, position: Expr) -> Fact:
        """The fact that condition n of what is given holds."""
        place = int(position)
        condition = self.given[place]
        left, right = map(self.translator.term, condition.args)
        if isinstance(condition, Eq):
            return Fact(known(f"zeroB given{place}"), plus(left, minus(right)))
        weak = f"(ltW given{place})" if isinstance(condition, (Gt, Lt)) else f"given{place}"
        margin = plus(right, minus(left)) if isinstance(condition, (Le, Lt)) else plus(left, minus(right))
        return Fact(known(f"margin_ge0 {weak}"), margin, vanishes=False)

    def _nowhere(self, position: Expr) -> Fact:
        """The fact that what has no mean, as condition n of what is given says, is 0 on every sample."""
        place = int(position)
        return Fact(known(f"nowhere{place}", SAMPLE), self._without_mean(place))

    def _without_mean(self, place: int) -> Term:
        condition = self.given[place]
        if not (isinstance(condition, Eq) and isinstance(condition.lhs, E) and condition.rhs == 0):
            raise NotWritable(f"{condition} does not say that one mean is 0")
        return self.translator.term(condition.lhs.args[0])

    def sign(self, name: str, indices: tuple[str, ...]) -> str:
        """A proof that a quantity is nonnegative by its meaning. Raises NotSeen."""
        match name:
            case "on":
                return f"active_ge0 (z {' '.join(indices)})"
            case "off":
                return f"silent_ge0 (z {' '.join(indices)})"
            case "apart" | "delta":
                return f"{name}_ge0 _ {' '.join(indices)}"
        label = self._label(name)
        if getattr(label, "is_positive", False):
            return " ".join([f"ltW ({name}_gt0", *indices]) + ")"
        if getattr(label, "is_nonnegative", False):
            return " ".join([f"{name}_ge0", *indices])
        raise NotSeen(f"{name} may be negative")

    def _label(self, name: str) -> Basic | None:
        """What bears the assumptions of a quantity: none for multipliers of either sign."""
        if name == "mu" and not self.objective.prices_silent_units:
            return None
        symbol = self.translator.met.get(name)
        return getattr(symbol, "label", symbol)

    def positive(self, term: Term) -> Callable[[Names], str]:
        """A proof that what is divided by is positive. Raises NotSeen."""
        text = shown(term)
        for place, each in enumerate(self.given):
            if isinstance(each, Gt) and each.rhs == 0 and shown(self.translator.term(each.lhs)) == text:
                return known(f"given{place}")
        if isinstance(term, Quantity) and getattr(self.translator.met[term.name], "is_positive", False):
            return known(f"{term.name}_gt0", *term.indices)
        raise NotSeen(f"{text} is not known to be positive")

    # --- a theorem ---------------------------------------------------------------------------------------------------

    def theorem(self, place: int) -> str:
        """One relation of the statement, with its proof. Raises one of NOT_WRITTEN."""
        relation = self.special(self.statement.claims[place])
        proof = self.special(self.statement.proofs[place])
        left, right = map(self.translator.term, relation.args)
        if isinstance(relation, Ge):
            left, right = right, left
        equality = isinstance(relation, Eq)
        larger, smaller = (left, right) if equality else (right, left)
        certificate, tactic = self._certificate(proof, equality)
        leaves = Leaves()
        facts = self._facts(plus(larger, minus(smaller), minus(certificate)), leaves)
        identity = Plus((larger, Minus(smaller), Minus(certificate), Minus(facts)))
        claim = f"{shown(left)} {'=' if equality else '<='} {shown(right)}"
        lines = [
            *self._announcement(self.name(place), relation),
            f"  {claim}.",
            "Proof.",
            *self._preparations(proof),
            f"apply: (@{'equal' if equality else 'at_most'} real _ _",
            f"    (* certificate *) ({shown(certificate)})",
            f"    (* facts *) ({shown(facts)})).",
            *self._computation(identity, self._free(relation), leaves),
            f"- {tactic}.",
            f"- {self.seen.zero(facts)}.",
            "Qed.",
        ]
        return "\n".join(map(_folded, lines))

    def _certificate(self, proof: Expr, equality: bool) -> tuple[Term, str]:
        """The certificate as it is written, or multiplied out, and a tactic that shows its sign. Raises NotSeen."""
        reasons = []
        for form in (proof, expand(proof)):
            whole = self.translator.term(form)
            if (tactic := self.seen.zero(whole)) and equality:
                return whole, tactic
            try:
                if not equality:
                    return whole, self.seen.nonnegative(whole)
            except NotSeen as error:
                reasons.append(str(error))
        raise NotSeen(reasons[0] if reasons else "not every term of the certificate has a condition as a factor")

    def _facts(self, gap: Term, leaves: Leaves) -> Term:
        """What the margin is beside the certificate: facts with their multipliers."""
        try:
            found = Identity(leaves, {"x/2": self._restored}, self.positive).facts(gap)
        except NotAnIdentity:
            if self.complete:
                raise
            found = []
        return plus(*found)

    def _restored(self, indices: tuple[str, ...]) -> Fact:
        """x − r − b − Dz = 0, by the definition of r."""
        sample, coordinate = indices
        whole = renamed(self.translator.term(error(a)), {SAMPLE: sample, index_name(a): coordinate})
        self.translator.met["r"] = BASES["r"]
        assert isinstance(whole, Plus)
        x, *subtracted = whole.parts
        return Fact(known("restored _ _ _"), Plus((x, Minus(Quantity("r", indices)), *subtracted)))

    def _announcement(self, name: str, relation: Relational) -> list[str]:
        binders = " ".join(f"({each} : 'I_{size})" for each, size in self._free(relation))
        given = [f"  (given{place} : {self._relation(each)})" for place, each in enumerate(self.given)]
        first = f"Theorem {name} {binders}".rstrip()
        return [*([first] if given else []), *given[:-1], (given[-1] if given else first) + " :"]

    def _preparations(self, proof: Expr) -> Iterator[str]:
        """What has no mean is 0 on every sample, where the proof spends that."""
        for place in sorted({int(part.indices[0]) for part in proof.atoms(nowhere[0].func) if part.base == nowhere}):
            inside = self._without_mean(place)
            text = shown(inside, {SAMPLE: "t"})
            yield f"have nowhere{place} : forall t : 'I_n, {text} = 0."
            yield f"  apply: (nowhere (f := fun t : nat => {text}) weight_gt0 _ given{place}) => t."
            yield f"  {self.seen.nonnegative(inside, {SAMPLE: 't'})}."

    def _computation(self, identity: Term, free: Sequence[tuple[str, str]], leaves: Leaves) -> list[str]:
        """Rocq computes that the identity holds."""
        levels = {name: place for place, (name, _) in enumerate(free)}
        syntax = embedded(identity, levels, len(levels), leaves)
        ranges = "; ".join(size if size in self._sizes() else "0" for size in AXES)
        values = "; ".join(f"nat_of_ord {name}" for name, _ in free)
        return [
            f"- pose leaf := {leaves.table}.",
            f"  pose range (axis : nat) := nth 0%N [:: {ranges}]%N axis.",
            f"  have identity : is_zero {len(free)} {syntax} by vm_compute.",
            f"  have sums := @vanishes real leaf range _ [:: {values}] identity.",
            "  by cbv [value leaf range nth map rcons] in sums; exact: sums.",
        ]

    def _relation(self, relation: Relational) -> str:
        left, right = relation.args
        if isinstance(left, Idx):
            return f"{index_name(left)} {'!=' if isinstance(relation, Ne) else '=='} {index_name(right)} :> nat"
        one, other = (shown(self.translator.term(side)) for side in relation.args)
        match relation:
            case Ge() | Gt():
                return f"{other} {'<' if isinstance(relation, Gt) else '<='} {one}"
            case Le() | Lt():
                return f"{one} {'<' if isinstance(relation, Lt) else '<='} {other}"
            case _:
                return f"{one} {'=' if isinstance(relation, Eq) else '!='} {other}"

    def _free(self, relation: Relational) -> list[tuple[str, str]]:
        """The samples and indices that a relation is claimed for all of, with their sizes."""
        sides = [side for each in (relation, *self.given) for side in each.args]
        indices = sorted({index for side in sides for index in side.free_symbols if isinstance(index, Idx)}, key=str)
        return [
            *((sample, "n") for sample in samples(*(side for side in sides if not isinstance(side, Idx)))),
            *((index_name(index), axis_of(index)) for index in indices),
        ]

    # --- hypotheses --------------------------------------------------------------------------------------------------

    def hypotheses(self) -> Iterator[str]:
        """What the theorems are about, once they are written: sizes, quantities, definitions and what holds."""
        met = self._met()
        yield "Variable real : realFieldType."
        yield f"Variables {' '.join(self._sizes())} : nat. (* {', '.join(WORDS[size] for size in self._sizes())} *)"
        yield "Variable weight : nat -> real."
        yield "Hypothesis weight_gt0 : forall i : 'I_n, 0 < weight i."
        yield "Hypothesis weight_total : \\sum_(i < n) weight i = 1."
        yield 'Notation "\\E_ i f" := (mean n weight (fun i => f)) (at level 36, i name, f at level 41).'
        if "delta" in met:
            yield "Notation delta := (@delta real)."
        for name, symbol in met.items():
            if name not in (*DEFINED_HERE, "delta"):
                yield f"Variable {name} : {_type(name, symbol)}."
        for name in DEFINED_HERE:
            if name in met:
                yield self._definition(name)
        for name, symbol in met.items():
            if self._label(name) is not None:
                yield from _signed(name, symbol)
        for name in self.spent:
            yield from self._hypothesis(name)

    def _met(self) -> dict[str, Basic]:
        """All symbols that are spoken of, also in definitions, the data and the point first."""
        met = self.translator.met
        before = -1
        while len(met) != before:
            before = len(met)
            for name in [name for name in met if name in DEFINED_HERE]:
                self.translator.term(DEFINED_HERE[name][1])
            if "on" in met:
                met.setdefault("z", BASES["z"])
        first = ("x", "b", "D", "z", "lambda", "phi", "phi'", "mu", "nu")
        return {name: met[name] for name in (*(each for each in first if each in met), *met)}

    def _sizes(self) -> list[str]:
        """The sizes that are spoken of: sources and prefixes where something has them."""
        spoken = {SIZES[str(size)] for name in self._met() for size in INDICES.get(name, ())}
        return [size for size in AXES if size in (*AXES[:3], *spoken)]

    def _definition(self, name: str) -> str:
        if name == "on":
            return "Definition on (i j : nat) : real := active (z i j)."
        indices, expr = DEFINED_HERE[name]
        symbol = self.translator.met[name]
        names = [*([SAMPLE] if base_name(symbol)[1] else []), *map(index_name, indices)]
        return f"Definition {name} ({' '.join(names)} : nat) : real := {shown(self.translator.term(expr))}."

    def _hypothesis(self, name: str) -> Iterator[str]:
        condition = conditions(self.objective)[name]
        binders = [
            *(f"({sample} : 'I_n)" for sample in samples(condition.residual)),
            *(f"({index_name(index)} : 'I_{axis_of(index)})" for index in condition.indices),
        ]
        if name in MEANINGS:
            yield f"(* {MEANINGS[name]} *)"
        yield f"Hypothesis {name}_holds : forall {' '.join(binders)}, {shown(self._residual(name))} = 0."


WORDS = {"n": "samples", "d": "coordinates", "k": "atoms", "sources": "sources of the data", "prefixes": "prefixes"}
OPEN = ("phi", "phi'")  # functions


def samples(*parts: Basic) -> list[str]:
    """The samples that expressions are of: none, one or both of a pair."""
    symbols = (part for whole in parts for part in _outside_of_means(whole))
    found = {base_name(symbol)[1] for symbol in symbols if isinstance(symbol, (SampledBase, SampledSymbol))}
    if any(map(depends_on_sample, parts)) and not found:
        found = {SAMPLE}  # φ of a number, which is the sample's own
    return [sample for sample in (SAMPLE, SECOND) if sample in found]


def _outside_of_means(whole: Basic) -> Iterator[Basic]:
    walk = preorder_traversal(whole)
    for part in walk:
        if isinstance(part, E):
            walk.skip()
        yield part


def _type(name: str, symbol: Basic) -> str:
    if name in OPEN:
        return "nat -> real -> real"
    sizes = len(INDICES[name]) if isinstance(symbol, IndexedBase) else 0
    return "nat -> " * (sizes + (base_name(symbol)[1] is not None)) + "real"


def _signed(name: str, symbol: Basic) -> Iterator[str]:
    """The hypothesis that a quantity is nonnegative, or positive, by its meaning."""
    label = getattr(symbol, "label", symbol)
    if name == "phi'":
        yield "Hypothesis phi'_ge0 : forall (i : nat) (t : real), 0 <= t -> 0 <= phi' i t."
    elif name not in ("on", "off", "apart", "delta", "phi") and label.is_nonnegative:
        sizes = [SIZES[str(size)] for size in INDICES[name]] if isinstance(symbol, IndexedBase) else []
        sampled = base_name(symbol)[1] is not None
        names = [*([SAMPLE] if sampled else []), *("jlm"[place] for place in range(len(sizes)))]
        ranges = [*(["n"] if sampled else []), *sizes]
        binders = " ".join(f"({each} : 'I_{size})" for each, size in zip(names, ranges, strict=True))
        strict = bool(label.is_positive)
        says = f"0 {'<' if strict else '<='} {' '.join([name, *names])}"
        yield f"Hypothesis {name}_{'gt0' if strict else 'ge0'} : {f'forall {binders}, ' if binders else ''}{says}."


def _folded(line: str) -> str:
    """A long line over several."""
    if len(line) <= 120:
        return line
    margin = re.match(r"[ -]*", line)
    assert margin is not None
    deeper = " " * (len(margin.group()) + 2)
    return fill(line, 120, subsequent_indent=deeper, break_long_words=False, break_on_hyphens=False)
