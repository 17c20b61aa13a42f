"""What a theorem is, how its proof is checked, and how the theorems of a folder are found (THEORY §7).

A statement is one relation with a certificate. A theorem composes them: hypotheses, a proof that derives one named
property after another, and a conclusion. If it says that properties are equivalent, its implications must lead from
each of them to each other. `Theorem.prove` is the checker; what a step may rest on is in `theory.inference`.

A theorem file holds a docstring, as a statement's does, and one `theorem = Theorem(...)`.
"""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import permutations
from pathlib import Path

from sympy import IndexedBase

from theory.certificate import NotProved
from theory.example import Example
from theory.inference import Bias, Cases, Known, Lemma, Property, Step, one_of, reachable, take
from theory.optimality import Level
from theory.statement import Statement, Status, id_of

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
        self._is_well_posed()
        known = self._hypotheses()
        take(self.common, known)
        for each in self.supposing:
            known.learn(each)
        reached = {"": known}
        for implication in self.implications:
            self._follow(implication, known, reached)
        self._closes()
        self._is_met()

    def _is_well_posed(self) -> None:
        if not (self.equivalent or self.concludes or self.implies):
            raise NotProved("nothing is concluded")
        named = {*self.equivalent, *self.concludes, *(end for pair in self.implies for end in pair)}
        named |= {end for each in self.implications for end in (each.source, each.target)} - {""}
        if unknown := sorted(named - self.conditions.keys()):
            raise NotProved(f"{unknown[0]} is none of its conditions")
        for symbol, name in self.arbitrary.items():
            speaking = [each.name for each in (*self.given, *self.supposing) if each.relation.has(symbol)]
            speaking += [each.name for parts in self.conditions.values() for each in parts if each.relation.has(symbol)]
            if speaking != [name]:
                raise NotProved(f"{symbol} is to be arbitrary, and is restricted by more than {name}")

    def _hypotheses(self) -> Known:
        known = Known(self.level, self.bias, arbitrary=self.arbitrary, conditions=self.conditions)
        for each in self.given:
            known.learn(each)
        return known

    def _follow(self, implication: Implication, hypotheses: Known, reached: dict[str, Known]) -> None:
        """Derive the target; what was derived from the same source before is still known."""
        source, target = implication.source, implication.target
        if source not in reached:
            reached[source] = hypotheses.copy()
            for each in self.conditions[source]:
                reached[source].learn(each)
        known = reached[source]
        try:
            take(implication.steps, known)
        except NotProved as error:
            raise NotProved(f"{source or 'hypotheses'} ⇒ {target}: {error}") from None
        for each in self.conditions[target]:
            if not known.has(each.relation):
                raise NotProved(f"{source or 'hypotheses'} ⇒ {target}: its steps do not reach {each.name}")
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

    def check(self, given: Property, known: Known) -> None:
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
        one_of(given.relation, [each.relation for each in self.theorem.conditions[self.target]])

    @property
    def words(self) -> str:
        return f"{self.name}, {self.source} ⇒ {self.target}"


@cache
def _composed(theorem: Theorem) -> None:
    theorem.prove()


def _lemmas(steps: Sequence[Step] | Iterator[Step]) -> Iterator[Statement]:
    for step in steps:
        if isinstance(step.by, Lemma):
            yield step.by.statement
        elif isinstance(step.by, Cited):
            yield from step.by.theorem.lemmas
        elif isinstance(step.by, Cases):
            yield from _lemmas((*step.by.fixed, *step.by.free))


def lint_theorem(theorem: Documented) -> list[str]:
    """What is missing from a theorem's file, as lines for its author; empty if nothing is."""
    complaints = []
    if not theorem.title.endswith("."):
        complaints.append("the docstring's first line must be the theorem in words, ending with a full stop")
    needed = ("Boundary", "Reference")
    return complaints + [f"the docstring has no `{name}:` line" for name in needed if not theorem.section(name)]


def discover_theorems() -> list[Documented]:
    """All theorems of the package, ordered by id; the lemmas of each carry their ids."""
    import theory.theorems

    names = [info.name for info in pkgutil.iter_modules(theory.theorems.__path__, "theory.theorems.")]
    modules = [importlib.import_module(name) for name in names]
    found = [
        replace(
            module.theorem,
            id=id_of(Path(str(module.__file__)).stem),
            document=module.__doc__ or "",
            path=Path(str(module.__file__)),
        )
        for module in modules
        if isinstance(getattr(module, "theorem", None), Documented)
    ]
    return sorted(found, key=lambda theorem: int(theorem.id[1:]))
