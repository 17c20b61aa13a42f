"""Claims → numbers, in one bounded pass over the samples."""
