"""`saelaws list`."""

from __future__ import annotations

from checks.cli.app import app
from checks.cli.chosen import all_statements, all_theorems
from checks.cli.options import From


@app.command("list")
def list_(folders: From = None) -> None:
    """List all statements, with id, status, rank and title, then the theorems that are composed of them."""
    from checks.report.catalogue import printed, statements_table, theorems_table

    printed(statements_table(all_statements(folders)))
    printed(theorems_table(all_theorems(folders)))
