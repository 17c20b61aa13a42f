"""The application that commands belong to, and how errors are told.

Exit status: 0 the evidence agrees with every statement; 1 it does not; 2 bad usage or input, with one line on stderr;
130 interrupted.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from checks.errors import BadInput

UsageError = typer.BadParameter.__base__


class OneLineErrors(TyperGroup):
    """Commands whose errors are one line on stderr."""

    def main(self, *args: Any, **options: Any) -> Any:
        try:
            status = super().main(*args, **(options | {"standalone_mode": False}))
        except UsageError as error:  # type: ignore[misc]
            status = complain(f"{error.format_message()} (see saelaws --help)")
        sys.exit(status or 0)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (BadInput, MemoryError) as error:
            raise typer.Exit(complain(str(error) or "out of memory")) from None
        except KeyboardInterrupt as interrupt:
            raise typer.Exit(complain(str(interrupt) or "interrupted", 130)) from None


def complain(message: str, status: int = 2) -> int:
    print(f"saelaws: {' '.join(message.split())}", file=sys.stderr)
    return status


def unwrapped(text: str) -> str:
    """A docstring with each paragraph in one line."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


app = typer.Typer(
    cls=OneLineErrors,
    help="Executable theory of sparse autoencoders: what must hold, its proofs, and the evidence.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def _saelaws(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        from checks.report.provenance import DISTRIBUTION, installed

        print(f"saelaws {installed(DISTRIBUTION) or '(not installed)'}")
    elif context.invoked_subcommand is None:
        print(context.get_help())
