"""What a targeted search found of one statement: on a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.text import Text

from checks.campaigns.falsify import Search, Sighting
from checks.report.catalogue import status_of
from checks.report.document import SCHEMA, Json, number
from theory.printing import specialised, text
from theory.statement import Statement, Status

Repro = Callable[[Sighting], str]  # the command that judges a case again


def repro(statement: Statement, folders: Sequence[Path], sighting: Sighting) -> str:
    """The command that judges one case; quoted so that it pastes into a shell as it stands."""
    options = "".join(f" --from {folder}" for folder in folders)
    return f'saelaws falsify {statement.id}{options} --case "{sighting.name}"'


def show(search: Search, again: Repro) -> None:
    """Print what was found; lines are not broken, so that a case and a command can be copied."""
    Console(highlight=False).print(search_page(search, again), soft_wrap=True)


def search_page(search: Search, again: Repro) -> RenderableType:
    """The counterexample with both sides, or how close it came."""
    statement = search.statement
    heading = Text.assemble((statement.id, "bold"), "  ", status_of(statement), "  ", statement.title)
    claims = [Text(f"    {text(specialised(relation))}") for relation in statement.claims]
    found = _falsified(search, again) if search.counterexample else _survived(search)
    style = "green" if search.agrees else "bold red"
    return Group(heading, *claims, Text(), *found, Text(), Text(conclusion(search), style=style))


def _falsified(search: Search, again: Repro) -> list[Text]:
    case = search.counterexample
    assert case is not None
    assert case.entry is not None
    entry, (n, d, k) = case.entry, case.size
    place = f" at {entry.where}" if entry.where else ""
    when = "" if search.found_in is None else f" in {search.found_in:.1f} s, shrunk until {search.seconds:.1f} s"
    return [
        Text(
            f"✘ falsified by certified instance {search.found_after or len(search.certified)}{when}: n={n} d={d} k={k}"
        ),
        Text(f"  {case.name}"),
        Text(f"  {text(specialised(entry.relation))} fails{place}: {entry.left:.9g} against {entry.right:.9g}"),
        Text(f"  violation {entry.violation:.2e}, bound {entry.bound:.2e}"),
        Text(f"  {again(case)}"),
    ]


def _survived(search: Search) -> list[Text]:
    seen = f"{search.judged} of {len(search.certified)} certified instances, {search.seconds:.0f} s"
    lines = [Text(f"✔ survives {seen}" if search.judged else f"– nothing to judge in {seen}")]
    if search.closest is not None and search.closest.entry is not None:
        entry, closeness = search.closest.entry, search.closest.closeness
        near = (
            f"violation {entry.violation:.1e} of {entry.bound:.1e} allowed"
            if closeness is None
            else f"the smaller side is {closeness:.9g} of the larger"
        )
        lines += [Text(f"  came closest with: {near}"), Text(f"  {search.closest.name}")]
    if search.uncertified:
        lines.append(Text(f"  {len(search.uncertified)} instances were not certified, and say nothing"))
    return lines


def conclusion(search: Search) -> str:
    """What the evidence says of the status, in one sentence."""
    broken, status = search.counterexample is not None, search.statement.status
    if not broken and not search.judged and status is not Status.REFUTED:
        return "The claim says nothing at any point that was drawn: that is no evidence."
    match status, broken:
        case Status.REFUTED, True:
            return "As its status REFUTED says."
        case Status.REFUTED, False:
            return "REFUTED, but this search found no counterexample."
        case Status.OPEN, True:
            return "OPEN, but falsified: set its status to REFUTED and keep the counterexample."
        case Status.PROVED, True:
            return "PROVED, but falsified: the proof, the engine or the point is wrong."
        case _:
            return f"As its status {status.value} says."


def search_json(search: Search, again: Repro, provenance: Json) -> Json:
    """The document of `falsify`."""
    statement = search.statement
    return {
        "schema": SCHEMA,
        "id": statement.id,
        "title": statement.title,
        "status": statement.status.value,
        "falsified": search.counterexample is not None,
        "counterexample": _sighting(search.counterexample, again),
        "closest": _sighting(search.closest, again),
        "certified": len(search.certified),
        "judged": search.judged,
        "uncertified": len(search.uncertified),
        "found_after": search.found_after,
        "found_in": search.found_in,
        "seconds": search.seconds,
        "interrupted": search.interrupted,
        "agrees": search.agrees,
        "in_words": conclusion(search),
        "provenance": provenance,
    }


def _sighting(sighting: Sighting | None, again: Repro) -> Json | None:
    if sighting is None or sighting.entry is None:
        return None
    entry = sighting.entry
    return {
        "case": sighting.name,
        "size": dict(zip(("n", "d", "k"), sighting.size, strict=True)),
        "relation": text(specialised(entry.relation)),
        "entry": entry.where,
        "left": number(entry.left),
        "right": number(entry.right),
        "violation": number(entry.violation),
        "bound": number(entry.bound),
        "closeness": None if sighting.closeness is None else number(sighting.closeness),
        "repro": again(sighting),
    }
