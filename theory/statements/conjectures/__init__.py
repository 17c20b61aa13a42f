"""Conjectures without a proof or a counterexample."""
