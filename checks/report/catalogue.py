"""The list of statements: apart from the other reports, so that it needs nothing but the theory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from theory.statement import Statement, Status
from theory.theorem import Documented

if TYPE_CHECKING:
    from checks.data.real import Real

STATUS_STYLES = {Status.PROVED: "green", Status.OPEN: "yellow", Status.REFUTED: "red"}


def statements_table(statements: Sequence[Statement]) -> RenderableType:
    """id, status, rank and title of each statement."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("id", "status", "rank", "title"):
        table.add_column(column, no_wrap=column != "title")
    for statement in statements:
        table.add_row(statement.id, status_of(statement), rank_of(statement), Text(statement.title))
    return table


def theorems_table(theorems: Sequence[Documented]) -> RenderableType:
    """id, rank and title of each theorem."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("id", "rank", "title"):
        table.add_column(column, no_wrap=column != "title")
    for theorem in theorems:
        table.add_row(theorem.id, "theorem", Text(theorem.title))
    return table


def data_table(known: Iterable[Real]) -> RenderableType:
    """Name, number of samples and description of all real data."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("name", "samples", "what"):
        table.add_column(column, no_wrap=column != "what", justify="right" if column == "samples" else "left")
    for each in known:
        table.add_row(each.name, f"{each.usual:,}", Text(each.description))
    return table


def status_of(statement: Statement) -> Text:
    """The status, in its colour."""
    return Text(statement.status.value, style=STATUS_STYLES[statement.status])


def rank_of(statement: Statement) -> str:
    """Law, corollary or lemma; empty if nobody has said."""
    return statement.rank.value if statement.rank else ""


def printed(renderable: RenderableType) -> None:
    """Print on standard output, wrapped to the terminal or to 80 columns."""
    Console(highlight=False).print(renderable)
