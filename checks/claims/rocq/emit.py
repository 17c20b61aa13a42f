"""Statements as files of Rocq: hypotheses spelt out, the claim, and a proof from the certificate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from textwrap import fill, indent

from sympy import Basic, Expr, Idx, IndexedBase, Ne, expand, preorder_traversal
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Relational

from checks.claims.rocq.identities import Identity, NotAnIdentity
from checks.claims.rocq.proofs import NotSeen, Seen
from checks.claims.rocq.terms import (
    AXES,
    ZERO,
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
    NAMED,
    SAMPLE,
    SECOND,
    NotWritable,
    Translator,
    axis_of,
    base_name,
    index_name,
)
from theory.derive import assumed, conditions, nowhere
from theory.expectation import E, SampledBase, SampledSymbol, depends_on_sample
from theory.language import AXES as SIZES_OF
from theory.language import BASES
from theory.problem import FAMILY, SECOND_SAMPLE, Objective, a, error
from theory.statement import Statement

Refusal = (NotWritable, NotAnIdentity, NotSeen)
LANGUAGE = {"d": "d", "k": "k", "p": "sources", "g": "prefixes"}
SECOND_NAMES = {"code2": "code", "comp2": "comp"}


@dataclass(frozen=True)
class Claim:
    """One relation of a statement, with its certificate, of the objective that it is about."""

    name: str
    relation: Relational
    proof: Expr
    given: tuple[Relational, ...]
    objective: Objective


def claims_of(statement: Statement) -> list[Claim]:
    """The relations of a statement as they are proved: with its objective's own penalty, or with any."""
    objective = statement.about or FAMILY
    found = []
    for place, (relation, proof) in enumerate(zip(statement.claims, statement.proofs, strict=True)):
        name = statement.id if len(statement.claims) == 1 else f"{statement.id}_{place + 1}"
        parts = [relation, *statement.given]
        if statement.about is not None:
            parts = [each.func(*map(_special(objective), each.args), evaluate=False) for each in parts]
            proof = _special(objective)(proof)
        found.append(Claim(name, parts[0], proof, tuple(parts[1:]), objective))
    return found


def _special(objective: Objective):
    return lambda part: part if isinstance(part, Idx) else objective.specialise(part)


# --- one theorem -----------------------------------------------------------------------------------------------------

# What is defined, at its own indices, in an order in which each uses the ones before.
DEFINED_HERE: dict[str, tuple[tuple[Idx, ...], Expr]] = {
    "r": ((a,), error(a)),
    **{
        str(getattr(symbol, "label", symbol)): meaning
        for symbol, meaning in NAMED.items()
        if symbol not in SECOND_SAMPLE
    },
}


@dataclass
class Theorem:
    """A claim on its way to a file."""

    claim: Claim
    leaves: Leaves = field(default_factory=Leaves)
    used: dict[str, None] = field(default_factory=dict)  # names of premises that are spent
    vanishing: dict[int, tuple[Term, str]] = field(default_factory=dict)  # what has no mean, and its sign

    def __post_init__(self) -> None:
        self.translator = Translator({**self._premises(), assumed: self._assumed, nowhere: self._nowhere})

    # --- what is known ---------------------------------------------------------------------------------------------

    def _premises(self) -> dict[IndexedBase, object]:
        def at(name: str):
            def of(*indices: Idx) -> Fact:
                return self._premise(name, indices)

            return of

        return {premise.symbol: at(name) for name, premise in conditions(self.claim.objective).items()}

    def _premise(self, name: str, indices: tuple[Idx, ...]) -> Fact:
        """A condition at some indices: of a second sample it is the same as of the first."""
        own = SECOND_NAMES.get(name, name)
        self.used[own] = None
        premise = conditions(self.claim.objective)[own]
        samples = self._samples(premise.residual)
        names = dict(zip(map(index_name, premise.indices), map(index_name, indices), strict=True))
        if own != name:
            names[SAMPLE] = SECOND
        residual = self._residual(own)
        return Fact(
            known(f"{own}_holds", *(names.get(each, each) for each in (*samples, *map(index_name, premise.indices)))),
            renamed(residual, names),
        )

    def _residual(self, name: str) -> Term:
        residual = conditions(self.claim.objective)[name].residual
        if self.claim.objective is not FAMILY:
            residual = self.claim.objective.specialise(residual)
        return self.translator.term(residual)

    def _samples(self, *parts: Basic) -> list[str]:
        """The samples that expressions are of."""
        found = {base_name(part)[1] for whole in parts for part in _outside_of_means(whole)}
        sampled = any(depends_on_sample(part) for part in parts)
        return [
            *([SAMPLE] if sampled and (SAMPLE in found or SECOND not in found) else []),
            *([SECOND] if SECOND in found else []),
        ]

    def _assumed(self, position: Expr) -> Fact:
        place = int(position)
        condition = self.claim.given[place]
        left, right = map(self.translator.term, condition.args)
        proof = {
            Eq: f"zeroB given{place}",
            Ge: f"margin_ge0 given{place}",
            Le: f"margin_ge0 given{place}",
            Gt: f"margin_ge0 (ltW given{place})",
            Lt: f"margin_ge0 (ltW given{place})",
        }[type(condition)]
        meaning = plus(right, minus(left)) if isinstance(condition, (Le, Lt)) else plus(left, minus(right))
        return Fact(known(proof), meaning, vanishes=isinstance(condition, Eq))

    def _nowhere(self, position: Expr) -> Fact:
        place = int(position)
        condition = self.claim.given[place]
        if not (isinstance(condition, Eq) and isinstance(condition.lhs, E) and condition.rhs == 0):
            raise NotWritable(f"{condition} is not that one mean is 0")
        inside = self.translator.term(condition.lhs.args[0])
        sign = Seen(self.sign).nonnegative(inside)

        def proof(names: Names) -> str:
            return f"nowhere{place} {names.get(SAMPLE, SAMPLE)}"

        self.vanishing[place] = (inside, sign)
        return Fact(proof, inside)

    def sign(self, name: str, indices: tuple[str, ...]) -> str:
        """A proof that a quantity is nonnegative. Raises NotSeen."""
        match name:
            case "on":
                return f"active_ge0 (z {' '.join(indices)})"
            case "off":
                return f"silent_ge0 (z {' '.join(indices)})"
            case "apart":
                return f"apart_ge0 _ {' '.join(indices)}"
            case "delta":
                return f"delta_ge0 _ {' '.join(indices)}"
        symbol = self.translator.met.get(name)
        label = getattr(symbol, "label", symbol)
        if label is not None and label.is_positive:
            return f"ltW {name}_gt0"
        if label is not None and label.is_nonnegative:
            return " ".join([f"{name}_ge0", *indices])
        raise NotSeen(f"{name} may be negative")

    def positive(self, term: Term):
        """A proof that what is divided by is positive."""
        text = shown(term)
        for place, condition in enumerate(self.claim.given):
            if isinstance(condition, Gt) and condition.rhs == 0 and shown(self.translator.term(condition.lhs)) == text:
                return known(f"given{place}")
        match term:
            case Quantity(name, indices) if getattr(self.translator.met[name], "is_positive", False):
                return known(f"{name}_gt0", *indices)
        raise NotSeen(f"{text} is not known to be positive")

    # --- the file --------------------------------------------------------------------------------------------------

    @property
    def sizes(self) -> list[str]:
        """The sizes that are spoken of: sources and prefixes where something has them."""
        spoken = {str(size) for name in self._met() for size in SIZES_OF.get(name, ())}
        return [size for size in AXES if size in AXES[:3] or size in {LANGUAGE[each] for each in spoken}]

    def text(self) -> str:
        """Hypotheses, claim and proof. Raises one of `Refusal`."""
        claim, term = self.claim, self.translator.term
        left, right = map(term, claim.relation.args)
        equality = isinstance(claim.relation, Eq)
        if isinstance(claim.relation, Ge):
            left, right = right, left
        margin = plus(left, minus(right)) if equality else plus(right, minus(left))
        certificate, tactic = self._certificate(equality)
        facts = self._facts(plus(margin, minus(certificate)))
        seen = Seen(self.sign)
        beside = Plus(tuple(facts)) if len(facts) > 1 else facts[0] if facts else ZERO
        zero = seen.zero(beside)
        assert zero is not None
        first, second = (left, right) if equality else (right, left)
        identity = Plus((first, minus(second), minus(certificate), minus(beside)))
        identity = Plus((first, Minus(second), Minus(certificate), Minus(beside)))
        free = self._free()
        levels = {name: place for place, (name, _) in enumerate(free)}
        syntax = embedded(identity, levels, len(levels), self.leaves)
        lemma = "equal" if equality else "at_most"
        sign = "=" if equality else "<="
        body = f"{shown(left)} {sign} {shown(right)}"
        binders = " ".join(f"({name} : 'I_{size})" for name, size in free)
        hypotheses = "".join(f"\n  (given{n} : {self._relation(each)})" for n, each in enumerate(claim.given))
        preparations = "".join(self._preparation(place) for place in self.vanishing)
        values = "; ".join(f"nat_of_ord {name}" for name, _ in free)
        ranges = [size if size in self.sizes else "0" for size in AXES]
        proof = [
            f"{preparations}apply: (@{lemma} real _ _",
            indent(fill(f"(* the certificate *) ({shown(certificate)})", 118, break_long_words=False), "    "),
            indent(fill(f"(* facts *) ({shown(beside)}))", 118, break_long_words=False), "    ") + ".",
            f"- pose leaf := {self.leaves.table}.",
            f"  pose range (axis : nat) := nth 0%N [:: {'; '.join(ranges)}]%N axis.",
            f"  have identity : is_zero {len(free)} {syntax} by vm_compute.",
            f"  have sums := @vanishes real leaf range _ [:: {values}] identity.",
            "  by cbv [value leaf range nth map rcons] in sums; exact: sums.",
            f"- {tactic}.",
            f"- {zero}.",
        ]
        lines = [
            f"Theorem {claim.name} {binders}{hypotheses} :".replace("  :", " :"),
            f"  {body}.",
            "Proof.",
            *proof,
            "Qed.",
        ]
        return "\n".join(
            [
                *self._section(),
                *lines,
                f"End S{claim.name}.",
                f"Check {claim.name}.",
                f"Print Assumptions {claim.name}.",
                "",
            ]
        )

    def _certificate(self, equality: bool) -> tuple[Term, str]:
        """The certificate, and a tactic that shows its sign. Raises NotSeen."""
        seen = Seen(self.sign)
        whole = self.translator.term(self.claim.proof)
        if equality:
            for form in (whole, self.translator.term(expand(self.claim.proof))):
                if tactic := seen.zero(form):
                    return form, tactic
            raise NotSeen("the certificate does not vanish term by term")
        try:
            return whole, seen.nonnegative(whole)
        except NotSeen:
            spread = self.translator.term(expand(self.claim.proof))
            return spread, seen.nonnegative(spread)

    def _facts(self, gap: Term) -> list[Term]:
        def restored(indices: tuple[str, ...]) -> Fact:
            sample, coordinate = indices
            whole = self.translator.term(error(a))
            whole = renamed(whole, {SAMPLE: sample, index_name(a): coordinate})
            assert isinstance(whole, Plus)
            x, b, total = whole.parts
            residual = Quantity("r", indices)
            self.translator.met.setdefault("r", BASES["r"])
            self.translator.met.setdefault("b", BASES["b"])
            return Fact(known("restored", "_", "_", "_"), Plus((x, Minus(residual), b, total)))

        return Identity(self.leaves, {"x/2": restored}, self.positive).facts(gap)

    def _preparation(self, place: int) -> str:
        inside, sign = self.vanishing[place]
        return (
            f"have nowhere{place} : forall {SAMPLE} : 'I_n, {shown(inside)} = 0.\n"
            f"  move=> {SAMPLE}; apply: (nowhere (f := fun {SAMPLE} : nat => {shown(inside)}) weight_gt0 _ given{place}) => {{}}{SAMPLE}.\n"
            f"  {sign}.\n"
        )

    def _relation(self, relation: Relational) -> str:
        left, right = relation.args
        if isinstance(left, Idx):
            return f"{index_name(left)} {'!=' if isinstance(relation, Ne) else '=='} {index_name(right)} :> nat"
        one, other = (shown(self.translator.term(side)) for side in relation.args)
        match relation:
            case Eq():
                return f"{one} = {other}"
            case Ne():
                return f"{one} != {other}"
            case Le():
                return f"{one} <= {other}"
            case Lt():
                return f"{one} < {other}"
            case Ge():
                return f"{other} <= {one}"
            case Gt():
                return f"{other} < {one}"
        raise NotWritable(f"{relation}")

    def _free(self) -> list[tuple[str, str]]:
        """The samples and indices that a claim is made for all of, with their sizes."""
        parts = [side for each in (self.claim.relation, *self.claim.given) for side in each.args]
        numbers = [part for part in parts if not isinstance(part, Idx)]
        indices = sorted({index for part in parts for index in part.free_symbols if isinstance(index, Idx)}, key=str)
        return [
            *((sample, "n") for sample in self._samples(*numbers)),
            *((index_name(index), axis_of(index)) for index in indices),
        ]

    def _section(self) -> Iterator[str]:
        """What the theorem is about: sizes, quantities, definitions and hypotheses."""
        met = self._met()
        yield f"Section S{self.claim.name}."
        yield "Variable real : realFieldType."
        yield f"Variables {' '.join(self.sizes)} : nat."
        yield "Variable weight : nat -> real."
        yield "Hypothesis weight_gt0 : forall i : 'I_n, 0 < weight i."
        yield "Hypothesis weight_total : \\sum_(i < n) weight i = 1."
        yield 'Notation "\\E_ i f" := (mean n weight (fun i => f)) (at level 36, i name, f at level 41).'
        if "delta" in met:
            yield "Notation delta := (@delta real)."
        for name, symbol in met.items():
            if name not in (*DEFINED_HERE, "on", "delta"):
                yield f"Variable {name} : {_type(name, symbol)}."
        for name in ("on", *DEFINED_HERE):
            if name in met:
                yield from self._definition(name)
        for name, symbol in met.items():
            yield from _sign(name, symbol)
        for name in self.used:
            yield self._hypothesis(name)

    def _met(self) -> dict[str, Basic]:
        """All symbols that are spoken of, also in definitions."""
        met = self.translator.met
        while True:
            before = len(met)
            for name in [name for name in met if name in DEFINED_HERE]:
                self.translator.term(DEFINED_HERE[name][1])
            if "on" in met:
                met.setdefault("z", BASES["z"])
            if len(met) == before:
                return met

    def _definition(self, name: str) -> Iterator[str]:
        if name == "on":
            yield "Definition on (i j : nat) : real := active (z i j)."
            return
        indices, expr = DEFINED_HERE[name]
        sampled = isinstance(self.translator.met[name], SampledBase) or name == "room"
        names = [*([SAMPLE] if sampled else []), *map(index_name, indices)]
        yield f"Definition {name} ({' '.join(names)} : nat) : real := {shown(self.translator.term(expr))}."

    def _hypothesis(self, name: str) -> str:
        premise = conditions(self.claim.objective)[name]
        binders = [
            *(f"({sample} : 'I_n)" for sample in self._samples(premise.residual)),
            *(f"({index_name(index)} : 'I_{axis_of(index)})" for index in premise.indices),
        ]
        return f"Hypothesis {name}_holds : forall {' '.join(binders)}, {shown(self._residual(name))} = 0."


def _type(name: str, symbol: Basic) -> str:
    if name in ("phi", "phi'"):
        return "nat -> real -> real"
    sampled = base_name(symbol)[1] is not None
    sizes = len(SIZES_OF[name]) if isinstance(symbol, IndexedBase) else 0
    return "nat -> " * (sampled + sizes) + "real"


def _sign(name: str, symbol: Basic) -> Iterator[str]:
    """The hypothesis that a quantity is nonnegative, or positive, by its meaning."""
    if name == "phi'":
        yield "Hypothesis phi'_ge0 : forall (i : nat) (t : real), 0 <= t -> 0 <= phi' i t."
        return
    label = getattr(symbol, "label", symbol)
    if name in ("on", "off", "apart", "delta", "phi") or not getattr(label, "is_nonnegative", False):
        return
    sampled = base_name(symbol)[1] is not None
    sizes = [LANGUAGE[str(size)] for size in SIZES_OF[name]] if isinstance(symbol, IndexedBase) else []
    names = [SAMPLE] * sampled + [f"j{place}" for place in range(len(sizes))]
    binders = "".join(f" ({each} : 'I_{size})" for each, size in zip(names, ["n"] * sampled + sizes, strict=True))
    strict = bool(label.is_positive)
    whole = f"0 {'<' if strict else '<='} {' '.join([name, *names])}"
    yield f"Hypothesis {name}_{'gt0' if strict else 'ge0'} : {f'forall{binders}, ' if binders else ''}{whole}."


def _outside_of_means(whole: Basic) -> Iterator[Basic]:
    """The quantities and functions of a sample that an expression is made of, but for those under a mean."""
    walk = preorder_traversal(whole)
    for part in walk:
        if isinstance(part, E):
            walk.skip()
        elif isinstance(part, (SampledBase, SampledSymbol)):
            yield part


PRELUDE = """From Coq Require Import PArith.
From mathcomp Require Import all_ssreflect ssralg ssrnum ssrint.
From SaeLaws Require Import Sums Quantities.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
"""


def emitted(claim: Claim) -> str:
    """The file of one claim. Raises one of `Refusal`, with the reason, where it cannot be written."""
    return PRELUDE + "\n" + Theorem(claim).text()
