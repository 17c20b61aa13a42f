"""Splitting, absorption and what they cost."""
