"""The figure of a study: its panels as SVG, means over seeds with their range."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from checks.studies.common.figures import where
from checks.studies.common.study import Panel, Row, Value
from checks.studies.common.verdicts import Result

WIDTH, HEIGHT = 4.4, 3.6  # inches of a panel
BAR = 0.3  # inches of a group of bars
ZERO = 1e-9  # of the largest figure
FEW = 8
BELOW = 0.55  # inches from the axes to a legend
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "saelaws",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.markersize": 4,
}


def figure(result: Result) -> str:
    """An <svg> element on white, the same for the same rows."""
    panels = result.study.panels
    rows = [each for rows in result.rows.values() for each in rows]
    with matplotlib.rc_context(STYLE):
        most = max(len({row.get(panel.x) for row in rows} if _in_words(panel, rows) else ()) for panel in panels)
        height = max(HEIGHT, 1.2 + BAR * most)
        drawn = Figure(figsize=(WIDTH * len(panels), height), layout="constrained")
        FigureCanvasSVG(drawn)
        for axes, panel in zip(drawn.subplots(1, len(panels), squeeze=False)[0], panels):
            _draw(axes, height, panel, where(rows, **panel.where), joined=panel.x in result.study.keys)
        stream = io.StringIO()
        drawn.savefig(stream, format="svg", facecolor="white", metadata={"Date": None, "Creator": None})
    svg = stream.getvalue()
    return re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)


def _draw(axes: Axes, height: float, panel: Panel, rows: Sequence[Row], joined: bool) -> None:
    """height: of the figure, in inches; joined: whether points are, as where x was chosen rather than measured."""
    axes.set_title(panel.title or ", ".join(f"{name} = {value}" for name, value in panel.where.items()), loc="left")
    told = [
        (_label(panel, name, value), _points(chosen, panel.x, name))
        for value, chosen in _groups(rows, panel.by)
        for name in panel.y
    ]
    series = [(name, _visible(points, panel.log)) for name, points in told if points]
    axes.set_xscale("log" if "x" in panel.log else "linear")
    axes.set_yscale("log" if "y" in panel.log else "linear")
    measured = panel.y[0] if len(panel.y) == 1 else ""
    if _in_words(panel, rows):
        _bars(axes, series)
        axes.set_xlabel(measured)
    else:
        _lines(axes, series, joined)
        _mark(axes, panel, series)
        axes.set_xlabel(panel.x)
        axes.set_ylabel(measured)
    if len(series) > 1:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -BELOW / height), ncols=2, title=panel.by or None)


def _label(panel: Panel, name: str, value: Value) -> str:
    if not panel.by:
        return name
    told = f"{value:.3g}" if isinstance(value, float) else str(value)
    return told if len(panel.y) == 1 else f"{name}, {told}"


def _in_words(panel: Panel, rows: Sequence[Row]) -> bool:
    return any(isinstance(row.get(panel.x), str) for row in rows)


def _groups(rows: Sequence[Row], by: str) -> list[tuple[Value, list[Row]]]:
    if not by:
        return [("", list(rows))]
    values = list(dict.fromkeys(each[by] for each in rows if by in each))
    return [(value, where(rows, **{by: value})) for value in values]


def _points(rows: Sequence[Row], x: str, y: str) -> dict[Value, list[float]]:
    """Finite values of y at each x, over seeds."""
    found: dict[Value, list[float]] = {}
    for each in rows:
        if x in each and y in each and math.isfinite(float(each[y])):
            found.setdefault(each[x], []).append(float(each[y]))
    return found


def _visible(points: dict[Value, list[float]], log: str) -> dict[Value, list[float]]:
    """Without what is zero but for rounding, on a logarithmic axis."""
    if "y" not in log:
        return points
    least = ZERO * max(max(values) for values in points.values())
    kept = {x: [value for value in values if value > least] for x, values in points.items()}
    return {x: values for x, values in kept.items() if values}


def _mark(axes: Axes, panel: Panel, series: Sequence[tuple[str, dict[Value, list[float]]]]) -> None:
    """The values of x themselves on a logarithmic axis, if they are few."""
    at = sorted({float(x) for _, points in series for x in points})
    if "x" in panel.log and len(at) <= FEW:
        axes.set_xticks(at, [f"{x:g}" for x in at])
        axes.xaxis.set_minor_locator(NullLocator())


def _lines(axes: Axes, series: Sequence[tuple[str, dict[Value, list[float]]]], joined: bool) -> None:
    for name, points in series:
        x = sorted(points, key=float)
        at = [float(value) for value in x]
        (line,) = axes.plot(
            at, [np.mean(points[value]) for value in x], marker="o", linestyle="-" if joined else "", label=name
        )
        low, high = ([end(points[value]) for value in x] for end in (min, max))
        axes.fill_between(at, low, high, color=line.get_color(), alpha=0.2, linewidth=0)


def _bars(axes: Axes, series: Sequence[tuple[str, dict[Value, list[float]]]]) -> None:
    names = list(dict.fromkeys(str(value) for _, points in series for value in points))
    height = 0.8 / max(1, len(series))
    for place, (name, points) in enumerate(series):
        at = [names.index(str(value)) + (place - (len(series) - 1) / 2) * height for value in points]
        means = [float(np.mean(values)) for values in points.values()]
        ends = [
            [m - min(values) for m, values in zip(means, points.values())],
            [max(values) - m for m, values in zip(means, points.values())],
        ]
        axes.barh(at, means, height * 0.9, xerr=ends, label=name, error_kw={"linewidth": 1})
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
