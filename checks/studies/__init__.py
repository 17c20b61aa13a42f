"""Predicted behaviours, one file each, found by scanning; what they share is in `common`."""
