"""From numbers to verdicts, at exact optima and at trained SAEs."""
