"""Findings as one self-contained HTML page: no scripts, no requests, light and dark."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from sympy import Basic, Eq

from checks.judging.findings import Evidence, Finding
from checks.judging.verdict import Verdict
from checks.report import plot
from checks.report.document import is_counterexample
from checks.report.summary import (
    LEGEND,
    described,
    explanation,
    headline,
    in_words,
    mark,
    objective,
    tally,
    used_in_proof,
)
from theory.inference import name_of
from theory.printing import mathml, specialised
from theory.statement import Statement
from theory.theorem import discover_theorems


def verification(evidence: Evidence, provenance: Mapping[str, Any], repro: Callable[[Finding], str]) -> str:
    """The page of `verify`."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals.update(
        mark=mark,
        described=described,
        sentence=_sentence,
        tone=_tone,
        figure=_figure,
        is_counterexample=is_counterexample,
        repro=repro,
    )
    return environment.get_template("page.html.j2").render(
        evidence=evidence,
        headline=headline(evidence),
        tally=tally(evidence),
        words=in_words(evidence),
        legend=LEGEND,
        sections=[_section(statement, evidence.of(statement), n) for n, statement in enumerate(evidence.statements)],
        theorems=_theorems(evidence.statements),
        provenance=_flattened(provenance),
    )


def _theorems(statements: Sequence[Statement]) -> list[dict[str, Any]]:
    """What the page says of the theorems that are composed of what it judges, or rest on no statement at all."""
    judged = {statement.id for statement in statements}
    found = ((theorem, [*map(name_of, theorem.lemmas)]) for theorem in discover_theorems())
    return [
        {"theorem": theorem, "explanation": explanation(theorem), "lemmas": [name for name in lemmas if name in judged]}
        for theorem, lemmas in found
        if judged & set(lemmas) or not lemmas
    ]


def _section(statement: Statement, findings: list[Finding], number: int) -> dict[str, Any]:
    """What the page says of one statement."""
    special = [specialised(relation, objective(statement)) for relation in statement.claims]
    return {
        "statement": statement,
        "findings": findings,
        "claims": [_formula(relation) for relation in statement.claims],
        "special": [_formula(relation) for relation in special] if special != list(statement.claims) else [],
        "penalty": objective(statement).name,
        "given": [_formula(condition, block=False) for condition in statement.given],
        "explanation": explanation(statement),
        "proofs": [
            ("left − right" if isinstance(claim, Eq) else "larger − smaller side", _formula(proof, block=False))
            for claim, proof in zip(statement.claims, statement.proofs, strict=False)
        ],
        "premises": _premises(statement),
        "controls": [
            (name, [_formula(control) for control in statement.control(name) if control not in statement.claims])
            for name in statement.controls
        ],
        "boundary": _sentence(statement.section("Boundary")),
        "reference": statement.section("Reference"),
        "plot": _distinct(plot.violations(findings), f"p{number}-"),
    }


def _premises(statement: Statement) -> list[tuple[Markup, Markup, str]]:
    """Each condition that the proof uses: its symbol, the residual that must vanish, and what it is."""
    return [
        (
            _formula(premise.symbol[premise.indices], block=False),
            _formula(premise.residual, block=False),
            words,
        )
        for premise, words in used_in_proof(statement)
    ]


def _formula(expr: Basic, *, block: bool = True) -> Markup:
    return Markup(mathml(expr, block=block))


def _distinct(svg: str, prefix: str) -> Markup:
    """Ids of an SVG made distinct from those of others on the page."""
    for before in (' id="', 'href="#', "url(#"):
        svg = svg.replace(before, before + prefix)
    return Markup(svg)


def _sentence(value: str) -> str:
    return value[:1].upper() + value[1:]


def _tone(finding: Finding) -> str:
    """The class of a verdict on the page."""
    if not finding.as_expected:
        return "wrong"
    return {Verdict.CONFIRMED: "holds", Verdict.FALSIFIED: "fails"}.get(finding.verdict, "muted")


def _figure(value: float) -> str:
    return f"{value:.2g}"


def _flattened(provenance: Mapping[str, Any]) -> dict[str, str]:
    """One line per fact; versions are facts of their own."""
    versions = {name: version or "not installed" for name, version in provenance["versions"].items()}
    others = {name: str(value) for name, value in provenance.items() if name != "versions" and value is not None}
    return versions | others
