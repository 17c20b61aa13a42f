"""What the commands print: readable at 80 columns, without colour, and when piped."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text
from sympy import IndexedBase
from sympy.core.relational import Eq, Relational

from checks.evaluation.kinds import kind_of
from checks.judging.findings import Evidence, Finding, expected
from checks.judging.subjects import BEST_CODES, Subject
from checks.judging.verdict import Verdict
from checks.report.catalogue import rank_of, status_of
from checks.report.document import Composition, Proof, is_counterexample
from checks.report.summary import (
    LEGEND,
    all_subjects,
    explanation,
    for_every,
    headline,
    hypotheses,
    in_words,
    mark,
    needs,
    objective,
    tally,
    tightest,
    used_in_proof,
)
from theory.inference import Property, Step, name_of
from theory.optimality import Level
from theory.printing import specialised, text
from theory.problem import Objective
from theory.statement import Statement, Status, reservation
from theory.theorem import Documented, Outlined, Theorem

if TYPE_CHECKING:
    from checks.campaigns.ablation import Ablation
    from checks.claims.rocq.run import Checked
    from checks.claims.smt import Attempt

CELL = 3  # characters of one verdict in the matrix
SHAPES_KEY = (
    "shapes: at how many small n×d×k a solver proves the claim without its certificate (at the others it takes too "
    "long), or where it finds a counterexample (✘)"
)


# --- show ------------------------------------------------------------------------------------------------------------


def statement_page(
    statement: Statement, needs: Sequence[Ablation] = (), penalty: Objective | None = None
) -> RenderableType:
    """All there is to know of one statement; what it needs only if that was searched for. penalty: to write it for."""
    sections: list[tuple[str, Iterable[RenderableType]]] = [
        ("Claim", _claims(statement, penalty or objective(statement))),
        ("", [_plain(explanation(statement))]),
        ("Hypotheses", [_plain(line) for line in hypotheses(statement)]),
        ("Proof", _proof(statement)),
        ("Expected", [_expected(statement)]),
        ("Judged", [_plain(_judged(statement))]),
        *([("Needed", [_needed(needs)])] if needs else []),
        ("Controls", [_controls(statement)]),
        ("Boundary", [_plain(statement.section("Boundary"))]),
        ("Reference", [_plain(statement.section("Reference"))]),
        ("File", [_plain(_shortened(statement.path))]),
    ]
    table = Table.grid(padding=(0, 2, 1, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for heading, parts in sections:
        table.add_row(heading, Group(*parts))
    rank = [" ", rank_of(statement)] if statement.rank else []
    title = Text.assemble((statement.id, "bold"), " · ", status_of(statement), *rank, " · ", statement.title)
    return Group(title, Text(), table)


def _claims(statement: Statement, penalty: Objective) -> Iterable[RenderableType]:
    yield from (_formula(relation) for relation in statement.claims)
    reasons = [reservation(statement, n, penalty) for n in range(len(statement.claims))]
    special = [specialised(relation, penalty) for relation in statement.claims]
    if special != list(statement.claims) or any(reasons):
        yield Text(f"for {penalty.name}:", style="dim")
        for relation, reason in zip(special, reasons, strict=True):
            yield Text(f"not claimed: {reason}", style="dim") if reason else _formula(relation)


def _proof(statement: Statement) -> Iterable[RenderableType]:
    if not statement.proofs:
        yield Text("none: the claim is expected of exact optima only")
        return
    for relation, certificate in zip(statement.claims, statement.proofs, strict=False):
        yield _plain(f"{_margin(relation)} = {text(certificate)}")
    yield Text("where these residuals vanish at a stationary point:", style="dim")
    table = Table.grid(padding=(0, 2, 0, 0))
    for premise, words in used_in_proof(statement):
        residual = text(premise.symbol[premise.indices])
        table.add_row(_plain(residual), _plain(f"= {text(premise.residual)}"), Text(words, style="dim"))
    yield table
    yield Text("elsewhere the claim fails by at most the sum of |multiplier| × |residual| (T8).", style="dim")


def _margin(relation: Relational) -> str:
    return "left − right" if isinstance(relation, Eq) else "larger − smaller side"


def _expected(statement: Statement) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    for subject in all_subjects():
        table.add_row(_plain(subject.name), _expectation(statement, subject))
    return table


def _judged(statement: Statement) -> str:
    """How the claim is judged in a pass over samples, and whether it says anything of amortised codes."""
    if not statement.proofs:
        return kind_of(statement).value
    codes = statement.premises & BEST_CODES
    return f"{kind_of(statement).value}; {'needs optimal codes' if codes else 'does not need optimal codes'}"


def _expectation(statement: Statement, subject: Subject) -> Text:
    if statement.status is Status.REFUTED:
        return Text("fails: refuted")
    if expected(statement, subject) is not Verdict.CONFIRMED:
        outcome = "fails" if expected(statement, subject) is Verdict.FALSIFIED else "may fail"
        return Text(f"{outcome}: it needs {needs(statement.premises - subject.premises)}")
    return Text("holds where the bias is free" if "bias" in statement.premises and statement.proofs else "holds")


def _needed(needs: Sequence[Ablation]) -> RenderableType:
    """Each assumption, dropped: whether the claim falls, and where."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for need in needs:
        table.add_row(_plain(need.assumption), need.verdict.value, Text(need.reason, style="dim"))
    return table


def _controls(statement: Statement) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    for name in statement.controls:
        differing = [
            control
            for control, claim in zip(statement.control(name), statement.claims, strict=False)
            if control != claim
        ]
        table.add_row(_plain(name), Group(*(_formula(control) for control in differing)))
    return table


def _formula(relation: Relational) -> Text:
    return _plain(text(relation))


def _shortened(path: Path | None) -> str:
    """A path relative to the working directory where it lies below it."""
    if path is None:
        return ""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def theorem_page(theorem: Documented) -> RenderableType:
    """A theorem as a paper states it: what it says, its hypotheses and conclusion, and its proof step by step."""
    lemmas = ", ".join(map(name_of, theorem.lemmas)) or "none"
    sections: list[tuple[str, Iterable[RenderableType]]] = [
        ("", [_plain(explanation(theorem))]),
        *_body(theorem),
        ("Lemmas", [_plain(lemmas)]),
        ("Boundary", [_plain(theorem.section("Boundary"))]),
        ("Reference", [_plain(theorem.section("Reference"))]),
        ("File", [_plain(_shortened(theorem.path))]),
    ]
    table = Table.grid(padding=(0, 2, 1, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for heading, parts in sections:
        table.add_row(heading, Group(*parts))
    return Group(Text.assemble((theorem.id, "bold"), " · theorem · ", theorem.title), Text(), table)


def _body(theorem: Documented) -> Iterable[tuple[str, Iterable[RenderableType]]]:
    """Hypotheses, conclusion and proof."""
    match theorem:
        case Theorem():
            yield from _composed(theorem)
        case Outlined():
            yield from ((heading, [_plain(line) for line in lines]) for heading, lines in theorem.outline())


def _composed(theorem: Theorem) -> Iterable[tuple[str, Iterable[RenderableType]]]:
    """The parts of a theorem that is composed of lemmas."""
    spoken = [each.relation for parts in (theorem.given, *theorem.conditions.values()) for each in parts]
    meant = map(_plain, for_every(spoken, {*theorem.exists, *theorem.defined, *theorem.arbitrary}))
    yield "Hypotheses", [_plain(_point(theorem)), *map(_property, (*theorem.given, *theorem.supposing)), *meant]
    yield "Conditions", [_condition(name, parts, theorem.exists) for name, parts in theorem.conditions.items()]
    yield "Conclusion", [_plain(line) for line in _concluded(theorem)]
    if theorem.common:
        yield "Proof", [_steps(theorem.common)]
    for each in theorem.implications:
        yield f"{each.source or 'hence'} ⇒ {each.target}", [_steps(each.steps)]


def _point(theorem: Theorem) -> str:
    """How good the point must be, and what of it the lemmas use."""
    either = "bias" in theorem.premises and len(theorem.bias) > 1
    used = needs(theorem.premises - ({"bias"} if either else set())) or "nothing"
    used += "; where the bias is free, that it is stationary" if either else ""
    if theorem.level is Level.STATIONARY:
        return f"of the point: {used}"
    return f"the point is a {theorem.level}; of it the lemmas use: {used}"


def _property(each: Property) -> Text:
    return Text.assemble((f"({each.name}) ", "dim"), text(each.relation))


def _condition(name: str, parts: Sequence[Property], exists: Sequence[IndexedBase]) -> RenderableType:
    """What a condition is called, and what it says: for some values of some symbols."""
    some = ", ".join(text(symbol.label) for symbol in exists if any(each.relation.has(symbol) for each in parts))
    table = Table.grid(padding=(0, 1, 0, 0))
    lines = [*([Text(f"for some {some}:")] if some else []), *map(_property, parts)]
    table.add_row(Text(f"{name}.", "bold"), Group(*lines))
    return table


def _concluded(theorem: Theorem) -> Iterable[str]:
    if theorem.equivalent:
        yield f"{', '.join(theorem.equivalent)} are equivalent"
    yield from (f"{name} holds" for name in theorem.concludes)
    yield from (f"{source} implies {target}" for source, target in theorem.implies)


def _steps(steps: Sequence[Step]) -> RenderableType:
    """Each property that is reached, and below it why."""
    parts: list[RenderableType] = []
    for step in steps:
        parts += map(_property, step.properties)
        parts.append(Padding(Text(step.by.words, style="dim"), (0, 0, 0, 2)))
    return Group(*parts)


# --- prove -----------------------------------------------------------------------------------------------------------


def proofs_table(results: Sequence[Proof]) -> RenderableType:
    """One row per attempted proof, then what is wrong, then one line for all."""
    asked = any(result.independent is not None for result in results)
    again_by_rocq = any(result.rocq is not None for result in results)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("id", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("certificate", no_wrap=True)
    table.add_column("time", justify="right", no_wrap=True)
    if asked:
        table.add_column("shapes", no_wrap=True)
        table.add_column("time", justify="right", no_wrap=True)
    if again_by_rocq:
        table.add_column("Rocq", no_wrap=True)
        table.add_column("time", justify="right", no_wrap=True)
    table.add_column("uses", overflow="fold")
    for result in results:
        used = _used(result.statement) if result.proved else ""
        again = _independent(result.independent or ()) if asked else ()
        certificate = (_certificate(result), f"{result.seconds:.2f} s")
        by_rocq = _by_rocq(result.rocq) if result.rocq else ()
        table.add_row(result.statement.id, status_of(result.statement), *certificate, *again, *by_rocq, used)
    failed = [result for result in results if result.failed]
    lines = [Text(f"✘ {result.statement.id}: {reason}", "red") for result in failed for reason in result.complaints]
    proved = sum(result.proved for result in results)
    verdict = f"{proved} of {len(results)} statements verified" + (f", {len(failed)} not in order." if failed else ".")
    unproved = ", ".join(result.statement.id for result in results if not result.proved)
    verdict += f" Not verified: {unproved}." if unproved else ""
    key = [Text(SHAPES_KEY, style="dim"), Text()] if asked else []
    key += [Text(_rocq_key(results), style="dim"), Text()] if again_by_rocq else []
    return Group(table, Text(), *key, *lines, Text(verdict, style="bold red" if failed else "bold"))


def compositions_table(results: Sequence[Composition]) -> RenderableType:
    """One row per theorem, then what is wrong, then one line for all."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    by_rocq = any(each.rocq is not None for each in results)
    for column in ("theorem", "steps", "time", *(("Rocq", "time") if by_rocq else ()), "lemmas"):
        table.add_column(column, no_wrap=column != "lemmas")
    for each in results:
        checked = Text("✘ fails", style="red") if each.failed else Text("✔ verified", style="green")
        lemmas = ", ".join(map(name_of, each.theorem.lemmas))
        again = _by_rocq(each.rocq) if each.rocq else ()
        table.add_row(each.theorem.id, checked, f"{each.seconds:.2f} s", *again, lemmas)
    failed = [each for each in results if each.failed]
    lines = [Text(f"✘ {each.theorem.id}: {reason}", "red") for each in failed for reason in each.complaints]
    verdict = f"{len(results) - len(failed)} of {len(results)} theorems verified."
    return Group(Text(), table, Text(), *lines, Text(verdict, style="bold red" if failed else "bold"))


def _used(statement: Statement) -> str:
    """What a proof rests on: the statements it cites and the conditions it uses."""
    if statement.counterexample is not None:
        return "a counterexample"
    return "; ".join((*statement.cites, needs(statement.premises) or "definitions alone"))


def _certificate(result: Proof) -> Text:
    if result.proved:
        return Text("✔ verified", style="green")
    return Text("✘ fails", style="red") if result.statement.proofs else Text("none")


def _independent(attempts: Sequence[Attempt]) -> tuple[Text, Text]:
    """At how many shapes the solver proves a claim, or the first at which it refutes it; and how long that took."""
    if not attempts:
        return Text("none", style="dim"), Text()
    refuted = [each for each in attempts if each.result == "sat"]
    proved = sum(each.result == "unsat" for each in attempts)
    found = f"✘ {'×'.join(map(str, refuted[0].shape))}" if refuted else f"{proved} of {len(attempts)}"
    return Text(found), Text(f"{sum(each.seconds for each in attempts):.2f} s")


def _by_rocq(found: Checked) -> tuple[Text, Text]:
    """Whether Rocq proves a statement, and how long that took."""
    if found.proved:
        return Text("✔ all n, d, k", style="green"), Text(f"{found.seconds:.1f} s")
    if found.refused:
        return Text("✘ refused", style="red"), Text(f"{found.seconds:.1f} s")
    return Text("none", style="dim"), Text()


def _rocq_key(results: Sequence[Proof]) -> str:
    """What Rocq was asked, what the theorems rest on, and why some were not written."""
    found = {result.statement.id: result.rocq for result in results if result.rocq}
    proved = [each for each in found.values() if each.proved]
    theorems = sum(each.theorems for each in proved)
    key = (
        f"Rocq: its kernel proves {len(proved)} of {len(found)} statements anew, as {theorems} theorems about all n, d "
        "and k over any ordered field, from their hypotheses alone: no axioms (Print Assumptions)"
    )
    reasons = [f"{name}: {each.reason}" for name, each in found.items() if not each.proved and not each.refused]
    return "; ".join([key, *(each for each in reasons if "no certificate" not in each)])


# --- verify ----------------------------------------------------------------------------------------------------------


def verification(evidence: Evidence, repro: Callable[[Finding], str]) -> RenderableType:
    """The matrix of verdicts, what they say, what is wrong with them, and one line for all."""
    parts: list[RenderableType] = [_matrix(evidence), _keys(evidence), Rule(style="dim")]
    for subject, words in in_words(evidence).items():
        parts += [Text.assemble((subject, "bold"), f": {words}"), Text()]
    for line in evidence.complaints:
        parts.append(Text(f"✘ {line}", style="red"))
    counterexamples = [finding for finding in evidence.findings if is_counterexample(finding)]
    for finding in counterexamples:
        lines = [*([f"at: {finding.instance}"] if finding.instance else []), f"repeat: {repro(finding)}"]
        parts += [Padding(Text(line, overflow="fold"), (0, 0, 0, 2)) for line in lines]
    parts += [Text()] if evidence.complaints else []
    if sharp := tightest(evidence):
        parts += [Text(sharp), Text("")]
    parts.append(Text(f"{headline(evidence)}.", style="bold green" if evidence.agrees else "bold red"))
    parts.append(Text(tally(evidence)))
    parts += [Text(note, style="dim") for note in evidence.notes]
    return Group(*parts)


def _matrix(evidence: Evidence) -> Table:
    """Statements down; subjects across, each with one narrow column per dataset, numbered as in the key."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False, show_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("statement", vertical="bottom")
    for subject in evidence.subjects:
        width = max(CELL * len(evidence.data_of(subject)), *(len(word) for word in subject.split()))
        header = Group(Text(textwrap.fill(subject, width)), _cells(_numbers(evidence, subject)))
        table.add_column(header, width=width, no_wrap=True, vertical="bottom")
    for statement in evidence.statements:
        cells = (_cells(_marks(evidence, statement, subject)) for subject in evidence.subjects)
        table.add_row(statement.id, _title(statement), *cells)
    return table


def _numbers(evidence: Evidence, subject: str) -> list[Text]:
    return [Text(str(evidence.data.index(name) + 1)) for name in evidence.data_of(subject)]


def _marks(evidence: Evidence, statement: Statement, subject: str) -> list[Text]:
    found = [evidence.cells.get((statement.id, subject, data)) for data in evidence.data_of(subject)]
    return [Text(mark(finding), style=_style(finding)) for finding in found]


def _cells(values: Sequence[Text]) -> Text:
    """Values at fixed places: a symbol, its ! if it has one, and a space."""
    for value in values:
        value.pad_right(max(0, CELL - len(value)))
    return Text("").join(values)


def _style(finding: Finding | None) -> str:
    if finding is None:
        return ""
    if not finding.as_expected:
        return "bold red"
    return {Verdict.CONFIRMED: "green", Verdict.FALSIFIED: "cyan"}.get(finding.verdict, "dim")


def _title(statement: Statement) -> Text:
    tag = "" if statement.status is Status.PROVED else f"[{statement.status.value.lower()}] "
    return Text(tag + statement.title, no_wrap=True, overflow="ellipsis")


def _keys(evidence: Evidence) -> Group:
    numbered = "   ".join(f"{number} {name}" for number, name in enumerate(evidence.data, 1))
    return Group(Text(f"data: {numbered}"), Text("   ".join(LEGEND), style="dim"))


def _plain(value: str) -> Text:
    """Text whose square brackets are not markup."""
    return Text(value)
