"""The command line."""

from checks.cli.commands import app, main

__all__ = ["app", "main"]
