"""Findings as a terminal table, as JSON and as a page."""
