"""The engine, broken in one place at a time: each fault must be noticed by a test. See `tests.mutants.catalogue`."""
