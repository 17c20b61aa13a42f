"""Checkpoints that people have, one file per format."""
