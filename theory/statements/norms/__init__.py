"""Atoms of free norm, with a penalty that is weighted by it."""
