"""The page: well formed, self-contained and complete."""

import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest

from checks.judging.subjects import TRAINED
from checks.judging.verdict import Verdict
from checks.report import page, plot
from checks.report.document import command
from checks.report.provenance import provenance
from theory.inference import name_of
from theory.theorem import discover_theorems

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Tags(HTMLParser):
    """Collects attributes and complains about tags that do not match."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data):
        self.text.append(data)


def made(evidence):
    return page.verification(evidence, provenance(seed=7, device="cpu"), command)


def parsed(html):
    tags = Tags()
    tags.feed(html)
    tags.close()
    assert tags.open == []
    return tags


@pytest.fixture(scope="module")
def html(agreeing):
    return made(agreeing)


def test_well_formed(html, disagreeing):
    parsed(html)
    parsed(made(disagreeing))


def test_self_contained(html):
    attributes = parsed(html).attributes
    assert not [tag for tag, _, _ in attributes if tag in ("script", "iframe", "object", "embed", "img")]
    targets = [
        value for _, name, value in attributes if name in ("src", "href", "xlink:href", "srcset", "data", "action")
    ]
    assert targets
    assert all(target.startswith(("#", "data:")) for target in targets)
    assert not re.search(r"@import|url\((?!#)", html)


def test_ids_are_distinct_and_links_lead_somewhere(html):
    attributes = parsed(html).attributes
    ids = [value for _, name, value in attributes if name == "id"]
    assert len(ids) == len(set(ids))
    links = [value[1:] for _, name, value in attributes if name in ("href", "xlink:href") and value.startswith("#")]
    assert set(links) <= set(ids)


def test_verdict_comes_first(html, disagreeing):
    assert re.search(r"<h1[^>]*>✔ The evidence agrees with all 6 statements\.</h1>", html)
    shown = made(disagreeing)
    assert re.search(r"<h1[^>]*>✘ The evidence does not agree", shown)
    assert shown.index("<h1") < shown.index(disagreeing.complaints[0]) < shown.index("<table")


def test_verdicts_are_read_out_and_not_by_colour_alone(html, agreeing):
    text = " ".join(parsed(html).text)
    assert text.count("fails, as expected") >= sum(f.verdict is Verdict.FALSIFIED for f in agreeing.findings)
    assert 'scope="row"' in html
    assert 'scope="colgroup"' in html
    assert "<caption" in html


def test_every_statement_has_its_section(html, agreeing):
    for statement in agreeing.statements:
        section = html.split(f'<section id="{statement.id}">')[1].split("</section>")[0]
        assert statement.title in section
        assert "<math" in section
        assert "<svg" in section
        assert "Boundary" in section
        assert "arXiv" in section


def test_formulas_and_plots_are_xml(html):
    for pattern in (r"<math.*?</math>", r"<svg.*?</svg>"):
        found = re.findall(pattern, html, flags=re.DOTALL)
        assert len(found) >= 6
        for part in found:
            ElementTree.fromstring(part)


def test_light_and_dark(html):
    assert "prefers-color-scheme: dark" in html
    assert "#0102" not in html  # the stand-ins of the plot are replaced
    assert "var(--holds)" in html


def test_counterexample_has_its_command(disagreeing):
    shown = made(disagreeing)
    assert "<code>saelaws verify A1 --on solver --data planted --seed 7</code>" in shown


def test_names_are_escaped(statements, make, evidence_of):
    shown = made(evidence_of([make(statements["A1"], TRAINED, "<b>&data")]))
    parsed(shown)
    assert "<b>&data" not in shown
    assert "&lt;b&gt;&amp;data" in shown


def test_plot_survives_zero_and_infinite_figures(statements, make):
    figures = [(0.0, 0.0), (float("inf"), 1e-12), (float("nan"), float("nan")), (1e-300, 1e300)]
    found = [
        make(statements["A1"], data=str(n), violation=violation, bound=bound)
        for n, (violation, bound) in enumerate(figures)
    ]
    svg = plot.violations(found)
    ElementTree.fromstring(svg)
    assert "not a number" in svg


def test_plot_of_a_normalised_violation_shows_threshold_and_control(statements, make):
    svg = plot.violations([make(statements["A1"], TRAINED, "digits")])
    assert "threshold 0.1" in svg
    assert "nearest control" in svg


def test_same_findings_give_the_same_plot(statements, make):
    found = [make(statements["A1"])]
    assert plot.violations(found) == plot.violations(found)


def test_every_theorem_that_rests_on_what_is_judged_or_on_nothing_is_there(html):
    judged = {"A1", "A3", "A5", "B1", "C1", "R1"}
    found = {theorem.id: {*map(name_of, theorem.lemmas)} for theorem in discover_theorems()}
    due = {name for name, lemmas in found.items() if not lemmas or lemmas & judged}
    ids = {value for tag, name, value in parsed(html).attributes if (tag, name) == ("section", "id")}
    assert {"T1", "T9", "T10", "T11"} <= due
    assert ids & set(found) == due
    assert "It rests on no statement" in html
