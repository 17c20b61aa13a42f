"""What a theorem is, how its proof is checked, and how the theorems of a folder are found (THEORY §7).

A statement is one relation with a certificate. A theorem composes them: hypotheses, a proof that derives one named
property after another, and a conclusion. If it says that properties are equivalent, its implications must lead from
each of them to each other. `Theorem.prove` is the checker; what a step may rest on is in `theory.inference`.

A theorem file holds a docstring, as a statement's does, and one `theorem = Theorem(...)`.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import permutations
from pathlib import Path

from sympy import Basic, Gt, IndexedBase

from theory.certificate import NotProved, says_the_same, triviality
from theory.example import Example
from theory.inference import Bias, Cases, Known, Lemma, Property, Rule, Step, in_the_language, one_of, reachable, take
from theory.optimality import Level
from theory.plain import is_own, of_own_parts
from theory.statement import Statement, Status, folder_modules, id_of, order_of
from theory.tampering import TamperedWith

EITHER = frozenset(Bias)


@dataclass(frozen=True, eq=False)
class Implication:
    """One condition of a theorem follows from another one, or from the hypotheses alone, by these steps."""

    source: str
    target: str
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Documented(ABC):
    """What has a file of its own with a docstring that states it, whatever its proof is made of."""

    id: str = ""
    document: str = field(default="", repr=False)
    path: Path | None = None

    @property
    def title(self) -> str:
        return self._docstring.title

    def section(self, name: str) -> str:
        """The text after `name:` in the docstring, up to the next blank line; empty if there is none."""
        return self._docstring.section(name)

    @property
    def _docstring(self) -> Statement:
        """A statement with the same docstring: it is read alike."""
        return Statement(Status.OPEN, (), {}, document=self.document)

    @property
    @abstractmethod
    def lemmas(self) -> tuple[Statement, ...]:
        """The statements that the proof rests on, in the order of their use."""

    @abstractmethod
    def prove(self) -> None:
        """Check the proof. Raises NotProved, naming the fault."""


class Outlined(Documented):
    """A theorem whose proof is no composition of steps: it says by itself how a paper would print it."""

    @abstractmethod
    def outline(self) -> Iterator[tuple[str, Sequence[str]]]:
        """Its parts, hypotheses, conclusion and proof, each with its lines."""


@dataclass(frozen=True, eq=False)
class Theorem(Documented):
    """Hypotheses, conditions by name, and implications between them.

    level       how good the point must be
    given       properties of the data and of what is chosen, which are assumed
    arbitrary   symbols that stand for any value that one property of `given` allows, with its name
    conditions  what the theorem is about: each one property or several together
    common      steps that follow from these alone, definitions first
    supposing   what is assumed besides, of what has been defined
    implications  the proof; from "" is from the hypotheses alone
    equivalent  conditions that are claimed to be equivalent, any two of them
    concludes   conditions that are claimed to hold
    implies     pairs of conditions of which the first is claimed to imply the second
    exists      symbols of which a condition says that there are values, chosen on the way to it
    bias        whether the bias may be fixed, free, or either
    examples    points at which all that is assumed holds, and each condition that something is concluded from
    """

    level: Level
    given: tuple[Property, ...]
    conditions: Mapping[str, tuple[Property, ...]]
    implications: tuple[Implication, ...]
    common: tuple[Step, ...] = ()
    supposing: tuple[Property, ...] = ()
    equivalent: tuple[str, ...] = ()
    concludes: tuple[str, ...] = ()
    implies: tuple[tuple[str, str], ...] = ()
    arbitrary: Mapping[IndexedBase, str] = field(default_factory=dict)
    exists: tuple[IndexedBase, ...] = ()
    bias: frozenset[Bias] = EITHER
    examples: tuple[Example, ...] = ()

    @property
    def steps(self) -> Iterator[Step]:
        """All steps in the order of the proof."""
        yield from self.common
        for implication in self.implications:
            yield from implication.steps

    @property
    def lemmas(self) -> tuple[Statement, ...]:
        """The statements that the proof rests on, in the order of their use."""
        return tuple(dict.fromkeys(_lemmas(self.steps)))

    @property
    def premises(self) -> frozenset[str]:
        """The conditions on the point that its lemmas spend."""
        return frozenset().union(*(lemma.premises for lemma in self.lemmas))

    def prove(self) -> None:
        """Check every step, and that the conclusion is reached. Raises NotProved, naming the fault."""
        of_own_parts(self)
        self._is_well_posed()
        known = self._hypotheses()
        take(self.common, known)
        for each in self.supposing:
            known.suppose(each)
        self._says_something(known)
        reached = {"": known}
        for implication in self.implications:
            self._follow(implication, known, reached)
        self._closes()
        self._is_met()

    def _is_well_posed(self) -> None:
        if not (self._claimed or self.concludes):
            raise NotProved("nothing is concluded")
        if alike := [one for one, other in self._claimed if one == other]:
            raise NotProved(f"that {alike[0]} leads to {alike[0]} says nothing")
        if type(self.level) is not Level or not self.bias or not self.bias <= EITHER:
            raise NotProved("its level is one of Level, and its bias fixed, free or either")
        named = {*self.equivalent, *self.concludes, *(end for pair in self.implies for end in pair)}
        named |= {end for each in self.implications for end in (each.source, each.target)} - {""}
        if unknown := sorted(named - self.conditions.keys()):
            raise NotProved(f"{unknown[0]} is none of its conditions")
        for parts in self.conditions.values():
            for each in parts:
                in_the_language(each)
        for symbol, name in self.arbitrary.items():
            speaking = [each.name for each in (*self.given, *self.supposing) if each.relation.has(symbol)]
            speaking += [each.name for parts in self.conditions.values() for each in parts if each.relation.has(symbol)]
            if speaking != [name]:
                raise NotProved(f"{symbol} is to be arbitrary, and is restricted by more than {name}")

    def _hypotheses(self) -> Known:
        known = Known(self.level, self.bias, arbitrary=self.arbitrary, conditions=self.conditions, exists=self.exists)
        for each in self.given:
            known.suppose(each)
        return known

    @property
    def _claimed(self) -> list[tuple[str, str]]:
        """Pairs of conditions of which the first is claimed to lead to the second."""
        return [*self.implies, *permutations(self.equivalent, 2)]

    def _says_something(self, known: Known) -> None:
        """Raise NotProved where a conclusion is true of any numbers, is assumed, or is its own condition."""
        for source, target in (*(("", name) for name in self.concludes), *self._claimed):
            here = [*(known.properties[name] for name in known.assumed), *self.conditions.get(source, ())]
            if all(_is_said(each, here) for each in self.conditions[target]):
                whence = f"{source or 'what is assumed'}, in other words, or "
                raise NotProved(f"{target} says nothing: it is {whence}true of any numbers")

    def _follow(self, implication: Implication, hypotheses: Known, reached: dict[str, Known]) -> None:
        """Derive the target; what was derived from the same source before is still known."""
        source, target = implication.source, implication.target
        if source not in reached:
            reached[source] = hypotheses.copy()
            for each in self.conditions[source]:
                reached[source].suppose(each)
        known = reached[source]
        try:
            take(implication.steps, known)
        except NotProved as error:
            raise NotProved(f"{source or 'hypotheses'} ⇒ {target}: {error}") from None
        for each in self.conditions[target]:
            if not known.has(each.relation):
                raise NotProved(f"{source or 'hypotheses'} ⇒ {target}: its steps do not reach {each.name}")
            if escaped := sorted(str(one) for one in self.chosen - {*self.exists} if each.relation.has(one)):
                raise NotProved(
                    f"{source or 'hypotheses'} ⇒ {target}: {each.name} speaks of {escaped[0]}, which is chosen on the "
                    "way: define it in `common`, or say in `exists` that there is one"
                )
        known.shown.append((source, target))

    def _closes(self) -> None:
        leads = {name: self._led_to(name) for name in ("", *self.conditions)}
        for one in self.equivalent:
            if missing := [other for other in self.equivalent if other not in leads[one]]:
                raise NotProved(f"the implications do not lead from {one} to {missing[0]}: no equivalence")
        for one, other in (*(("", name) for name in self.concludes), *self.implies):
            if other not in leads[one]:
                raise NotProved(f"the implications do not lead from {one or 'the hypotheses'} to {other}")

    def _is_met(self) -> None:
        """Raise NotProved unless examples meet all that is assumed, and what is concluded holds at each."""
        assumed = (*self.given, *(each for step in self.common for each in step.properties), *self.supposing)
        pairs = {*self.implies, *permutations(self.equivalent, 2), *(("", name) for name in self.concludes)}
        met = set()
        for example in self.examples:
            example.verify(self.level, self.bias)
            for each in assumed:
                if not example.satisfies(each):
                    raise NotProved(f"an example does not meet {each.name}")
            here = {name for name, parts in self.conditions.items() if all(map(example.satisfies, parts))} | {""}
            if failing := sorted(pair for pair in pairs if pair[0] in here and pair[1] not in here):
                raise NotProved(f"{failing[0][0] or 'what is assumed'} does not lead to {failing[0][1]} at an example")
            met |= here
        if missing := sorted({source for source, _ in pairs} - met):
            raise NotProved(f"no example meets {missing[0] or 'what is assumed'}: it would be vacuous")

    @property
    def defined(self) -> frozenset[Basic]:
        """What common steps introduce."""
        return frozenset().union(*(getattr(rule, "fresh", ()) for rule in _rules(self.common)))

    @property
    def chosen(self) -> frozenset[Basic]:
        """What steps of implications introduce, where common ones define."""
        steps = (step for each in self.implications for step in each.steps)
        return frozenset().union(*(getattr(rule, "fresh", ()) for rule in _rules(steps)))

    @property
    def ranging(self) -> frozenset[Basic]:
        """Symbols over all values of which a step takes what it rests on."""
        return frozenset().union(*(getattr(rule, "ranging", ()) for rule in _rules(self.steps)))

    def leads(self, source: str, target: str) -> bool:
        """Whether the implications lead from one condition to another."""
        return target in self._led_to(source)

    def _led_to(self, start: str) -> set[str]:
        return reachable(((each.source, each.target) for each in self.implications), start)


@dataclass(frozen=True, eq=False)
class Cited:
    """One condition of a theorem from another one: its hypotheses are known, and its symbols mean the same here."""

    theorem: Theorem
    source: str
    target: str
    name: str

    @property
    def fresh(self) -> frozenset[Basic]:
        """What the theorem says that there is."""
        target = self.theorem.conditions.get(self.target, ())
        return frozenset(one for one in self.theorem.chosen if any(each.relation.has(one) for each in target))

    def check(self, given: Property, known: Known) -> None:
        if type(self.theorem) is not Theorem:
            raise NotProved(f"{self.name} is no theorem that is composed of steps")
        _composed(self.theorem)
        if self.theorem.level > known.level:
            raise NotProved(f"{self.name} is of a {self.theorem.level}, and only a {known.level} is assumed")
        if not known.bias <= self.theorem.bias:
            raise NotProved(f"{self.name} is of another bias")
        if not self.theorem.leads(self.source, self.target):
            raise NotProved(f"{self.name} does not lead from {self.source} to {self.target}")
        defining = [each for step in self.theorem.common if getattr(step.by, "fresh", ()) for each in step.properties]
        for each in (*self.theorem.given, *defining, *self.theorem.supposing, *self.theorem.conditions[self.source]):
            if not known.has(each.relation):
                raise NotProved(f"{self.name} asks for {each.name}, which is not known")
        source = self.theorem.conditions[self.source]
        known.leaves_open(
            [one for one in self.theorem.ranging if any(each.relation.has(one) for each in source)], source
        )
        one_of(given.relation, [each.relation for each in self.theorem.conditions[self.target]])

    @property
    def words(self) -> str:
        return f"{self.name}, {self.source} ⇒ {self.target}"


def _is_said(each: Property, known: Sequence[Property]) -> bool:
    """Whether a property is true of any numbers, or one of those that are known, in other words."""
    return bool(triviality(each.relation)) or any(says_the_same(each.relation, one.relation) for one in known)


@cache
def _composed(theorem: Theorem) -> None:
    theorem.prove()


def _rules(steps: Iterable[Step]) -> Iterator[Rule]:
    """Why steps hold, each case by itself."""
    for step in steps:
        if isinstance(step.by, Cases):
            yield from _rules((*step.by.fixed, *step.by.free))
        else:
            yield step.by


def _lemmas(steps: Iterable[Step]) -> Iterator[Statement]:
    for rule in _rules(steps):
        if isinstance(rule, Lemma):
            yield rule.statement
        elif isinstance(rule, Cited):
            yield from rule.theorem.lemmas


def lint_theorem(theorem: Documented) -> list[str]:
    """What is missing from a theorem's file, as lines for its author; empty if nothing is."""
    complaints = []
    if not theorem.title.endswith("."):
        complaints.append("the docstring's first line must be the theorem in words, ending with a full stop")
    needed = ("Boundary", "Reference")
    complaints += _overstated(theorem) if isinstance(theorem, Theorem) else []
    return complaints + [f"the docstring has no `{name}:` line" for name in needed if not theorem.section(name)]


def _overstated(theorem: Theorem) -> Iterator[str]:
    """Where a title says in words what no conclusion says."""
    both = theorem.equivalent or any(pair[::-1] in theorem.implies for pair in theorem.implies)
    if (word := re.search(r"\b(exactly (if|when|at)|if and only if|equivalent)\b", theorem.title)) and not both:
        yield f"the title says {word[0]!r}, and no two conditions are claimed to be equivalent"
    ends = {*theorem.equivalent, *theorem.concludes, *(target for _, target in theorem.implies)}
    strict = any(isinstance(each.relation, Gt) for name in ends for each in theorem.conditions.get(name, ()))
    if "strictly" in theorem.title and not strict:
        yield "the title says 'strictly', and no strict inequality is concluded"


def discover_theorems(folders: Sequence[Path] = ()) -> list[Documented]:
    """All theorems of the package and of further folders or files, ordered by id; their lemmas carry their ids.

    Raises ValueError if two share an id, TamperedWith if one of a file is of a class of its own.
    """
    import theory.theorems

    names = [info.name for info in pkgutil.iter_modules(theory.theorems.__path__, "theory.theorems.")]
    found: dict[str, Documented] = {}
    for module in (*map(importlib.import_module, names), *folder_modules(folders)):
        theorem = getattr(module, "theorem", None)
        if not isinstance(theorem, Documented):
            continue
        if not is_own(type(theorem)):
            raise TamperedWith(f"it has a {type(theorem).__name__} of its own in the place of a Theorem")
        path = Path(str(module.__file__))
        located = replace(theorem, id=id_of(path.stem), document=module.__doc__ or "", path=path)
        if located.id in found:
            raise ValueError(f"{path}: the id {located.id} is taken by {found[located.id].path}")
        found[located.id] = located
    return sorted(found.values(), key=lambda theorem: order_of(theorem.id))
