"""Codes of a fixed dictionary."""
