"""Violations against what is allowed, as SVG that takes its colours from the page."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from checks.judging.findings import Finding
from checks.judging.verdict import Verdict
from checks.report.summary import described, mark

# Stand-ins for colours of the page, which differ between its light and its dark appearance.
INK, MUTED, FAINT, HOLDS, FAILS, WRONG = (f"#0102{n:02x}" for n in range(6))
COLOURS = {
    INK: "currentColor",
    MUTED: "var(--muted)",
    FAINT: "var(--faint)",
    HOLDS: "var(--holds)",
    FAILS: "var(--fails)",
    WRONG: "var(--wrong)",
}
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "saelaws",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "xtick.color": MUTED,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": INK,
}
WIDTH, LEFT, RIGHT = 7.2, 1.3, 0.4  # inches: of the figure, of the labels, of the free edge
ROW, ABOVE, BELOW = 0.24, 0.34, 0.52  # inches: of one finding, of a panel's title and of its axis
LARGEST = 40  # power of ten that an axis reaches
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def violations(findings: Sequence[Finding]) -> str:
    """One panel for each kind of solution, with a row for each dataset."""
    panels = [list(rows) for _, rows in groupby(sorted(findings, key=_subject), key=_subject)]
    panels.sort(key=lambda rows: findings.index(rows[0]))
    heights = [ABOVE + ROW * len(rows) + BELOW for rows in panels]
    limits = _decades([figure for row in findings if not _is_normalised(row) for figure in _figures(row)])
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, sum(heights)))
        FigureCanvasSVG(figure)
        bottom = sum(heights)
        for rows, height in zip(panels, heights, strict=True):
            bottom -= height
            axes = figure.add_axes(_box(bottom + BELOW, ROW * len(rows), sum(heights)))
            if _is_normalised(rows[0]):
                _normalised(axes, rows)
            else:
                _certified(axes, rows, limits)
        return _inline(figure, _spoken(findings))


def _subject(finding: Finding) -> str:
    return finding.subject


def _is_normalised(finding: Finding) -> bool:
    return finding.judgement.interval is not None


def _figures(finding: Finding) -> tuple[float, float]:
    return finding.judgement.violation, finding.judgement.bound


def _box(bottom: float, height: float, total: float) -> tuple[float, float, float, float]:
    """Axes at a place in inches, as the fractions of the figure that matplotlib wants."""
    return LEFT / WIDTH, bottom / total, 1 - (LEFT + RIGHT) / WIDTH, height / total


def _certified(axes: Axes, rows: Sequence[Finding], limits: tuple[float, float]) -> None:
    """A dot for each violation and a bar for what its certificate allows: a dot on the left of its bar holds."""
    _prepare(axes, rows, limits, "violation (dot) and what is allowed (bar)")
    for place, row in enumerate(rows):
        _dot(axes, place, row)
        if _is_positive(row.judgement.bound):
            axes.plot(row.judgement.bound, place, marker="|", markersize=11, markeredgewidth=1.8, color=INK)


def _normalised(axes: Axes, rows: Sequence[Finding]) -> None:
    """A dot for each violation relative to the nearest control, its range, and lines at threshold and control."""
    ends = [end for row in rows for end in (row.judgement.interval or ())]
    threshold = rows[0].judgement.bound
    low, high = _decades([threshold / 30, 1.0, *ends, *(row.judgement.violation for row in rows)])
    _prepare(axes, rows, (low, high), "violation relative to the nearest control (dot), and its range")
    for value, label in ((threshold, f"threshold {threshold:g}"), (1.0, "nearest control")):
        axes.axvline(value, color=MUTED, linewidth=1, linestyle=(0, (3, 3)), zorder=0)
        axes.text(value, -0.65, label, ha="center", va="bottom", color=MUTED, fontsize=9)
    for place, row in enumerate(rows):
        left, right = (min(max(end, low), high) for end in row.judgement.interval or (low, low))
        axes.plot((left, right), (place, place), color=_colour(row), linewidth=2, solid_capstyle="butt")
        _dot(axes, place, row)


def _prepare(axes: Axes, rows: Sequence[Finding], limits: tuple[float, float], label: str) -> None:
    axes.set_xscale("log")
    axes.set_xlim(*limits)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [f"{row.data}  {mark(row)}" for row in rows])
    axes.set_xlabel(label, loc="left", color=MUTED)
    axes.annotate(rows[0].subject, (0, 1), (-72 * LEFT, 6), "axes fraction", "offset points", weight="bold")
    axes.xaxis.set_major_locator(LogLocator(numticks=9))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(_power_of_ten))
    axes.tick_params(axis="y", length=0, pad=8)
    axes.grid(axis="x", color=FAINT, linewidth=1)
    axes.set_axisbelow(True)
    axes.patch.set_visible(False)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)


def _dot(axes: Axes, place: int, row: Finding) -> None:
    """A violation; an arrow at the edge where it is zero or infinite, words where it is not a number."""
    value = row.judgement.violation
    low, high = axes.get_xlim()
    if math.isnan(value):
        axes.text(high, place, "not a number", ha="right", va="center", color=_colour(row), fontsize=9)
        return
    marker = "o" if low <= value <= high else "<" if value < low else ">"
    axes.plot(
        min(max(value, low), high), place, marker=marker, markersize=6, color=_colour(row), clip_on=False, zorder=3
    )


def _colour(finding: Finding) -> str:
    if not finding.as_expected:
        return WRONG
    return {Verdict.CONFIRMED: HOLDS, Verdict.FALSIFIED: FAILS}.get(finding.verdict, MUTED)


def _decades(figures: Sequence[float]) -> tuple[float, float]:
    """Whole powers of ten that enclose all positive finite figures of a sensible size."""
    exponents = [math.log10(figure) for figure in figures if _is_positive(figure)]
    sensible = [exponent for exponent in exponents if abs(exponent) <= LARGEST] or [0.0]
    low, high = math.floor(min(sensible)), math.ceil(max(sensible))
    return 10.0**low, 10.0 ** max(high, low + 1)


def _is_positive(figure: float) -> bool:
    return figure > 0 and math.isfinite(figure)


def _power_of_ten(value: float, _: object) -> str:
    exponent = round(math.log10(value))
    return {0: "1", -1: "0.1"}.get(exponent, "10" + str(exponent).translate(SUPERSCRIPTS))


def _spoken(findings: Sequence[Finding]) -> str:
    return "Violations: " + "; ".join(f"{row.subject}, {row.data}: {described(row)}" for row in findings)


def _inline(figure: Figure, label: str) -> str:
    """The bare <svg> element, in the page's font and colours."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'font: ([\d.]+px) [^;"]*', r"font: \1 var(--sans)", svg)
    for stand_in, colour in COLOURS.items():
        svg = svg.replace(stand_in, colour)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{_attribute(label)}" ', 1)


def _attribute(value: str) -> str:
    return value.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
