"""What the findings amount to, in marks and in words: shared by the terminal, the JSON and the page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sympy import Basic, IndexedBase, Symbol
from sympy.core.relational import Relational

from checks.judging.findings import Evidence, Finding
from checks.judging.subjects import SUBJECTS, Subject
from checks.judging.verdict import Verdict
from theory.derive import BY_CONSTRUCTION, Premise, conditions
from theory.printing import text
from theory.problem import (
    FAMILY,
    L1,
    C,
    D_dot,
    Objective,
    Q,
    W,
    alpha,
    amount,
    b_dot,
    lam2,
    mu2,
    omega,
    r2,
    rise,
    room,
    s,
    sigma,
    source,
    u,
    v,
    w,
    x2,
    xhat2,
    y,
    z2,
    z_dot,
)
from theory.statement import Level, Statement, Status
from theory.theorem import Documented

# What a proof needs of a solution, in words.
NEEDS: Mapping[str, str] = {
    "code": "optimal codes",
    "comp": "optimal codes",
    "act": "optimal codes",
    "scale": "codes stationary in scale",
    "enc_b": "a stationary encoder",
    "enc_w": "a stationary encoder",
    "atom": "a stationary dictionary",
    "unit": "unit-norm atoms",
    "bias": "a free, stationary bias",
    "tied": "a free, stationary bias",
    "drop": "codes that no other unit betters",
    "add": "codes that no other unit betters",
    "swap": "codes that no other unit betters",
    "trade": "codes that no other unit betters",
}

# What a claim is made for every value of, by the symbols that say so, with what its values satisfy.
FOR_EVERY: Mapping[tuple[IndexedBase | Symbol, ...], str] = {
    (u,): "vector u",
    (v,): "choice of numbers v",
    (s,): "s > 0",
    (y,): "y ≥ 0",
    (w, room): "w with ‖w‖ ≤ 1, one for each sample",
    (x2, r2, xhat2, z2, mu2, lam2): "pair of samples, the second one's quantities being primed",
    (D_dot,): "motion Ḋ of the atoms with d_j·ḋ_j = 0",
    (b_dot,): "motion ḃ of the bias",
    (z_dot,): "motion ż of the codes that keeps silent units silent",
    (W,): "choice of encoder weights W",
    (C,): "C for which D(1 + C) keeps the norms of atoms to first order",
    (Q,): "Q with QᵀQ = 1",
    (alpha,): "α with x − b = Dα",
    (source, amount): "choice of sources and amounts that make up x − b",
    (sigma,): "choice of signs σ",
    (omega,): "ω ≥ 0",
    (rise,): "ρ ≥ 0 with ρ_l = −(Cz)_l where unit l is silent",
}

SYMBOLS = {Verdict.CONFIRMED: "✔", Verdict.FALSIFIED: "✘", Verdict.VACUOUS: "–", Verdict.INCONCLUSIVE: "?"}
WORDS = {
    Verdict.CONFIRMED: "holds",
    Verdict.FALSIFIED: "fails",
    Verdict.VACUOUS: "vacuous",
    Verdict.INCONCLUSIVE: "inconclusive",
}
SURPRISE = "!"
LEGEND = (*(f"{SYMBOLS[verdict]} {word}" for verdict, word in WORDS.items()), f"{SURPRISE} not as expected")


def mark(finding: Finding | None) -> str:
    """A symbol for a verdict; with ! if it is not the expected one, or if a control was not caught."""
    if finding is None:
        return ""
    return SYMBOLS[finding.verdict] + ("" if finding.as_expected else SURPRISE)


def described(finding: Finding) -> str:
    """A verdict in words: "fails, as expected"."""
    word = WORDS[finding.verdict]
    if finding.verdict is Verdict.VACUOUS:
        return word
    if not (finding.decides or finding.verdict is finding.expected):
        return f"{word}, not promised"
    if finding.as_expected:
        return f"{word}, as expected" if _is_foretold(finding) else f"{word}, where nothing promises it"
    return f"{word}, not as expected" if not finding.verdict_as_expected else f"{word}, but a control was not caught"


def headline(evidence: Evidence) -> str:
    """The verdict on everything, in one line."""
    statements = _counted(len(evidence.statements), "statement")
    if evidence.agrees:
        return f"The evidence agrees with {'all ' if len(evidence.statements) > 1 else ''}{statements}"
    return f"The evidence does not agree: {_counted(len(evidence.complaints), 'complaint')} about {statements}"


def tally(evidence: Evidence) -> str:
    """How many verdicts of each kind, in one line."""
    verdicts = Counter(finding.verdict for finding in evidence.findings)
    counted = ", ".join(f"{verdicts[verdict]} {verdict.value.lower()}" for verdict in Verdict if verdicts[verdict])
    caught, controls = controls_caught(evidence)
    return (
        f"{_counted(len(evidence.findings), 'verdict')}: {counted}. {caught} of {_counted(controls, 'control')} caught."
    )


def controls_caught(evidence: Evidence) -> tuple[int, int]:
    """How many controls failed, as they must wherever their statement holds, and how many there were."""
    held = [finding for finding in evidence.findings if finding.verdict is Verdict.CONFIRMED]
    verdicts = [verdict for finding in held for verdict in finding.judgement.controls.values()]
    return sum(verdict is Verdict.FALSIFIED for verdict in verdicts), len(verdicts)


def tightest(evidence: Evidence) -> str:
    """How close inequalities come to equality at exact solutions, in one line; empty if none was judged."""
    best: dict[str, float] = {}
    for finding in evidence.findings:
        ratio = finding.judgement.tightness
        if ratio is not None and finding.verdict is Verdict.CONFIRMED:
            best[finding.statement.id] = max(ratio, best.get(finding.statement.id, 0.0))
    listed = ", ".join(f"{identifier} {ratio:.4f}" for identifier, ratio in best.items())
    return f"Inequalities come this close to equality (1 is attained): {listed}." if listed else ""


# --- the theory in words ---------------------------------------------------------------------------------------------


class Outcome(NamedTuple):
    """What happened to a statement, as the end of a sentence about one or several."""

    rank: int
    singular: str
    plural: str
    tail: str = ""


SURPRISING = 3


def in_words(evidence: Evidence) -> dict[str, str]:
    """For each subject, which statements hold on it, which fail as their proofs say, and what is not as expected."""
    return {subject: " ".join(_sentences(evidence, subject)) for subject in evidence.subjects}


def _sentences(evidence: Evidence, subject: str) -> Iterable[str]:
    groups: dict[Outcome, dict[str, list[str]]] = {}
    judged: dict[str, list[str]] = {}
    for finding in evidence.findings:
        if finding.subject == subject:
            judged.setdefault(finding.statement.id, []).append(finding.data)
            groups.setdefault(_outcome(finding), {}).setdefault(finding.statement.id, []).append(finding.data)
    for outcome, members in sorted(groups.items()):
        names = [name if data == judged[name] else f"{name} ({', '.join(data)})" for name, data in members.items()]
        verb = outcome.singular if len(names) == 1 else outcome.plural
        prefix = "Not as expected: " if outcome.rank == SURPRISING else ""
        yield f"{prefix}{_listed(names)} {verb}{outcome.tail}."


def _outcome(finding: Finding) -> Outcome:
    match finding.verdict:
        case Verdict.CONFIRMED if finding.verdict_as_expected and not finding.as_expected:
            return Outcome(SURPRISING, "holds", "hold", ", but a control was not caught")
        case Verdict.CONFIRMED:
            return Outcome(0 if finding.as_expected else SURPRISING, "holds", "hold")
        case Verdict.FALSIFIED:
            foretold = f", as expected {_why(finding)}" if _is_foretold(finding) else ", where nothing promises it"
            tail = foretold if finding.as_expected else ""
            return Outcome(1 if finding.as_expected else SURPRISING, "fails", "fail", tail)
        case Verdict.VACUOUS:
            return Outcome(2, "is vacuous", "are vacuous")
        case _ if not finding.decides:
            return Outcome(2, "is inconclusive", "are inconclusive", ", not promised")
        case _:
            return Outcome(SURPRISING, "is inconclusive", "are inconclusive")


def _is_foretold(finding: Finding) -> bool:
    """Whether anything says what a statement does here; of an open claim, nothing says where it fails."""
    return finding.expected is not None or finding.statement.status is not Status.OPEN


def _why(finding: Finding) -> str:
    """Why a statement was expected to fail where it did."""
    if finding.statement.status is Status.REFUTED:
        return "of a refuted claim"
    promised = next((each.premises for each in all_subjects() if each.name == finding.subject), frozenset())
    # A subject breaks a promise only where there is no free bias to be stationary.
    return f"without {needs(finding.statement.premises - promised or {'bias'})}"


def all_subjects() -> list[Subject]:
    return [subject for kind in SUBJECTS.values() for subject in kind]


def needs(premises: Collection[str]) -> str:
    """Conditions in words: "optimal codes and unit-norm atoms"."""
    known = [name for name in NEEDS if name in premises]
    others = sorted(name for name in premises if name not in NEEDS)
    return _listed(list(dict.fromkeys(NEEDS.get(name, name) for name in (*known, *others))))


def used_in_proof(statement: Statement) -> list[tuple[Premise, str]]:
    """The residuals that occur in a proof, each with what makes it vanish, in words."""
    own = conditions(statement.about or FAMILY).values()
    used = [premise for premise in own if any(proof.has(premise.symbol) for proof in statement.proofs)]
    return [(premise, _why_it_vanishes(premise.name)) for premise in used]


def hypotheses(statement: Statement) -> list[str]:
    """All that a claim takes for granted, in words: of what points it is made, where, and for every value of what."""
    about = statement.about.name if statement.about else "any penalty, as far as its conditions read alike"
    if statement.proofs:
        optimality = needs(statement.premises) or "none: any codes and atoms"
    else:
        bias = "a free bias or a fixed one" if statement.fixed_bias else "a free bias"
        optimality = (
            f"a {statement.level}, with {bias}" if statement.level > Level.STATIONARY else f"stationary, with {bias}"
        )
    lines = [f"objective: {about}", f"optimality: {optimality}"]
    lines += [f"given: {text(condition)}" for condition in statement.given]
    return lines + for_every(statement.claims)


def for_every(relations: Iterable[Relational], besides: Collection[Basic] = ()) -> list[str]:
    """What relations are meant for every value of, in words, besides symbols that are said to be something else."""
    parts = set().union(*(relation.atoms(IndexedBase, Symbol) for relation in relations)) - set(besides)
    return [f"for every {words}" for symbols, words in FOR_EVERY.items() if parts & set(symbols)]


def _why_it_vanishes(name: str) -> str:
    return "by construction" if name in BY_CONSTRUCTION else needs({name.removesuffix("2")})


def objective(statement: Statement) -> Objective:
    """The penalty that a statement's claim is also shown for: its own if it is about one, else L1."""
    return statement.about or L1


def explanation(statement: Statement | Documented) -> str:
    """The docstring between the title and `Boundary:`, which states the claim in mathematics and words."""
    rest = statement.document.strip().removeprefix(statement.title)
    return " ".join(re.split(r"^(?:Boundary|Reference):", rest, maxsplit=1, flags=re.MULTILINE)[0].split())


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
