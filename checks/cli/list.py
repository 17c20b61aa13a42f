"""`saelaws list`."""

from __future__ import annotations

from checks.cli.app import app
from checks.cli.chosen import all_statements
from checks.cli.options import From


@app.command("list")
def list_(folders: From = None) -> None:
    """List all statements: id, status, rank and title."""
    from checks.report.catalogue import printed, statements_table

    printed(statements_table(all_statements(folders)))
