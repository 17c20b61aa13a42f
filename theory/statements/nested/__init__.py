"""Dictionaries whose prefixes reconstruct too (Matryoshka)."""
