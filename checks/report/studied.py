"""Studies as a terminal table, JSON, a page of Markdown and figures; and read back, to go on where a run stopped.

A prediction that was falsified is a result, and comes first everywhere.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from checks.errors import BadInput
from checks.judging.verdict import Verdict
from checks.report.document import SCHEMA, Json, number
from checks.report.markdown import plain, row
from checks.studies.common.run import Cell, made_by
from checks.studies.common.study import Profile, Row, Study, Value
from checks.studies.common.verdicts import CONFIDENCE, Judged, Result, interval

FIRST = (Verdict.FALSIFIED, Verdict.VACUOUS, Verdict.INCONCLUSIVE, Verdict.CONFIRMED)
STYLES = {Verdict.CONFIRMED: "green", Verdict.FALSIFIED: "red", Verdict.INCONCLUSIVE: "yellow", Verdict.VACUOUS: "red"}
WORDS = {verdict: verdict.value.lower() for verdict in Verdict} | {Verdict.INCONCLUSIVE: "undecided"}


def in_order(results: Sequence[Result]) -> list[Result]:
    """What failed and what was falsified first."""
    return sorted(results, key=lambda each: (not each.complaints, FIRST.index(each.verdict)))


def _predictions(results: Sequence[Result]) -> list[tuple[Result, Judged]]:
    found = [(result, judged) for result in in_order(results) for judged in result.predictions]
    return sorted(found, key=lambda each: FIRST.index(each[1].verdict))


# --- figures in words ------------------------------------------------------------------------------------------------


def figure_in_words(judged: Judged) -> str:
    low, high = judged.interval
    if not math.isfinite(low):
        return f"{judged.mean:.4g} (no interval: {len(judged.values)} seed)"
    return f"{judged.mean:.4g} [{low:.4g}, {high:.4g}]"


def range_in_words(judged: Judged) -> str:
    """Where the figure was predicted to lie."""
    low, high = judged.prediction.above, judged.prediction.below
    if math.isfinite(low) and math.isfinite(high):
        return f"{low:.4g} to {high:.4g}"
    return f"≥ {low:.4g}" if math.isfinite(low) else f"≤ {high:.4g}"


def averaged(result: Result) -> list[dict[str, Value | tuple[float, float] | None]]:
    """Rows of equal keys, each figure as its mean over seeds and half of its interval; None where there is none."""
    study = result.study
    groups: dict[tuple[Value, ...], list[Row]] = {}
    for rows in result.rows.values():
        for each in rows:
            groups.setdefault(tuple(each[key] for key in study.keys), []).append(each)
    return [
        dict(zip(study.keys, keys))
        | {name: _mean([each[name] for each in rows if name in each]) for name in study.shown}
        for keys, rows in groups.items()
    ]


def _mean(values: Sequence[Value]) -> tuple[float, float] | None:
    if not values:
        return None
    low, high = interval([float(value) for value in values])
    return float(np.mean([float(value) for value in values])), (high - low) / 2


def _cell(value: Value | tuple[float, float] | None) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        mean, half = value
        return f"{mean:.4g}" if not math.isfinite(half) or half == 0 else f"{mean:.4g} ± {half:.1g}"
    return f"{value:g}" if isinstance(value, float) else str(value)


# --- terminal --------------------------------------------------------------------------------------------------------


def listed(studies: Sequence[Study]) -> RenderableType:
    """name, what the prediction follows from, and title of each study."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("study", "from", "predicts"):
        table.add_column(column, no_wrap=column == "study")
    for study in studies:
        table.add_row(study.name, study.theorem, Text(study.title))
    return table


def summary(results: Sequence[Result]) -> RenderableType:
    """Verdict, figure and range of each prediction."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("study", "verdict", "figure", "predicted", "prediction"):
        table.add_column(column, no_wrap=column in ("study", "verdict"))
    for result, judged in _predictions(results):
        verdict = Text(WORDS[judged.verdict], style=STYLES[judged.verdict])
        figures = figure_in_words(judged), range_in_words(judged)
        table.add_row(result.study.name, verdict, *figures, Text(judged.prediction.says))
    failed = [Text(f"✘ {each.study.name}: {line}", style="red") for each in results for line in each.complaints]
    return Group(table, "", headline(results), *failed)


def headline(results: Sequence[Result]) -> str:
    found = [judged.verdict for result in results for judged in result.predictions]
    told = ", ".join(f"{found.count(verdict)} {WORDS[verdict]}" for verdict in FIRST if verdict in found)
    return f"{_counted(len(results), 'study', 'studies')}, {_counted(len(found), 'prediction')}: {told}."


def _counted(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


# --- JSON ------------------------------------------------------------------------------------------------------------


def document(result: Result, profile: Profile, device: str, provenance: Json) -> Json:
    """One study, with every row of every seed. Figures that are not finite are null."""
    study = result.study
    return {
        "schema": SCHEMA,
        "study": study.name,
        "title": study.title,
        "theorem": study.theorem,
        "falsified_if": study.falsified_if,
        "control": study.control,
        "sample": study.sample,
        "profile": profile.value,
        "device": device,
        "made_by": made_by(study),
        "verdict": WORDS[result.verdict],
        "complaints": list(result.complaints),
        "confidence": CONFIDENCE,
        "predictions": [_judged(each) for each in result.predictions],
        "controls": [_judged(each) for each in result.controls],
        "seeds": {
            str(seed): {"seconds": result.seconds[seed], "rows": [_strict(each) for each in rows]}
            for seed, rows in result.rows.items()
        },
        "provenance": provenance,
    }


def _judged(judged: Judged) -> Json:
    return {
        "says": judged.prediction.says,
        "above": number(judged.prediction.above),
        "below": number(judged.prediction.below),
        "values": [number(value) for value in judged.values],
        "mean": number(judged.mean),
        "interval": [number(end) for end in judged.interval],
        "verdict": WORDS[judged.verdict],
    }


def _strict(row: Row) -> Json:
    return {name: number(value) if isinstance(value, float) else value for name, value in row.items()}


def known(file: Path, study: Study, profile: Profile, device: str) -> dict[tuple[str, int], Cell]:
    """What a document says of the seeds of a study, if it was made by this code at this size on this device.

    Raises BadInput if the file is no document of a study.
    """
    if not file.exists():
        return {}
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        made = (found["study"], found["profile"], found["device"], found["made_by"])
        cells = {
            int(seed): ([_read(each) for each in cell["rows"]], float(cell["seconds"]))
            for seed, cell in found["seeds"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise BadInput(f"{file}: not the document of a study") from None
    if made != (study.name, profile.value, device, made_by(study)):
        return {}
    return {(study.name, seed): cell for seed, cell in cells.items()}


def _read(row: Mapping[str, Any]) -> Row:
    return {name: math.nan if value is None else value for name, value in row.items()}


# --- a page ----------------------------------------------------------------------------------------------------------


def page(results: Sequence[Result], command: str, provenance: Json, profile: Profile = Profile.CI) -> str:
    """All studies as Markdown: verdicts, then each with its prediction, figure and table."""
    return "\n".join(_page(results, command, provenance, profile)) + "\n"


def _page(results: Sequence[Result], command: str, provenance: Json, profile: Profile) -> Iterator[str]:
    yield "# Studies"
    yield ""
    yield "Behaviours that were predicted, then measured. What was falsified comes first. Made by"
    yield ""
    yield f"    {command}"
    yield ""
    seconds = sum(second for result in results for second in result.seconds.values())
    yield (
        f"{headline(results)} Intervals are Student's at {CONFIDENCE:.0%} over seeds; a prediction is confirmed if all "
        f"of the interval lies where it was predicted, falsified if none of it does, and undecided else. The controls "
        f"are neighbouring predictions that the same rule must falsify. "
        + (f"{seconds / 60:.0f} minutes" if seconds >= 60 else f"{seconds:.0f} seconds")
        + " of processor time."
    )
    yield ""
    if profile is not Profile.CI:
        size = "a part of that" if profile is Profile.DEV else "more than that"
        yield f"Samples are those of the profile ci; this page was made with {profile.value}, {size}."
        yield ""
    yield row("study", "from", "verdict", "figure", "predicted", "prediction")
    yield row(*["---"] * 6)
    for result, judged in _predictions(results):
        yield row(
            f"[{result.study.name}](#{result.study.name})",
            plain(result.study.theorem),
            _mark(judged.verdict),
            plain(figure_in_words(judged)),
            plain(range_in_words(judged)),
            plain(judged.prediction.says),
        )
    for result in in_order(results):
        yield ""
        yield from _section(result)
    yield ""
    yield f"<sub>commit {provenance.get('commit') or 'unknown'}, {provenance.get('time')}</sub>"


def _section(result: Result) -> Iterator[str]:
    study = result.study
    yield f"## {study.name}"
    yield ""
    yield f"**{plain(study.title)}**"
    yield ""
    yield plain(study.text).replace("Reference:", "\n\nReference:")
    yield ""
    yield from (f"- ✘ {plain(line)}" for line in result.complaints)
    yield f"- predicted from: {plain(study.theorem)}"
    yield f"- falsified if: {plain(study.falsified_if)}"
    yield f"- control: {plain(study.control)}"
    yield f"- sample: {plain(study.sample)}; seeds {', '.join(map(str, result.rows))}"
    for judged in (*result.predictions, *result.controls):
        kind = "" if judged in result.predictions else "control, "
        told = f"{plain(figure_in_words(judged))}, predicted {plain(range_in_words(judged))}"
        yield f"- {kind}{_mark(judged.verdict)}: {plain(judged.prediction.says)} {told}."
    yield ""
    yield f"![{plain(study.title)}]({study.name}.svg)"
    yield ""
    yield "<details><summary>all figures: means over seeds ± half of the interval</summary>"
    yield ""
    table = averaged(result)
    shown = [name for name in study.shown if any(each[name] is not None for each in table)]
    yield row(*map(plain, (*study.keys, *shown)))
    yield row(*["---"] * (len(study.keys) + len(shown)))
    for each in table:
        yield row(*(plain(_cell(each[name])) for name in (*study.keys, *shown)))
    yield ""
    yield "</details>"


def _mark(verdict: Verdict) -> str:
    return {Verdict.CONFIRMED: "✔ ", Verdict.FALSIFIED: "✘ "}.get(verdict, "? ") + WORDS[verdict]
