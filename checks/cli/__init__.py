"""The command line: one file per command, found by scanning.

Nothing heavy is imported by any of them: each command imports what it runs when it runs.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import iter_modules

from checks.cli.app import app

for _found in iter_modules(__path__):
    if not _found.name.startswith("_"):
        import_module(f"{__name__}.{_found.name}")


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without Unicode shows ?
    app(prog_name="saelaws")
