"""Tests, in the order of what they test. A package of its own, because some distributions install one of this name."""
