"""A second proof of each statement, by the kernel of the proof assistant Rocq."""
