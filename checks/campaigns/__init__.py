"""The judging commands, one file each."""
